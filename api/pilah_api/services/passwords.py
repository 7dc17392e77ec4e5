"""Passwords: how strong they must be, and how they are hashed (argon2id)."""

from __future__ import annotations

import functools
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pilah_data.errors import InputError

SHORTEST, LONGEST = 12, 256
_LEAST_DIFFERENT = 6
_COMMON = ("password", "sandi", "pilah", "qwerty", "123456", "rahasia", "indonesia")

# Each hash takes 64 MiB for a moment; a flood of sign-ins must not take all memory.
_at_once = threading.BoundedSemaphore(2)


def check_strength(password: str, login: str) -> None:
    """Refuse a password that is easily guessed. Raises InputError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"a password has {SHORTEST} to {LONGEST} characters; three or four unrelated words do well")
    low = password.casefold()
    rest = functools.reduce(lambda text, word: text.replace(word, ""), (*_COMMON, login.casefold()), low)
    if len(set(low)) < _LEAST_DIFFERENT or len(rest) < SHORTEST // 2:
        raise InputError("the password is easily guessed; take three or four unrelated words instead")


def hash_password(password: str) -> str:
    """Return the hash to store, with its salt and costs."""
    with _at_once:
        return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def check_password(stored: str | None, password: str) -> bool:
    """Return whether a password fits a stored hash; without one the answer is no, after the same work."""
    known = stored or _decoy()
    with _at_once:
        try:
            _hasher().verify(known, password[: LONGEST * 4].encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_weakly_hashed(stored: str) -> bool:
    """Return whether a hash was made with lower costs than today's."""
    return _hasher().check_needs_rehash(stored)


@functools.cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@functools.cache
def _decoy() -> str:
    return _hasher().hash("nobody's password")

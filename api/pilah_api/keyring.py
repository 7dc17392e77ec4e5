"""The keys of this installation: the secret that signs cookies, and the keys that encrypt identity fields at rest."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pilah_data.errors import PilahError

SECRET_FILE = "secret"  # noqa: S105 - the name of a file
DATA_KEY_FILE = "data.key"


class KeyringError(PilahError):
    """A key is missing, malformed or not the one that the data was encrypted with."""


class Keyring:
    """Encrypts, decrypts and seals; the first key writes, all of them read, so that keys can be replaced."""

    def __init__(self, keys: Sequence[bytes]):
        """Take Fernet keys, newest first. Raises KeyringError for a malformed one or none."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise KeyringError(
                "a data key is not 32 bytes in URL-safe base64; correct PILAH_DATA_KEYS or the file data.key"
            ) from None
        self._sealing = [hashlib.sha256(b"pilah audit seal\0" + key).digest() for key in keys]

    def encrypt(self, text: str) -> str:
        """Return the text encrypted and authenticated, as ASCII."""
        return self._fernet.encrypt(text.encode("utf-8")).decode("ascii")

    def decrypt(self, sealed: str) -> str:
        """Return the text again. Raises KeyringError if none of the keys fits or the value was altered."""
        try:
            return self._fernet.decrypt(sealed.encode("ascii")).decode("utf-8")
        except (InvalidToken, UnicodeError):
            raise KeyringError(
                "an encrypted field cannot be read: it was written with another data key, or altered; "
                "bring back the data.key (or PILAH_DATA_KEYS) that this database was used with"
            ) from None

    def renew(self, sealed: str) -> str:
        """Encrypt a value again with the newest key. Raises KeyringError as `decrypt` does."""
        self.decrypt(sealed)
        return self._fernet.rotate(sealed.encode("ascii")).decode("ascii")

    def seal(self, text: str) -> str:
        """Return a keyed checksum, which nobody without the key can make."""
        return _seal(self._sealing[0], text)

    def is_seal_of(self, seal: str, text: str) -> bool:
        """Return whether one of the keys made this seal for this text."""
        return any(hmac.compare_digest(_seal(key, text), seal) for key in self._sealing)


def parse_data_keys(text: str) -> list[bytes]:
    """Split a setting or file into keys: separated by commas or line ends, newest first."""
    return [part.strip().encode("ascii", "replace") for part in text.replace("\n", ",").split(",") if part.strip()]


def read_key_file(path: Path) -> str | None:
    """Return the content of a key file, or None if there is none.

    Raises KeyringError if it is empty or other users may read it.
    """
    try:
        content = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise KeyringError(
            f"{path} cannot be read ({type(error).__name__}); it must be a readable ASCII file"
        ) from None
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise KeyringError(f"{path} is open to other users of this machine; run: chmod 600 {path}")
    # An empty file is a lost key, not a missing one: a new key would make everything encrypted unreadable for good.
    if not content.strip():
        raise KeyringError(
            f"{path} is empty; bring its content back from where it is kept, or remove the file if it was never used"
        )
    return content.strip()


def make_key_file(path: Path, content: str) -> str:
    """Write a key file that only its owner can read, unless one is there; return what the file holds.

    Raises KeyringError if it cannot be read back.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            _put(name, path, content)
    finally:
        Path(name).unlink()
    held = read_key_file(path)
    if held is None:
        raise KeyringError(f"{path} was written and is gone again; see what removes files there, then start anew")
    return held


def _put(name: str, path: Path, content: str) -> None:
    """Give a finished file its name. Raises FileExistsError if another process was first."""
    try:
        # A link appears at once and whole.
        os.link(name, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links: there the file is made under its name, by one process alone.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())


def load_secret(home: Path, given: str | None) -> str:
    """Return the secret that signs cookies: the setting, or the file in the data folder, made on first use."""
    if given:
        return given
    path = home / SECRET_FILE
    return read_key_file(path) or make_key_file(path, secrets.token_urlsafe(48))


def load_data_keys(home: Path, given: str | None, *, may_make: bool) -> Keyring:
    """Return the data keys: the setting, or the file in the data folder; a new one only if `may_make`.

    Raises KeyringError if there is none and data was already encrypted with one.
    """
    path = home / DATA_KEY_FILE
    text = given or read_key_file(path)
    if not text:
        if not may_make:
            raise KeyringError(
                f"the database holds encrypted fields, but {path} is missing and PILAH_DATA_KEYS is not set; "
                "bring the key back from where it is kept"
            )
        text = make_key_file(path, Fernet.generate_key().decode("ascii"))
    return Keyring(parse_data_keys(text))


def _seal(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).hexdigest()

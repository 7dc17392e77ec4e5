"""Who may do what: one row per route; the gate enforces this table, and docs/permissions.md is rendered from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pilah_api.access import CASE_OFFICERS, OFFICERS, Caller, Role, Scope


class Door(StrEnum):
    """How a route stands open to callers without credentials."""

    PUBLIC = "public"
    """Answers anyone, everywhere."""
    LOCAL = "local"
    """Answers anyone on the machine itself, as long as no other machine reaches the server."""
    GUARDED = "guarded"
    """Answers nobody without credentials."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one route asks of its callers; `changes` is false for a POST that stores nothing.

    An `upload` may have a larger body, which the route itself takes apart and checks for the form token.
    `most_bytes` is how large a body may be where that differs from the settings.
    """

    method: str
    path: str
    door: Door
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    changes: bool = True
    upload: bool = False
    most_bytes: int | None = None

    def allows(self, caller: Caller, *, local: bool) -> bool:
        """Return whether a caller may; `local` says that the request comes from the machine itself."""
        if self.door is Door.PUBLIC or (self.door is Door.LOCAL and local):
            return True
        if caller.person is not None:
            return bool(self.roles & caller.person.roles)
        return caller.key is not None and bool(self.scopes & caller.key.scopes)


_ALL = frozenset(Role)
_ANY = frozenset(Scope)
_JUDGE = frozenset({Scope.JUDGE})
_ADMIN = frozenset({Role.ADMIN})
_WATCHED_WORK = OFFICERS | {Role.AUDITOR}
"""What officers do and an auditor looks at."""
_BATCHES = frozenset({Scope.BATCHES})
_OVERSIGHT = frozenset({Role.ADMIN, Role.AUDITOR})
_FIGURES = frozenset({Role.PENYELIA, Role.AUDITOR, Role.ADMIN})
_NO_KEY: frozenset[Scope] = frozenset()
_CASE_LEAD = frozenset({Role.PENYELIA})
_CASES = frozenset({Scope.CASES})
_EVIDENCE_BYTES = 33 * 1024 * 1024
"""One file of evidence (services/cases_evidence.py), and the fields of its form."""

RULES: tuple[Rule, ...] = (
    # Probes of an orchestrator, which has no key, and what the sign-in page needs.
    Rule("GET", "/livez", Door.PUBLIC, _ALL, _ANY),
    Rule("GET", "/readyz", Door.PUBLIC, _ALL, _ANY),
    Rule("GET", "/static/{path:path}", Door.PUBLIC, _ALL, _ANY),
    Rule("GET", "/masuk", Door.PUBLIC, _ALL, _ANY),
    Rule("POST", "/masuk", Door.PUBLIC, _ALL, _ANY, changes=False),
    Rule("GET", "/masuk/tautan", Door.PUBLIC, _ALL, _ANY),
    Rule("POST", "/masuk/tautan", Door.PUBLIC, _ALL, _ANY, changes=False),
    Rule("GET", "/masuk/oidc", Door.PUBLIC, _ALL, _ANY),
    Rule("GET", "/masuk/oidc/kembali", Door.PUBLIC, _ALL, _ANY),
    Rule("POST", "/v1/session", Door.PUBLIC, _ALL, _ANY, changes=False),
    # Judging stores nothing.
    Rule("POST", "/v1/classify", Door.LOCAL, _ALL, _JUDGE, changes=False),
    Rule("GET", "/v1/taxonomy", Door.LOCAL, _ALL, _ANY),
    Rule("GET", "/v1/model", Door.LOCAL, _ALL, _ANY),
    Rule("GET", "/", Door.LOCAL, _ALL, _JUDGE),
    Rule("POST", "/", Door.LOCAL, _ALL, _JUDGE, changes=False),
    Rule("GET", "/tempel", Door.LOCAL, _ALL, _JUDGE),
    Rule("POST", "/tempel", Door.LOCAL, _ALL, _JUDGE, changes=False),
    Rule("GET", "/cek", Door.LOCAL, _ALL, _JUDGE),
    Rule("POST", "/cek", Door.LOCAL, _ALL, _JUDGE, changes=False),
    Rule("GET", "/openapi.json", Door.LOCAL, _ALL, _ANY),
    Rule("GET", "/docs", Door.LOCAL, _ALL, _ANY),
    Rule("GET", "/problems", Door.LOCAL, _ALL, _ANY),
    Rule("GET", "/problems/{slug}", Door.LOCAL, _ALL, _ANY),
    # Counts for a monitoring system: no text, no person, no address.
    Rule("GET", "/metrics", Door.LOCAL, _OVERSIGHT, frozenset({Scope.STATS})),
    # Batches: who made one sees it; a penyelia sees all, an administrator how far all are (services/batches.py).
    Rule("POST", "/v1/batches", Door.GUARDED, OFFICERS, _BATCHES, upload=True),
    Rule("GET", "/v1/batches", Door.GUARDED, OFFICERS | _ADMIN, _BATCHES),
    Rule("GET", "/v1/batches/{batch_id}", Door.GUARDED, OFFICERS | _ADMIN, _BATCHES),
    Rule("DELETE", "/v1/batches/{batch_id}", Door.GUARDED, OFFICERS | _ADMIN, _BATCHES),
    Rule("GET", "/v1/batches/{batch_id}/events", Door.GUARDED, OFFICERS | _ADMIN, _BATCHES),
    Rule("GET", "/v1/batches/{batch_id}/results", Door.GUARDED, OFFICERS, _BATCHES),
    Rule("GET", "/v1/batches/{batch_id}/errors", Door.GUARDED, OFFICERS, _BATCHES),
    Rule("GET", "/berkas", Door.GUARDED, OFFICERS | _ADMIN),
    Rule("POST", "/berkas", Door.GUARDED, OFFICERS, upload=True),
    Rule("GET", "/berkas/{batch_id}/pilih", Door.GUARDED, OFFICERS),
    Rule("POST", "/berkas/{batch_id}/pilih", Door.GUARDED, OFFICERS),
    Rule("GET", "/berkas/{batch_id}", Door.GUARDED, OFFICERS | _ADMIN),
    Rule("GET", "/berkas/{batch_id}/masalah", Door.GUARDED, OFFICERS),
    Rule("POST", "/berkas/{batch_id}/batal", Door.GUARDED, OFFICERS | _ADMIN),
    Rule("POST", "/berkas/{batch_id}/antrean", Door.GUARDED, OFFICERS),
    # One's own session.
    Rule("GET", "/v1/session", Door.GUARDED, _ALL, _ANY),
    Rule("DELETE", "/v1/session", Door.GUARDED, _ALL, _NO_KEY),
    Rule("PUT", "/v1/session/password", Door.GUARDED, _ALL, _NO_KEY),
    Rule("POST", "/keluar", Door.GUARDED, _ALL, _NO_KEY),
    Rule("GET", "/sandi", Door.GUARDED, _ALL, _NO_KEY),
    Rule("POST", "/sandi", Door.GUARDED, _ALL, _NO_KEY),
    # People and programs; no key manages either.
    Rule("GET", "/v1/people", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/v1/people", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/v1/people/{person_id}", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("PATCH", "/v1/people/{person_id}", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("DELETE", "/v1/people/{person_id}", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("POST", "/v1/people/{person_id}/link", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/v1/keys", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/v1/keys", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("DELETE", "/v1/keys/{key_id}", Door.GUARDED, _ADMIN, _NO_KEY),
    # Counts without people in them.
    Rule("GET", "/ringkasan", Door.GUARDED, _FIGURES, frozenset({Scope.STATS})),
    Rule("GET", "/v1/stats", Door.GUARDED, _FIGURES, frozenset({Scope.STATS})),
    # The review queue: who reviews acts, an auditor reads, a program lists states; what each may see of a post is ruled below.
    Rule("GET", "/antrean", Door.GUARDED, _WATCHED_WORK, _NO_KEY),
    Rule("POST", "/antrean/kirim", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/ambil", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("GET", "/antrean/{post_id}", Door.GUARDED, _WATCHED_WORK, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/ambil", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/putuskan", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/draf", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/lepas", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/hubungan", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/urungkan", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/antrean/{post_id}/serupa", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("GET", "/v1/reviews", Door.GUARDED, _WATCHED_WORK, frozenset({Scope.REVIEWS})),
    Rule("POST", "/v1/reviews/next", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("GET", "/v1/reviews/{post_id}", Door.GUARDED, _WATCHED_WORK, frozenset({Scope.REVIEWS})),
    Rule("POST", "/v1/reviews/{post_id}/claim", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("DELETE", "/v1/reviews/{post_id}/claim", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/v1/reviews/{post_id}/decision", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("DELETE", "/v1/reviews/{post_id}/decision", Door.GUARDED, OFFICERS, _NO_KEY),
    # Cases: states for many, people concerned only for those who joined the case (services/cases.py); keys see no identity.
    Rule("GET", "/v1/cases", Door.GUARDED, _WATCHED_WORK, _CASES),
    Rule("POST", "/v1/cases", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("GET", "/v1/cases/sources", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("GET", "/v1/cases/{case_id}", Door.GUARDED, _WATCHED_WORK, _CASES),
    Rule("PATCH", "/v1/cases/{case_id}", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("POST", "/v1/cases/{case_id}/members", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/v1/cases/{case_id}/moves", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/v1/cases/{case_id}/erasure", Door.GUARDED, _CASE_LEAD, _NO_KEY),
    Rule("POST", "/v1/cases/{case_id}/evidence", Door.GUARDED, CASE_OFFICERS, _NO_KEY, most_bytes=_EVIDENCE_BYTES),
    Rule("GET", "/v1/cases/{case_id}/evidence/{evidence_id}", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/v1/cases/{case_id}/verification", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("GET", "/v1/cases/{case_id}/papers/{paper}", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("GET", "/kasus", Door.GUARDED, _WATCHED_WORK, _NO_KEY),
    Rule("GET", "/kasus/baru", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("POST", "/kasus/baru", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("GET", "/kasus/{case_id}", Door.GUARDED, _WATCHED_WORK, _NO_KEY),
    Rule("GET", "/kasus/{case_id}/isi/{section}", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("POST", "/kasus/{case_id}/isi/{section}", Door.GUARDED, CASE_OFFICERS, _NO_KEY),
    Rule("POST", "/kasus/{case_id}/ikut", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/kasus/{case_id}/langkah", Door.GUARDED, OFFICERS, _NO_KEY),
    Rule("POST", "/kasus/{case_id}/hapus", Door.GUARDED, _CASE_LEAD, _NO_KEY),
    Rule("POST", "/kasus/{case_id}/bukti", Door.GUARDED, CASE_OFFICERS, _NO_KEY, most_bytes=_EVIDENCE_BYTES),
    Rule("POST", "/kasus/{case_id}/verifikasi", Door.GUARDED, OFFICERS, _NO_KEY),
    # Looking after all of it: administrators change, auditors read.
    Rule("GET", "/kelola", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("GET", "/kelola/orang", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/orang", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/kelola/orang/{person_id}", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/orang/{person_id}", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/kelola/kunci", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/kunci", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("POST", "/kelola/kunci/{key_id}", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/kelola/ambang", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/ambang", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/kelola/model", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("GET", "/kelola/data", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("GET", "/kelola/data/gambar/{name}", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("GET", "/kelola/audit", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/audit/periksa", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/audit/ekspor", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("GET", "/kelola/retensi", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/retensi", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("GET", "/kelola/belajar", Door.GUARDED, _OVERSIGHT, _NO_KEY),
    Rule("POST", "/kelola/belajar/ekspor", Door.GUARDED, _ADMIN, _NO_KEY),
    Rule("POST", "/kelola/belajar/model", Door.GUARDED, _ADMIN, _NO_KEY),
    # The audit is read by those who watch, never changed by anyone.
    Rule("GET", "/v1/audit", Door.GUARDED, _OVERSIGHT, frozenset({Scope.AUDIT})),
    Rule("GET", "/v1/audit/verification", Door.GUARDED, _OVERSIGHT, frozenset({Scope.AUDIT})),
)


UNCOUNTED = ("/livez", "/readyz", "/metrics", "/static/")
"""Beginnings of addresses without a rate limit: cheap, and asked by machines at a steady rate or several times by one page."""


def find_rule(method: str, path: str) -> Rule | None:
    """Return the rule of a request, or None for an address that no route has; fixed paths go before patterns."""
    method = "GET" if method == "HEAD" else method
    fixed = _FIXED.get((method, path))
    if fixed is not None:
        return fixed
    return next((rule for rule, pattern in _PATTERNS if rule.method == method and pattern.fullmatch(path)), None)


def as_markdown() -> str:
    """Render the table as docs/permissions.md shows it."""
    roles, scopes = list(Role), list(Scope)
    head = ["route", "without credentials", *roles, *(f"key: {scope}" for scope in scopes)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for rule in RULES:
        marks = [_OPEN[rule.door]]
        marks += ["yes" if rule.door is Door.PUBLIC or role in rule.roles else "-" for role in roles]
        marks += ["yes" if rule.door is Door.PUBLIC or scope in rule.scopes else "-" for scope in scopes]
        lines.append("| " + " | ".join([f"`{rule.method} {rule.path}`", *marks]) + " |")
    return "\n".join(lines) + "\n"


_OPEN = {Door.PUBLIC: "yes", Door.LOCAL: "on this machine", Door.GUARDED: "-"}
_FIXED = {(rule.method, rule.path): rule for rule in RULES if "{" not in rule.path}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile(
        "".join((".*" if p.endswith(":path}") else "[^/]+") if p.startswith("{") else re.escape(p) for p in parts)
    )


_PATTERNS = [(rule, _pattern(rule.path)) for rule in RULES if "{" in rule.path]

"""Pastes and the posts they hold: shared by the tests of the service and of the page's live count."""

from __future__ import annotations

PASTES: list[tuple[str, str, list[str]]] = [
    ("", "auto", []),
    (" \n \n", "auto", []),
    ("satu", "auto", ["satu"]),
    ("satu\ndua\ntiga", "auto", ["satu", "dua", "tiga"]),
    ("satu\r\ndua\rtiga", "auto", ["satu", "dua", "tiga"]),
    ("satu\nlanjutan\n\ndua", "auto", ["satu\nlanjutan", "dua"]),
    ("satu\n \t\n\n\ndua\n", "auto", ["satu", "dua"]),
    ("\n\nsatu\n", "auto", ["satu"]),
    ("satu\n\ndua", "baris", ["satu", "dua"]),
    ("satu\nlanjutan\n\ndua", "baris", ["satu", "lanjutan", "dua"]),
    ("  satu\n\ndua ", "utuh", ["satu\n\ndua"]),
    ("", "utuh", []),
]

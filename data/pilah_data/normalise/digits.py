"""Tells a digit that hides a letter (c0blos, p1lih, 4nies) from a digit that counts or names (p3k, paslon1aja, h5n1)."""

from __future__ import annotations

import re

_LETTERS = str.maketrans("013457@$", "oieastas")
# Six, eight and nine hide letters too, but rarely: they are read so only where a known word comes out.
_MORE_LETTERS = str.maketrans("013457@$689", "oieastasgbg")

# Words that are read through any disguise, also one that begins with a digit or has two in a row (4nies, cobl0$).
_KNOWN = frozenset({
    "anies", "prabowo", "gibran", "ganjar", "mahfud", "muhaimin", "jokowi", "joko", "golkar", "gerindra", "nasdem", "demokrat", "hanura",
    "perindo", "pdip", "coblos", "nyoblos", "pilih", "menang", "dukung", "pemilu", "pilpres", "pilkada", "presiden", "partai", "indonesia",
    "orang", "anak", "bisa", "dari", "jadi", "kami", "kata", "kita", "mana", "pada", "saya",
})  # fmt: skip
_KNOWN_SHORT = frozenset({
    "ada", "aku", "asn", "asu", "bos", "dan", "dia", "gak", "gas", "ini", "itu", "kau", "mas", "mau", "oke", "pak", "pan", "psi", "tai",
    "tak", "tau",
})  # fmt: skip

# Domain words in which the digit is a digit, though they are long enough to be taken for a disguise.
_NAMED = re.compile(
    r"(?:p3k(?:pw|guru|nakes|teknis|paruhwaktu|penuhwaktu)?|mp[34]|[bk]3|[sd][1-4]|k3lh|c1|p3dn|p3md|p3ke|p4gn|p4tk|bp4[dk]|p3a|d?p3akb"
    r"|dp3a|b?p3mi|lp3i|lp3es|sp4n|tp4d)(?:nya|lah|kah|pun)?|c1(?:kwk|plano|hasil|ppwp)"
)
_COUNTED = re.compile(
    r"(?:jam|no|nomor|nomer|paslon|capres|cawapres|cagub|calon|salam|kelas|kls|blok|lantai|rt|rw|pasal|dapil|tps|pp|uu|sdn?|smpn?"
    r"|sma|sman|smkn?|mtsn?)\d|gol(?:ongan)?[1-4][a-e]?$"
    r"|(?:ke|ber|se|per)\d+(?:(?:kali)?(?:nya)?|an|x|lah|kah|pun|aja|capres|paslon|calon|[a-z]{8,})$"
    r"|[a-z]+\d(?:putaran|periode|kali|juta|ribu|jt|rb|tahun|thn|bulan|bln|persen|suara|komando|kursi|menit|wib|wita|aja)$"
)
_MEASURED = re.compile(r"\dx\d")  # 3x4cm
_DISGUISED = re.compile(r"[0134]?[a-z]+(?:[013457@$][a-z]+)+[013457$]?")
_SURE = re.compile(r"[a-z0@$]+")


def known_word(word: str) -> str | None:
    """Return the known name or word that a lower-cased word with digits spells, or None."""
    if word == "pk5":  # a digit at the end of three characters counts otherwise (s1, ps1)
        return "pks"
    read = word.translate(_MORE_LETTERS)
    if read in _KNOWN or (read in _KNOWN_SHORT and word[-1].isalpha() and sum(map(str.isalpha, word)) > 1):
        return read
    return None


def undisguised(word: str) -> str:
    """Return a lower-cased word with its digits read as letters, or the word itself where they are digits.

    Short words with a digit are mostly names (p3k, a1c, h5n1): a disguise has at least three letters left, or only an "o"
    or a sign in the place of a letter (b0s, a$n), or spells a known word.
    """
    known = known_word(word)
    if known is not None:
        return known
    if not _DISGUISED.fullmatch(word) or _NAMED.fullmatch(word) or _COUNTED.match(word) or _MEASURED.search(word):
        return word
    enough = len(word) > 3 and sum(map(str.isalpha, word)) > 2
    return word.translate(_LETTERS) if enough or _SURE.fullmatch(word) else word

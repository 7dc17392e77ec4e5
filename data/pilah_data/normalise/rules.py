"""The ordered list of named text rules: what training reads is what serving reads.

Each rule looks at the text as the rules before it left it and proposes edits; nothing else ever changes a text.
Order matters and is tested: links are masked before punctuation is touched, hashtags are split while their capitals
still stand, obfuscation is undone on lower-cased letters.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ftfy
import ftfy.badness
import regex

from pilah_data.normalise.digits import known_word, undisguised
from pilah_data.normalise.mapped import Edit, MappedText, apply_edits
from pilah_data.normalise.stretched import relaxed
from pilah_data.privacy import find_identifiers

NORMALISER_VERSION = "2"
"""Written into every artefact and compared on load; raise it whenever a rule changes what any text becomes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named text rule: from the current text to the edits it proposes (sorted, not overlapping)."""

    name: str
    edits: Callable[[str], list[Edit]]
    why: str


def _substitution(
    pattern: str,
    replacement: str | Callable[[regex.Match[str]], str],
    unless: Callable[[str], bool] = lambda _: False,
) -> Callable[[str], list[Edit]]:
    """Build a rule from a pattern; `unless` is a cheap test that spares most texts the search."""
    compiled = regex.compile(pattern)

    def edits(text: str) -> list[Edit]:
        found: list[Edit] = []
        if unless(text):
            return found
        for match in compiled.finditer(text):
            new = replacement if isinstance(replacement, str) else replacement(match)
            if new != match.group():
                found.append((match.start(), match.end(), new))
        return found

    return edits


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


# --- encoding -------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _repaired(run: str) -> str:
    return ftfy.fix_encoding(run) if ftfy.badness.is_bad(run) else run


# White letters on black discs and squares, which NFKC leaves alone.
_ON_BLACK = {first + i: ord("A") + i for first in (0x1F150, 0x1F170) for i in range(26)}


@functools.lru_cache(maxsize=4096)
def _compatible(cluster: str) -> str:
    """NFKC, then Latin letters without their accents (Indonesian writes none; obfuscators do)."""
    composed = unicodedata.normalize("NFKC", cluster).translate(_ON_BLACK)
    bare = "".join(c for c in unicodedata.normalize("NFD", composed) if unicodedata.category(c) != "Mn")
    return bare if bare.isascii() else composed


def _bare_number(match: regex.Match[str]) -> str:
    sign = match.group()[0]
    return f" {sign if sign.isascii() else int(unicodedata.numeric(sign))} "


# --- homoglyphs -----------------------------------------------------------------------------------------------

_LOOKALIKES = str.maketrans(
    "АВЕЅЗІЈКМНОРСТУХаеѕіјкмнорстухԁһӏԛԝɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινοτυκρıɑɩʟɴʀᴀᴄᴅᴇɢʜɪᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡʏᴢʙꜰ",
    "ABESZIJKMHOPCTYXaesijkmhopctyxdhlqwgABEZHIKMNOPTYXaivotukpiailnracdeghijkmopstuvwyzbf",
)


def _unmasked_word(match: regex.Match[str]) -> str:
    return match.group().translate(_LOOKALIKES)


# --- hashtags -------------------------------------------------------------------------------------------------

# A word that holds its digit stays whole: P3K is a class of civil servants.
_TAG_PARTS = regex.compile(
    r"[Pp]3[Kk](?!\p{Ll})|\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\d+|[^\p{Lu}\p{Ll}\d_]+"
)


def _split_tag(match: regex.Match[str]) -> str:
    tag = match.group(1)
    return " # " + (known_word(tag.lower()) or " ".join(_TAG_PARTS.findall(tag))) + " "


# --- obfuscation ----------------------------------------------------------------------------------------------

_REPEATS = re.compile(r"(\S)\1\1|(\S\S)\2\2")
_MIXED = re.compile(r"[a-z][0-9@$]|[0-9][a-z]")


def _masked(text: str) -> list[Edit]:
    return [(found.start, found.end, f" {found.kind.value} ") for found in find_identifiers(text)]


def _lowered(text: str) -> list[Edit]:
    low = text.lower()
    if low == text:
        return []
    if len(low) == len(text):
        return [(0, len(text), low)]
    return [(i, i + 1, c.lower()) for i, c in enumerate(text) if c != c.lower()]


# Looking only from the first letter of a word keeps it linear on a word of a hundred thousand letters.
_WORD_MIX = r"(?<![^\W\d_])(?=[^\W\d_]*\p{Latin})(?=[^\W\d_]*[\p{Cyrillic}\p{Greek}ɑɩʟɴʀᴀ-ᴢꜰꜱɢɪʏʙʜı])[^\W\d_]+"

RULES: tuple[Rule, ...] = (
    Rule(
        "kotak_angka",
        _substitution(r"[0-9#*]\uFE0F?\u20E3|[\u2776-\u2793\u24EB-\u24FF]", _bare_number, str.isascii),
        "a keycap emoji or a digit on a black disc is a digit: a ballot number must read the same in every dress",
    ),
    Rule(
        "mojibake",
        _substitution(r"[^\x00-\x7f]{2,64}", lambda m: _repaired(m.group()), str.isascii),
        "exports saved in the wrong encoding garble emoji and quotes",
    ),
    Rule(
        "nfkc",
        _substitution(r"[^\p{M}]\p{M}+|[^\x00-\x7f]", lambda m: _compatible(m.group()), str.isascii),
        "styled letters (bold, circled, full width) and accents are ordinary letters in disguise",
    ),
    Rule(
        "tak_terlihat",
        _substitution(
            r"[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U0001F3FB-\U0001F3FF"
            r"\U000E0000-\U000E0FFF\ud800-\udfff]+|[\x00-\x08\x0e-\x1f\x7f-\x9f]+",
            "",
            _plain,
        ),
        "zero-width, bidirectional, control and surrogate characters and skin tones carry no words",
    ),
    Rule(
        "samaran_identitas",
        _masked,
        "links, handles, mail addresses and identity numbers say nothing about a lean and must not be learnt",
    ),
    Rule(
        "huruf_mirip",
        _substitution(_WORD_MIX, _unmasked_word, str.isascii),
        "Cyrillic, Greek and small-capital look-alikes inside a Latin word hide it",
    ),
    Rule("tagar", _substitution(r"#(\w+)", _split_tag), "a hashtag is a phrase without spaces"),
    Rule("huruf_kecil", _lowered, "the encoder is uncased"),
    Rule(
        "huruf_direntang",
        _substitution(
            r"(\p{L})\1{2,}|([^\w\s])\2{2,}|(wk|kw|ha|he|hi|xi|ho|hu)\3{2,}",
            relaxed,
            lambda text: _REPEATS.search(text) is None,
        ),
        "stretched letters, piled-up marks and long laughter are the short form; viii, iiia, ppp and pppk are not stretched",
    ),
    Rule(
        "huruf_dieja",
        _substitution(
            r"(?<![\p{L}\p{N}])(?:\p{L}([ ])(?:\p{L}\1){2,}\p{L}|"
            # Not from the middle of a chain that failed from its beginning, and without giving back: both keep it linear.
            r"(?=\p{L}([._*·-]))(?<!(?<![\p{L}\p{N}])\p{L}\2)\p{L}(?:\2\p{L}){2,}+)(?![\p{L}\p{N}]|[._*·-]\p{L})",
            lambda m: regex.sub(r"[ ._*·-]", "", m.group()),
        ),
        "spelled-out words (c o b l o s, p.k.s) are words",
    ),
    Rule(
        "huruf_angka",
        _substitution(
            r"(?<![\w@$])(?=[a-z]*+[0-9@$])(?=[0-9@$]*+[a-z])[a-z0-9][a-z0-9@$]++(?!\w)",
            lambda m: undisguised(m.group()),
            lambda text: _MIXED.search(text) is None,
        ),
        "a digit between letters stands for a letter (c0blos); p3k, mak2, ke3nya, paslon1aja and rp50rb do not",
    ),
    Rule(
        "emoji",
        _substitution(
            r"(?![©®™])\p{Extended_Pictographic}|\p{Regional_Indicator}{2}", lambda m: f" {m.group()} ", str.isascii
        ),
        "an emoji is a token of its own",
    ),
    Rule(
        "spasi",
        _substitution(r"^\s+|\s+$|\s+", lambda m: "" if m.start() == 0 or m.end() == len(m.string) else " "),
        "one space between words, none around them",
    ),
)
"""The rules in the order in which they run."""


def normalise(text: str) -> MappedText:
    """Run all rules and keep, for every resulting character, the span of `text` it stands for."""
    mapped = MappedText.of(text)
    for rule in RULES:
        mapped = mapped.apply(rule.edits(mapped.text))
    return mapped


def normalise_text(text: str) -> str:
    """Run all rules and return only the resulting text; equal to `normalise(text).text`."""
    for rule in RULES:
        text = apply_edits(text, rule.edits(text))
    return text


def trace(text: str) -> Iterator[tuple[str, str]]:
    """Yield each rule's name and the text after it, for documentation and debugging."""
    for rule in RULES:
        text = apply_edits(text, rule.edits(text))
        yield rule.name, text

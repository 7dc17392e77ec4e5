"""The language of a page, and how it writes words and numbers."""

from __future__ import annotations

from enum import StrEnum

from pilah_api.web.wording import TEXTS


class Language(StrEnum):
    """A language of the interface."""

    ID = "id"
    EN = "en"

    @property
    def other(self) -> Language:
        """Return the language that the switch leads to."""
        return Language.EN if self is Language.ID else Language.ID


def language_of(asked: str | None, remembered: str | None) -> Language:
    """Choose the language asked for, else the one remembered, else Indonesian; unknown codes count as none."""
    for code in (asked, remembered):
        if code in tuple(Language):
            return Language(code)
    return Language.ID


class Texts:
    """The strings of one language; an unknown key is an error, never an empty place on a page."""

    def __init__(self, language: Language):
        self.language = language
        self._column = tuple(Language).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the string, with its placeholders filled in."""
        text = TEXTS[key][self._column]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Return whether there is such a string; only for those that not everything has, such as hints."""
        return key in TEXTS

    def of(self, indonesian: str, english: str) -> str:
        """Choose between two given wordings, such as those of the taxonomy."""
        return (indonesian, english)[self._column]

    def whole(self, number: int) -> str:
        """Write a whole number with the thousands separator of the language."""
        return f"{number:,}".replace(",", self.of(".", ","))

    def decimal(self, number: float, digits: int = 2) -> str:
        """Write a number with the decimal separator of the language."""
        return f"{number:.{digits}f}".replace(".", self.of(",", "."))

    def percent(self, share: float) -> str:
        """Write a probability as a percentage; only certainty is called 100 %."""
        if 0.9995 <= share < 1:
            return f"> {self.decimal(99.9, 1)}%"
        if 0 < share < 0.0005:
            return f"< {self.decimal(0.1, 1)}%"
        return f"{self.decimal(share * 100, 1)}%"

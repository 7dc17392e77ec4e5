"""From normalised texts to token rows: windows over long texts, so that nothing is cut in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from pilah_data.errors import DataError
from pilah_data.normalise import normalise_text
from pilah_data.stand_ins import StandIns
from pilah_model.scoring import Encoded

WINDOW = 126
"""Tokens of text in a row; with [CLS] and [SEP] a row has 128 positions, the length the encoder was pretrained on."""
STRIDE = 96
"""Windows overlap by 30 tokens, so that a phrase on a border is whole in one of them."""
MAX_WINDOWS = 32
"""A text beyond 32 windows (about 3,100 tokens, some 12,000 characters) is judged on its first 32 and marked truncated."""
_CHARACTERS = 40_000
"""More characters than 32 windows can hold are not even tokenised; the text is marked truncated."""


def special_id(tokenizer: Tokenizer, token: str) -> int:
    """Return the id of a special token; raises DataError when the tokenizer does not know it."""
    found = tokenizer.token_to_id(token)
    if found is None:
        raise DataError(f"the tokenizer knows no {token}; take the tokenizer of a BERT")
    return int(found)


def window_starts(tokens: int) -> list[int]:
    """Return where the windows over a text of so many tokens begin, however many they are."""
    return [0, *range(STRIDE, max(0, tokens - WINDOW) + STRIDE, STRIDE)]


class TextEncoder:
    """Normalises and tokenises texts into rows of token ids with [CLS] and [SEP]."""

    def __init__(self, tokenizer: Tokenizer, stand_ins: StandIns | None = None):
        """Wrap a tokenizer, and read listed names as stand-ins if any are given; raises DataError without [CLS] or [SEP]."""
        # A tokenizer file may carry both from its training, and would then cut texts without a word.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.stand_ins = stand_ins
        self._read: Callable[[str], str] = stand_ins or normalise_text
        self._cls, self._sep = (special_id(tokenizer, token) for token in ("[CLS]", "[SEP]"))

    @classmethod
    def from_file(cls, path: Path, stand_ins: Path | None = None) -> TextEncoder:
        """Read tokenizer.json and, where there is such a file, the list of stand-ins; raises DataError when one is damaged."""
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the Rust library raises bare Exception
            raise DataError(f"tokenizer cannot be read ({error}); restore the artefact", file=str(path)) from error
        return cls(tokenizer, StandIns.read(stand_ins) if stand_ins is not None and stand_ins.is_file() else None)

    def same_reading_as(self, other: TextEncoder) -> bool:
        """Return whether another one makes the same rows of every text."""
        ours, theirs = (e.stand_ins.listed if e.stand_ins else None for e in (self, other))
        return ours == theirs and self._tokenizer.to_str() == other._tokenizer.to_str()

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """Return one or more rows per text, the token count of each text, and whether it was cut."""
        clipped = [len(text) > _CHARACTERS for text in texts]
        normalised = [self._read(text[:_CHARACTERS]) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(normalised, add_special_tokens=False)
        rows: list[list[int]] = []
        owner: list[int] = []
        truncated = np.asarray(clipped, dtype=np.bool_)
        tokens = np.zeros(len(texts), dtype=np.int64)
        for index, encoding in enumerate(encodings):
            ids = encoding.ids
            tokens[index] = len(ids)
            starts = window_starts(len(ids))
            if len(starts) > MAX_WINDOWS:
                truncated[index] = True
            for start in starts[:MAX_WINDOWS]:
                rows.append([self._cls, *ids[start : start + WINDOW], self._sep])
                owner.append(index)
        return Encoded(rows, np.asarray(owner, dtype=np.int64), tokens, truncated)

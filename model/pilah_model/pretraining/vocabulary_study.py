"""Compares vocabularies: algorithm, size, and what becomes of capitals; by tokens per post, split words, and a yardstick task."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from pilah_data.errors import MissingExtraError
from pilah_data.normalise.mapped import apply_edits
from pilah_data.normalise.rules import RULES
from pilah_data.raw_texts import stream
from pilah_data.records import Example
from pilah_data.repeats import Exclusion
from pilah_data.taxonomy import PREDICTED, Label
from pilah_model.pretraining.vocabulary import SPECIAL, train_vocabulary

Log = Callable[[str], None]
SIZES = (8192, 16384, 32768)
_LOWER = "huruf_kecil"
_CAPITALS, _CAPITAL = "⇪", "↑"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Variant:
    """A vocabulary to try: `wordpiece` or `unigram`, its size, and `uncased`, `cased` or `marked` (a sign before a capital)."""

    algorithm: str
    size: int
    case: str = "uncased"


VARIANTS = (
    *(Variant("wordpiece", size) for size in SIZES),
    *(Variant("unigram", size) for size in SIZES),
    Variant("wordpiece", 16384, "cased"),
    Variant("wordpiece", 16384, "marked"),
)


@dataclass(frozen=True)
class Outcome:
    """What a vocabulary makes of posts never used to train it; shares from 0 to 1, macro-F1 of the yardstick on validation posts."""

    variant: Variant
    entries: int
    tokens_per_post: float
    unknown: float
    names_split: float
    slang_split: float
    macro_f1: float


def prepared(text: str, case: str) -> str:
    """Return a text as the normaliser leaves it, with its capitals kept (`cased`) or turned into signs (`marked`)."""
    for rule in RULES:
        if rule.name == _LOWER:
            if case == "cased":
                continue
            if case == "marked":
                text = _WORD.sub(_marked, text)
        text = apply_edits(text, rule.edits(text))
    return text


def _marked(match: re.Match[str]) -> str:
    word = match.group()
    if len(word) > 1 and word.isupper():
        return f"{_CAPITALS} {word}"
    return f"{_CAPITAL} {word}" if word[0].isupper() else word


def build(variant: Variant, texts: Sequence[str]) -> Tokenizer:
    """Train the vocabulary of a variant on texts prepared for its case."""
    if variant.algorithm == "wordpiece":
        return train_vocabulary(texts, variant.size)
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(
        vocab_size=variant.size, special_tokens=list(SPECIAL), unk_token="[UNK]", show_progress=False  # noqa: S106 - no password
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def study(
    shared: Path, train: Sequence[Example], validation: Sequence[Example], test_texts: Sequence[str], names: Sequence[str],
    slang: Sequence[str], log: Log, *, texts: int, variants: Sequence[Variant] = VARIANTS,
) -> list[Outcome]:  # fmt: skip
    """Try every variant on the first `texts` distinct public texts; the test split stays out of all of it."""
    raw = [text for _, text in itertools.islice(stream(shared, Exclusion(test_texts)), texts)]
    outcomes, of_case = [], {}
    for variant in variants:
        began = time.monotonic()
        if variant.case not in of_case:
            of_case = {variant.case: [prepared(text, variant.case) for text in raw]}
        tokenizer = build(variant, of_case[variant.case])
        outcomes.append(_outcome(variant, tokenizer, train, validation, names, slang))
        log(f"{variant.algorithm} {variant.size} {variant.case}: {outcomes[-1].tokens_per_post:.1f} tokens a post, "
            f"macro-F1 {outcomes[-1].macro_f1:.3f}, {time.monotonic() - began:.0f} s")  # fmt: skip
    return outcomes


def _outcome(
    variant: Variant, tokenizer: Tokenizer, train: Sequence[Example], validation: Sequence[Example], names: Sequence[str],
    slang: Sequence[str],
) -> Outcome:  # fmt: skip
    rows = [_tokens(tokenizer, [e.text for e in part], variant.case) for part in (train, validation)]
    every = [token for row in rows[1] for token in row]
    return Outcome(
        variant,
        tokenizer.get_vocab_size(),
        len(every) / max(1, len(rows[1])),
        every.count("[UNK]") / max(1, len(every)),
        _split(tokenizer, names, variant.case),
        _split(tokenizer, slang, variant.case),
        _yardstick(rows[0], train, rows[1], validation),
    )


def _tokens(tokenizer: Tokenizer, texts: Sequence[str], case: str) -> list[list[str]]:
    encoded = tokenizer.encode_batch_fast([prepared(text, case) for text in texts], add_special_tokens=False)
    names = {index: name for name, index in tokenizer.get_vocab().items()}
    return [[names[i] for i in encoding.ids] for encoding in encoded]


def _split(tokenizer: Tokenizer, words: Sequence[str], case: str) -> float:
    """Return the share of words that are more than one token, signs of capitals aside."""
    rows = _tokens(tokenizer, words, case)
    whole = [len([t for t in row if t.strip("▁") not in ("", _CAPITAL, _CAPITALS)]) == 1 for row in rows]
    return 1.0 - float(np.mean(whole)) if whole else 0.0


def _yardstick(
    train_rows: Sequence[list[str]], train: Sequence[Example], rows: Sequence[list[str]], validation: Sequence[Example]
) -> float:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - an extra
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.metrics import f1_score  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("train", "scikit-learn") from error
    vectoriser = TfidfVectorizer(analyzer=_bigrams, min_df=2, sublinear_tf=True)
    kept = [[i for i, e in enumerate(part) if e.label is not Label.PERLU_KONTEKS] for part in (train, validation)]
    labels = [[PREDICTED.index(part[i].label) for i in k] for part, k in zip((train, validation), kept, strict=True)]
    features = vectoriser.fit_transform([train_rows[i] for i in kept[0]])
    model = LogisticRegression(C=4.0, max_iter=400).fit(features, labels[0])
    return float(f1_score(labels[1], model.predict(vectoriser.transform([rows[i] for i in kept[1]])), average="macro"))


def _bigrams(tokens: list[str]) -> Iterator[str]:
    yield from tokens
    yield from (f"{a} {b}" for a, b in itertools.pairwise(tokens))


def as_markdown(outcomes: Sequence[Outcome], texts: int, posts: int) -> str:
    """Render the comparison as a page."""
    lines = [
        "# Which vocabulary",
        "",
        f"Written by `pilah vocabularies`; do not edit. Trained on {texts:,} public texts, looked at on {posts:,} validation posts. "
        "The yardstick is TF-IDF over one and two tokens with logistic regression, trained on the training posts, three labels: it sees "
        "nothing but the tokens.",
        "",
        "| algorithm | entries | capitals | tokens per post | unknown | names split | slang split | yardstick macro-F1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {o.variant.algorithm} | {o.entries:,} | {o.variant.case} | {o.tokens_per_post:.1f} | {o.unknown:.2%} | "
        f"{o.names_split:.0%} | {o.slang_split:.0%} | {o.macro_f1:.3f} |"
        for o in outcomes
    ]
    return "\n".join([*lines, ""])

"""The comparison of vocabularies: capitals, split words, and a yardstick that sees only tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from pilah_data.corpora import to_example
from pilah_data.normalise import normalise_text
from pilah_model.material import Material
from pilah_model.pretraining.vocabulary_study import Variant, as_markdown, build, prepared, study


@pytest.fixture
def small_shared(few: Material, tmp_path: Path) -> Path:
    """A folder laid out as the public texts, holding authored posts only."""
    lines = [post.text.replace("\n", " ").replace("\t", " ") for post in few.authored]
    rows = [f"{i:012x}\t{line}\ts\tf\t2024\tp\traw" for i, line in enumerate(lines)]
    for name, content in {
        "posts/posts.tsv.zst": rows, "corpus/social.txt.zst": lines, "corpus/news.txt.zst": lines, "corpus/other.txt.zst": lines,
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zstandard.ZstdCompressor().compress(("\n".join(content) + "\n").encode()))
    return tmp_path


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("uncased", "ayo pilih pks, kata budi"),
        ("cased", "Ayo pilih PKS, kata Budi"),
        ("marked", "↑ ayo pilih ⇪ pks, kata ↑ budi"),
    ],
)
def test_what_becomes_of_capitals(case: str, expected: str) -> None:
    assert prepared("Ayo  pilih PKS, kata Budi", case) == expected


def test_uncased_is_what_serving_reads(few: Material) -> None:
    for post in few.authored[:50]:
        assert prepared(post.text, "uncased") == normalise_text(post.text)


def test_a_larger_vocabulary_splits_less_and_every_variant_is_told(few: Material, small_shared: Path) -> None:
    train, validation = few.split("train")[1], few.split("validation")[1] or [to_example(p) for p in few.authored[:40]]
    variants = [
        Variant("wordpiece", 400),
        Variant("wordpiece", 2000),
        Variant("unigram", 400),
        Variant("wordpiece", 400, "marked"),
    ]
    lines: list[str] = []
    outcomes = study(
        small_shared,
        train,
        validation,
        [],
        ["prabowo", "anies"],
        ["coblos"],
        lines.append,
        texts=500,
        variants=variants,
    )
    assert [o.variant for o in outcomes] == variants
    assert len(lines) == len(variants)
    assert outcomes[1].tokens_per_post < outcomes[0].tokens_per_post
    for outcome in outcomes:
        assert 0 <= outcome.unknown < 0.2
        assert 0 <= outcome.names_split <= 1
        assert 0 < outcome.macro_f1 < 1
    page = as_markdown(outcomes, 500, len(validation))
    assert page.count("\n| wordpiece") == 3
    assert page.count("\n| unigram") == 1


def test_unigram_finds_pieces_longer_than_letters(few: Material) -> None:
    texts = [prepared(post.text, "uncased") for post in few.authored]
    tokenizer = build(Variant("unigram", 2000), texts)
    tokens = sum(len(e.ids) for e in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    assert tokens < sum(map(len, texts)) / 2

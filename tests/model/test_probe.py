"""Intrinsic checks of an encoder: they see what it learnt, and say when its head was not kept."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError
from pilah_data.raw_texts import DOMAINS
from pilah_model.material import Material
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.network import HEAD, Shape, load_model
from pilah_model.pretraining.packing import Packed, load_packed, pack
from pilah_model.pretraining.probe import (
    authored_pieces,
    fill,
    fit_head,
    held_out_pieces,
    measure,
    neighbours,
)
from pilah_model.pretraining.probe_report import Questions, read_record, report

CONFIG = PretrainConfig(
    shape=Shape(layers=1, hidden=32, heads=2, intermediate=64), batch_tokens=512, warmup_steps=2, skipgram=False, learning_rate=5e-3
)  # fmt: skip


@pytest.fixture(scope="module")
def packed(few: Material, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    out = tmp_path_factory.mktemp("packed")
    texts = [(DOMAINS[i % 3], post.text.lower()) for i, post in enumerate(few.authored)]
    # Enough pieces that every domain has some held out.
    pack(itertools.islice(itertools.cycle(texts), 1300), tiny_tokenizer, out)
    return load_packed(out)


@pytest.fixture(scope="module")
def encoder(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    budget = Budget(60.0, 20.0, checkpoint_minutes=60.0, report_seconds=3600.0, max_steps=120)
    return pretrain(CONFIG, packed, tiny_tokenizer, tmp_path_factory.mktemp("run"), budget, lambda _: None)


def test_what_was_learnt_is_measured(encoder: Path, packed: Packed, tiny_tokenizer: Tokenizer) -> None:
    model, own_head = load_model(encoder)
    assert own_head
    pieces = held_out_pieces(packed, 50)["social"]
    fit = measure(model, tiny_tokenizer, pieces)
    size = tiny_tokenizer.get_vocab_size()
    assert fit.loss < np.log(size) - 0.3
    assert measure(model, tiny_tokenizer, [packed.piece(i) for i in range(300)]).accuracy > 2 / size
    assert fit.predicted > 20
    assert fit.bits_per_character > 0
    # The same masks every time.
    assert measure(model, tiny_tokenizer, pieces) == fit
    torch.manual_seed(0)
    torch.nn.init.normal_(model.bert.embeddings.word_embeddings.weight)
    assert measure(model, tiny_tokenizer, pieces).loss > fit.loss


def test_a_head_that_was_not_kept_is_fitted_and_said(
    encoder: Path, packed: Packed, tiny_tokenizer: Tokenizer, few: Material, tmp_path: Path
) -> None:
    copy = shutil.copytree(encoder, tmp_path / "encoder")
    (copy / HEAD).unlink()
    model, own_head = load_model(copy)
    assert not own_head
    frozen = model.bert.state_dict()["encoder.layer.0.output.dense.weight"].clone()
    before = measure(model, tiny_tokenizer, held_out_pieces(packed, 50)["social"]).loss
    fit_head(model, packed, tiny_tokenizer, 0.05, lambda _: None)
    assert measure(model, tiny_tokenizer, held_out_pieces(packed, 50)["social"]).loss < before
    assert torch.equal(model.bert.state_dict()["encoder.layer.0.output.dense.weight"], frozen)
    page = report(
        model, tiny_tokenizer, packed, few.authored[:40], Questions(["saya [MASK] itu"], ["dan"]), read_record(copy),
        own_head=own_head, most=50,
    )  # fmt: skip
    assert "was not kept" in page
    assert "| saya [MASK] itu | " in page
    for name in ("held out, social", "authored, context", "authored, language"):
        assert f"| {name}" in page


def test_the_likeliest_tokens_add_up_to_less_than_one(encoder: Path, tiny_tokenizer: Tokenizer) -> None:
    filled = fill(load_model(encoder)[0], tiny_tokenizer, "Saya [MASK] di sini.", best=3)
    assert len(filled) == 3
    assert 0 < sum(share for _, share in filled) < 1
    assert [share for _, share in filled] == sorted((share for _, share in filled), reverse=True)


def test_a_word_is_not_its_own_neighbour_and_an_unknown_one_is_left_out(
    encoder: Path, tiny_tokenizer: Tokenizer
) -> None:
    known = next(name for name in tiny_tokenizer.get_vocab() if name.isalpha() and len(name) > 2)
    found = neighbours(load_model(encoder)[0], tiny_tokenizer, [known, "tidakadakatabegini"])
    assert list(found) == [known]
    assert known not in found[known]


def test_authored_posts_are_grouped_by_context_and_language(few: Material, tiny_tokenizer: Tokenizer) -> None:
    groups = authored_pieces(few.authored, tiny_tokenizer)
    for kind in ("context ", "language "):
        assert sum(len(pieces) for name, pieces in groups.items() if name.startswith(kind)) == len(few.authored)


def test_faults_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not an encoder .*`pilah pretrain`"):
        load_model(tmp_path)
    with pytest.raises(DataError, match="no record of a pretraining run"):
        read_record(tmp_path)
    path = tmp_path / "q.toml"
    path.write_text("sentences = ['tanpa topeng']\nwords = []\n")
    with pytest.raises(InputError, match=r"q\.toml: 'tanpa topeng' needs exactly one \[MASK\]"):
        Questions.from_file(path)


def test_the_committed_questions_are_valid(root: Path) -> None:
    assert len(Questions.from_file(root / "model" / "configs" / "probe.toml").sentences) >= 10

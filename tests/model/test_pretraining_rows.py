"""Packed rows: dense, no attention across posts, masked on the device as on the CPU, and a run that learns from them."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError
from pilah_data.raw_texts import DOMAINS
from pilah_model.material import Material
from pilah_model.pretraining import checkpoint
from pilah_model.pretraining.batches import IGNORED, held_out
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.device_batches import RowBatch, RowBatches
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.network import MaskedLanguageModel, Shape, load_model
from pilah_model.pretraining.optimisers import build_optimisers, set_rate
from pilah_model.pretraining.packing import Packed, load_packed, pack
from pilah_model.pretraining.rows import fill_rows
from pilah_model.pretraining.throughput import flops_per_token, matmul_ceiling
from pilah_model.pretraining.travel import write_travelling

SMALL = Shape(layers=2, hidden=32, heads=2, intermediate=64)
CONFIG = PretrainConfig(shape=SMALL, batch_tokens=512, warmup_steps=2, skipgram=False, rows=True, optimiser="muon")
MIXTURE = {"social": 0.6, "news": 0.3, "other": 0.1}


@pytest.fixture(scope="module")
def folder(few: Material, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed")
    pack([(DOMAINS[i % 3], p.text.lower()) for i, p in enumerate(few.authored)], tiny_tokenizer, out)
    return out


@pytest.fixture(scope="module")
def packed(folder: Path) -> Packed:
    return load_packed(folder)


@pytest.fixture
def make(packed: Packed, tiny_tokenizer: Tokenizer) -> Callable[..., RowBatches]:
    def rows(rate: float = 0.2, seed: int = 1) -> RowBatches:
        return RowBatches(
            packed, tiny_tokenizer, MIXTURE, mask_rate=rate, cells=512, width=128, seed=[seed], device="cpu"
        )

    return rows


def test_rows_hold_every_piece_once_without_overlap_and_hardly_a_gap() -> None:
    lengths = np.random.default_rng(0).integers(1, 129, 5000)
    lengths[:3500] = np.random.default_rng(1).integers(4, 30, 3500)
    row, column = fill_rows(lengths, 128)
    used = np.zeros((int(row.max()) + 1, 128), dtype=int)
    for piece, length in enumerate(lengths):
        used[row[piece], column[piece] : column[piece] + length] += 1
    assert used.max() == 1
    assert used.sum() == lengths.sum()
    assert used.mean() > 0.99


def test_a_piece_as_wide_as_a_row_and_no_piece_at_all() -> None:
    row, column = fill_rows(np.asarray([128, 128]), 128)
    assert sorted(row) == [0, 1]
    assert not column.any()
    assert len(fill_rows(np.zeros(0, np.int64), 128)[0]) == 0


def test_rows_hold_whole_posts_that_are_not_held_out(
    make: Callable[..., RowBatches], packed: Packed, tiny_tokenizer: Tokenizer
) -> None:
    allowed = {tuple(packed.piece(int(i))) for i in np.flatnonzero(~held_out(packed))}
    cls, sep = (tiny_tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]"))
    seen = 0
    for batch in itertools.islice(make(rate=1e-9), 10):
        for ids, places, posts in zip(batch.ids, batch.places, batch.posts, strict=True):
            for post in sorted(set(posts.tolist())):
                if post:
                    own = ids[posts == post].tolist()
                    assert (own[0], own[-1]) == (cls, sep)
                    assert tuple(own[1:-1]) in allowed
                    assert places[posts == post].tolist() == list(range(len(own)))
                    seen += 1
        assert batch.tokens == int(((batch.ids != cls) & (batch.ids != sep) & (batch.posts > 0)).sum())
    assert seen > 50


def test_masks_cover_whole_words_and_the_targets_are_the_hidden_tokens(
    make: Callable[..., RowBatches], tiny_tokenizer: Tokenizer
) -> None:
    clean, masked = (next(iter(make(rate=rate, seed=3))) for rate in (1e-9, 0.3))
    ids = clean.ids.reshape(-1)
    count = int((masked.targets != IGNORED).sum())
    positions = masked.positions[:count]
    assert torch.equal(ids[positions], masked.targets[:count])
    assert 0.2 < count / masked.tokens < 0.4
    untouched = torch.ones(len(ids), dtype=torch.bool)
    untouched[positions] = False
    assert torch.equal(masked.ids.reshape(-1)[untouched], ids[untouched])
    mask = tiny_tokenizer.get_vocab()["[MASK]"]
    assert 0.6 < float(torch.eq(masked.ids.reshape(-1)[positions], mask).float().mean()) < 0.95
    chosen = ~untouched
    continues = torch.tensor([str(tiny_tokenizer.id_to_token(int(i))).startswith("##") for i in ids])
    at = torch.nonzero(continues).squeeze(1)
    assert len(at) > 10
    assert torch.equal(chosen[at], chosen[at - 1])


def test_the_same_seed_gives_the_same_batches(make: Callable[..., RowBatches]) -> None:
    one, other, third = (next(iter(make(seed=seed))) for seed in (5, 5, 6))
    assert torch.equal(one.ids, other.ids)
    assert not torch.equal(one.ids, third.ids)


def test_what_goes_wrong_while_rows_are_packed_is_raised(
    make: Callable[..., RowBatches], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: RowBatches) -> None:
        raise ValueError("no rows")

    monkeypatch.setattr(RowBatches, "_round", broken)
    with pytest.raises(ValueError, match="no rows"):
        next(iter(make()))


def test_a_post_in_a_row_reads_as_it_does_alone(make: Callable[..., RowBatches], tiny_tokenizer: Tokenizer) -> None:
    torch.manual_seed(0)
    model = MaskedLanguageModel(SMALL.config(tiny_tokenizer.get_vocab_size())).eval()
    batch: RowBatch = next(iter(make()))
    compared = 0
    with torch.no_grad():
        states = model.packed_states(batch.ids, batch.places, batch.posts)
        for row in range(len(batch.ids)):
            for post in sorted(set(batch.posts[row].tolist())):
                if post:
                    own = batch.posts[row] == post
                    ids = batch.ids[row][own].unsqueeze(0)
                    alone = model.bert(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
                    torch.testing.assert_close(states[row][own], alone, atol=1e-5, rtol=1e-4)
                    compared += 1
    assert compared > len(batch.ids)


def test_muon_takes_the_matrices_of_the_layers_and_adamw_the_rest(tiny_tokenizer: Tokenizer) -> None:
    model = MaskedLanguageModel(SMALL.config(tiny_tokenizer.get_vocab_size()))
    adamw, muon = build_optimisers(model, CONFIG, "cpu")
    parts = [{id(p) for g in o.param_groups for p in g["params"]} for o in (adamw, muon)]
    assert not parts[0] & parts[1]
    assert parts[0] | parts[1] == {id(p) for p in model.parameters()}
    assert len(parts[1]) == 2 * 6
    set_rate([adamw, muon], 0.5)
    assert {g["lr"] for o in (adamw, muon) for g in o.param_groups} == {0.5}


def test_both_optimisers_are_restored(tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    def fresh() -> tuple[MaskedLanguageModel, list[torch.optim.Optimizer]]:
        model = MaskedLanguageModel(SMALL.config(tiny_tokenizer.get_vocab_size()))
        return model, build_optimisers(model, CONFIG, "cpu")

    def step(model: MaskedLanguageModel, optimisers: list[torch.optim.Optimizer]) -> None:
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, 0.01)
        for optimiser in optimisers:
            optimiser.step()

    first, second = fresh(), fresh()
    step(*first)
    checkpoint.save(tmp_path / "stable", *first, checkpoint.Progress("f", 1))
    checkpoint.load(tmp_path / "stable", *second, "f")
    step(*first)
    step(*second)
    for (name, one), other in zip(first[0].named_parameters(), second[0].parameters(), strict=True):
        assert torch.equal(one, other), name


def test_a_run_over_rows_learns_and_goes_on(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    budget = Budget(60.0, 10.0, checkpoint_minutes=60.0, report_seconds=3600.0, max_steps=60)
    lines: list[str] = []
    pretrain(CONFIG, packed, tiny_tokenizer, tmp_path / "run", budget, lines.append)
    encoder = pretrain(CONFIG, packed, tiny_tokenizer, tmp_path / "run", budget, lines.append)
    record = json.loads((encoder / "pretraining.json").read_text())
    assert any(line.startswith("resuming after") for line in lines)
    assert record["held_out"][-1]["social"] < np.log(tiny_tokenizer.get_vocab_size()) - 0.3
    assert record["config"]["optimiser"] == "muon"
    assert record["throughput"] == {}


def test_a_run_begins_from_an_encoder_with_its_head_and_says_so(
    packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    budget = Budget(60.0, 10.0, checkpoint_minutes=60.0, report_seconds=3600.0, max_steps=60)
    first = pretrain(CONFIG, packed, tiny_tokenizer, tmp_path / "first", budget, lambda _: None)
    before = json.loads((first / "pretraining.json").read_text())
    lines: list[str] = []
    short, untied = (
        dataclasses.replace(budget, max_steps=1),
        dataclasses.replace(CONFIG, untied=True, learning_rate=1e-9),
    )
    second = pretrain(untied, packed, tiny_tokenizer, tmp_path / "second", short, lines.append, start=first)
    after = json.loads((second / "pretraining.json").read_text())
    # Nothing was learnt in one tiny step, so that what is measured is what it began with.
    assert after["held_out"][-1]["social"] == pytest.approx(before["held_out"][-1]["social"], abs=1e-3)
    assert after["origin"] == {"tokens": before["tokens"], "held_out": before["held_out"][-1:]}
    assert lines[0] == f"beginning from {first}, {before['tokens'] / 1e6:.1f} M tokens"
    model, own_head = load_model(second)
    assert own_head
    assert model.output is not None
    assert torch.allclose(model.output, model.bert.embeddings.word_embeddings.weight, atol=1e-6)


def test_an_encoder_of_another_shape_is_not_begun_from(
    packed: Packed, tiny_tokenizer: Tokenizer, tiny_encoder: Path, tmp_path: Path
) -> None:
    wider = dataclasses.replace(CONFIG, shape=Shape(layers=2, hidden=64, heads=2, intermediate=64))
    with pytest.raises(DataError, match="another shape"):
        pretrain(wider, packed, tiny_tokenizer, tmp_path / "run", Budget(1.0), lambda _: None, start=tiny_encoder)


def test_output_embeddings_of_its_own_learn_apart_from_the_words(
    packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    budget = Budget(60.0, 10.0, checkpoint_minutes=60.0, report_seconds=3600.0, max_steps=20)
    config = dataclasses.replace(CONFIG, untied=True)
    model, _ = load_model(pretrain(config, packed, tiny_tokenizer, tmp_path / "run", budget, lambda _: None))
    assert model.output is not None
    assert not torch.allclose(model.output, model.bert.embeddings.word_embeddings.weight, atol=1e-3)


def test_columns_beyond_the_vocabulary_are_never_likely(
    make: Callable[..., RowBatches], tiny_tokenizer: Tokenizer
) -> None:
    model = MaskedLanguageModel(SMALL.config(tiny_tokenizer.get_vocab_size())).eval()
    batch = next(iter(make()))
    inputs = (batch.ids, batch.places, batch.posts, batch.positions)
    with torch.no_grad():
        logits = model.packed_logits(*inputs)
        bare = model.logits(model.packed_states(*inputs[:3]), batch.positions)
    size = tiny_tokenizer.get_vocab_size()
    assert logits.shape[1] % 64 == 0
    assert torch.equal(logits[:, :size], bare)
    assert logits[:, size:].numel() == 0 or float(logits.softmax(1)[:, size:].max()) == 0.0


def test_a_configuration_is_read_and_its_fault_named(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("rows = true\nlearning_rate = 2e-3\n[shape]\nlayers = 8\nhidden = 512\nheads = 8\n")
    config = PretrainConfig.from_file(path)
    assert (config.shape.layers, config.rows, config.learning_rate) == (8, True, 2e-3)
    for text, fault in (
        ("mask_rate = 1.5", "mask_rate"),
        ("mask_rate = 1e-6", "mask_rate = 1e-06 must be a number from 0.01 and below 1"),
        ("optimiser = 'sgd'", "optimiser"),
        ("optimiser = []", "optimiser"),
        ("colour = 1", r"'colour'; known are mixture, .*; in \[shape\]: layers, hidden, .*dropout"),
        ("[shape]\ncolour = 1", r"'colour'; known are mixture, .*; in \[shape\]: layers, hidden, .*dropout"),
        ("shape = 5", r"shape = 5 must be a table"),
        ("[shape]\nheads = 3", "shape.hidden = 256 must be a multiple of shape.heads = 3"),
        ("[shape]\nheads = 0", "shape.heads = 0 must be a whole number from 1"),
        ("[shape]\nhidden = -32", "shape.hidden"),
        ("[shape]\nlayers = 0", "shape.layers"),
        ("[shape]\nlayers = 1.5", "shape.layers"),
        ("[shape]\nintermediate = 0", "shape.intermediate"),
        ("[shape]\npositions = 64", "shape.positions = 64 must be a whole number from 128"),
        ("[shape]\ndropout = 2.0", "shape.dropout"),
        ("rows = true\n[shape]\ndropout = 0.5", "shape.dropout = 0.5 must be 0 with rows"),
        ("mixture = {social = 1.0}", "mixture"),
        ("mixture = 5", "mixture"),
        ("mixture = {social = 'a', news = 0.5, other = 0.5}", "mixture"),
        ("mixture = {social = nan, news = 0.5, other = 0.5}", "mixture"),
        ("seed = -1", "seed"),
        ("seed = 'x'", "seed"),
        ("seed = 4294967296", "seed"),
        ("batch_tokens = 1024.5\nrows = true", "batch_tokens"),
        ("batch_tokens = 64", "batch_tokens = 64 must be at least shape.positions = 128"),
        ("rows = 'false'", "rows = 'false' must be true or false"),
        ("untied = 1", "untied"),
        ("skipgram = 'no'", "skipgram"),
        ("warmup_steps = true", "warmup_steps"),
        ("learning_rate = inf", "learning_rate"),
        ("learning_rate = 0", "learning_rate"),
        ("weight_decay = nan", "weight_decay"),
        ("= 1", "Invalid"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=rf"c\.toml.*{fault}"):
            PretrainConfig.from_file(path)


@pytest.mark.parametrize("name", ["pretrain_mini.toml", "pretrain_teacher.toml"])
def test_the_committed_configurations_are_valid(root: Path, name: str) -> None:
    assert PretrainConfig.from_file(root / "model" / "configs" / name).rows


@pytest.mark.parametrize(
    ("minutes", "cooldown"), [(math.inf, 0.0), (math.nan, 0.0), (0.0, 0.0), (5.0, 6.0), (5.0, -1.0), (5.0, math.nan)]
)
def test_a_budget_is_a_number_of_minutes_that_holds_its_cooldown(minutes: float, cooldown: float) -> None:
    with pytest.raises(InputError, match="--max-minutes"):
        Budget(minutes, cooldown)


def test_a_travelling_folder_is_small_whole_and_checked(packed: Packed, tmp_path: Path) -> None:
    out = tmp_path / "travel"
    write_travelling(packed, out, 50.0, lambda _: None)
    arrived = load_packed(out)
    assert np.array_equal(arrived.tokens, packed.tokens)
    assert np.array_equal(arrived.lengths, packed.lengths)
    assert np.array_equal(arrived.domains, packed.domains)
    assert arrived.manifest["tokens"] == packed.manifest["tokens"]
    (out / "tokens.npy.zst").write_bytes(b"x")
    with pytest.raises(DataError, match=r"tokens\.npy\.zst: .*damaged"):
        load_packed(out)


def test_a_packed_folder_does_not_travel_into_itself(packed: Packed, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    for out in (folder, tmp_path / "link"):
        with pytest.raises(InputError, match=r"is the packed folder itself, and would be thinned; .*--out"):
            write_travelling(packed, out, 50.0, lambda _: None)
    assert np.array_equal(load_packed(folder).tokens, packed.tokens)


def test_laws_are_thinned_until_it_fits_and_posts_never(packed: Packed, tmp_path: Path) -> None:
    lines: list[str] = []
    whole = sum((tmp_path / "a" / f).stat().st_size for f in _shards(packed, tmp_path / "a")) / 2**20
    write_travelling(packed, tmp_path / "b", 1.0 + 0.8 * whole, lines.append)
    arrived = load_packed(tmp_path / "b")
    for index, domain in enumerate(DOMAINS):
        kept, had = ((p.domains == index).sum() for p in (arrived, packed))
        assert (kept < had) if domain == "other" else (kept == had)
    with pytest.raises(InputError, match="posts and news alone"):
        write_travelling(packed, tmp_path / "c", 1.0 + 0.1 * whole, lines.append)


def _shards(packed: Packed, folder: Path) -> list[str]:
    manifest = write_travelling(packed, folder, 50.0, lambda _: None)
    hashes = manifest["sha256"]
    assert isinstance(hashes, dict)
    return list(hashes)


def test_operations_grow_with_the_network_and_the_ceiling_is_measured() -> None:
    small, large = (flops_per_token(dataclasses.replace(SMALL, layers=n), 1000, 0.2) for n in (2, 4))
    assert small < large < 2 * small
    assert matmul_ceiling("cpu", size=64) > 0

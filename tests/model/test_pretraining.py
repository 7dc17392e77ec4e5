"""Pretraining in small: pack real posts, train a few steps, stop, go on, and refuse what does not fit."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models

from pilah_data.errors import DataError, InputError
from pilah_data.normalise import normalise_text
from pilah_data.raw_texts import DOMAINS
from pilah_model.material import Material
from pilah_model.pretraining import checkpoint
from pilah_model.pretraining.batches import IGNORED, Batch, Masker, held_out, training_batches
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.network import MaskedLanguageModel, Shape
from pilah_model.pretraining.packing import PIECE_TOKENS, Packed, load_packed, normalise_stream, pack
from pilah_model.pretraining.prepare import prepare
from pilah_model.pretraining.skipgram import train_skipgram
from pilah_model.pretraining.travel import write_travelling
from pilah_model.pretraining.vocabulary import PLACEHOLDERS, SPECIAL
from pilah_model.training.config import TrainConfig
from pilah_model.training.run import train

CONFIG = PretrainConfig(shape=Shape(layers=2, hidden=32, heads=2, intermediate=64), batch_tokens=256, warmup_steps=2)
PLAIN = dataclasses.replace(CONFIG, skipgram=False)
HOURS = 60.0


def steps(count: int, cooldown: float = 0.0) -> Budget:
    """A budget of steps, of which a share is the cool-down; its minutes never run out."""
    return Budget(HOURS, cooldown * HOURS, checkpoint_minutes=HOURS, report_seconds=HOURS * 60, max_steps=count)


@pytest.fixture(scope="module")
def folder(few: Material, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed")
    texts = [(DOMAINS[i % 3], normalise_text(p.text)) for i, p in enumerate(few.authored)]
    pack([*texts, ("social", "kata " * 500)], tiny_tokenizer, out)
    return out


@pytest.fixture(scope="module")
def packed(folder: Path) -> Packed:
    return load_packed(folder)


def test_special_tokens_come_first_and_placeholders_are_one_token(tiny_tokenizer: Tokenizer) -> None:
    assert [tiny_tokenizer.id_to_token(i) for i in range(len(SPECIAL))] == list(SPECIAL)
    for text in ("@user", "httpurl", "lihat httpurl @user ya"):
        tokens = tiny_tokenizer.encode(text, add_special_tokens=False).tokens
        assert [t for t in tokens if t in PLACEHOLDERS] == [w for w in text.split() if w in PLACEHOLDERS]


def test_pieces_hold_every_token_of_a_long_text(packed: Packed, tiny_tokenizer: Tokenizer) -> None:
    assert int(packed.lengths.max()) == PIECE_TOKENS
    expected = len(tiny_tokenizer.encode("kata " * 500, add_special_tokens=False).ids)
    pieces = -(-expected // PIECE_TOKENS)
    assert int(packed.lengths[-pieces:].sum()) == expected


@pytest.fixture
def packed_copy(folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(folder, tmp_path / "packed")


@pytest.mark.parametrize("name", ["tokens.npy", "lengths.npy", "domains.npy", "tokenizer.json"])
@pytest.mark.parametrize("harm", [b"x", None])
def test_a_damaged_or_missing_part_is_named(packed_copy: Path, name: str, harm: bytes | None) -> None:
    (packed_copy / name).write_bytes(harm) if harm else (packed_copy / name).unlink()
    with pytest.raises(DataError, match=rf"{name}: .*`pilah data pack` again"):
        load_packed(packed_copy)


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"normaliser": "1", "vocabulary": "x", "sha256": []}'])
def test_a_folder_that_was_not_packed_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=r"not a packed folder .* `pilah data pack`"):
        load_packed(tmp_path)


def test_a_folder_packed_with_another_normaliser_is_refused(packed_copy: Path) -> None:
    manifest = json.loads((packed_copy / "manifest.json").read_text())
    (packed_copy / "manifest.json").write_text(json.dumps({**manifest, "normaliser": "0"}))
    with pytest.raises(DataError, match=r"packed with normaliser 0, this program has .*`pilah data pack` again"):
        load_packed(packed_copy)


def test_a_folder_packed_with_another_vocabulary_is_refused(packed_copy: Path) -> None:
    tokenizer = Tokenizer.from_file(str(packed_copy / "tokenizer.json"))
    tokenizer.add_tokens(["katabaru"])
    tokenizer.save(str(packed_copy / "tokenizer.json"))
    with pytest.raises(DataError, match=r"another vocabulary .*tokenizer\.json"):
        load_packed(packed_copy)


@pytest.mark.parametrize(
    "foreign",
    [
        {"thesis.txt": "x"},
        {"tokenizer.json": "{}"},
        {"manifest.json": '{"files": {}, "version": "1"}', "tokenizer.json": "{}"},
        {"manifest.json": '{"sha256": {"graph.onnx": "0"}}'},
        {"manifest.json": "{"},
        {"manifest.json": "[]"},
        {"tokens.npy": "x", "thesis.txt": "x"},
        {"": "x"},
    ],
)
def test_a_folder_of_something_else_is_not_packed_into(
    foreign: dict[str, str], packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    if "" not in foreign:
        out.mkdir()
    for name, text in foreign.items():
        (out / name).write_text(text)
    calls: tuple[Callable[[], object], ...] = (
        lambda: pack([("social", "kata lain yang lama")], tiny_tokenizer, out),
        lambda: prepare(tmp_path / "nowhere", tmp_path / "nowhere", out, lambda _: None),
        lambda: write_travelling(packed, out, 50.0, lambda _: None),
    )
    for call in calls:
        with pytest.raises(InputError, match=r"out holds something that is no packed folder; .*--out"):
            call()
    assert {name: (out / name).read_text() for name in foreign} == foreign


def test_a_packed_folder_is_replaced_and_what_else_lies_there_stays(
    packed: Packed, packed_copy: Path, tiny_tokenizer: Tokenizer
) -> None:
    (packed_copy / "notes.txt").write_text("x")
    write_travelling(packed, packed_copy, 50.0, lambda _: None)
    # Nothing of the other form is left to be carried along.
    assert sorted(p.name for p in packed_copy.glob("*.npy*")) == [
        f"{name}.npy.zst" for name in ("domains", "lengths", "tokens")
    ]
    pack([("social", "kata lain yang lama " * 9)], tiny_tokenizer, packed_copy)
    assert len(load_packed(packed_copy).lengths) == 1
    assert sorted(p.name for p in packed_copy.glob("*.npy*")) == ["domains.npy", "lengths.npy", "tokens.npy"]
    assert (packed_copy / "notes.txt").read_text() == "x"


def test_what_a_packing_that_was_killed_left_is_replaced(tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "tokens.npy").write_bytes(b"x")
    pack([("social", "kata lain yang lama " * 9)], tiny_tokenizer, tmp_path)
    assert len(load_packed(tmp_path).lengths) == 1


def test_no_text_at_all_is_said(tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no text to pack; .*--shared"):
        pack([], tiny_tokenizer, tmp_path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "cannot be read"), ("{", "cannot be read"), ("few", r"has no \[CLS\]"), ("many", "has 65541 entries")],
)
def test_a_vocabulary_to_keep_is_read_before_any_work(
    content: str | None, fault: str, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    path = tmp_path / "words.json"
    if content in ("few", "many"):
        words = {"[UNK]": 0} if content == "few" else {t: i for i, t in enumerate([*SPECIAL, *map(str, range(2**16))])}
        Tokenizer(models.WordPiece(words, unk_token="[UNK]")).save(str(path))
    elif content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=rf"vocabulary {path} {fault}.*--tokenizer"):
        prepare(tmp_path / "nowhere", tmp_path / "nowhere", tmp_path / "out", lambda _: None, tokenizer=path)


def test_normalising_in_workers_keeps_the_order() -> None:
    texts = [("social", f"Post NOMOR {i}") for i in range(50)]
    assert list(normalise_stream(texts, processes=2)) == [(d, t.lower()) for d, t in texts]


def test_masking_hides_whole_words_and_keeps_targets(packed: Packed, tiny_tokenizer: Tokenizer) -> None:
    masker = Masker(tiny_tokenizer, rate=0.3)
    pieces = [packed.piece(i) for i in range(20)]
    batch = masker.batch(pieces, np.random.default_rng(0))
    clean = np.zeros(batch.ids.shape, dtype=np.int64)
    for row, piece in enumerate(pieces):
        clean[row, : len(piece) + 2] = [masker.cls, *piece, masker.sep]
    positions = batch.positions[batch.targets != IGNORED]
    np.testing.assert_array_equal(clean.ravel()[positions], batch.targets[: len(positions)])
    assert not batch.positions[len(positions) :].any()
    untouched = np.setdiff1d(np.arange(clean.size), positions)
    np.testing.assert_array_equal(batch.ids.ravel()[untouched], clean.ravel()[untouched])
    assert 0.2 < len(positions) / batch.tokens < 0.4
    # A continuation piece is predicted exactly when the piece before it is.
    chosen = np.zeros(clean.size, dtype=bool)
    chosen[positions] = True
    continues = np.asarray([str(tiny_tokenizer.id_to_token(int(i))).startswith("##") for i in clean.ravel()])
    at = np.flatnonzero(continues)
    np.testing.assert_array_equal(chosen[at], chosen[at - 1])


def test_batches_never_hold_held_out_pieces_nor_a_domain_without_a_share(
    packed: Packed, tiny_tokenizer: Tokenizer
) -> None:
    # A rate near zero leaves the rows readable.
    masker = Masker(tiny_tokenizer, rate=1e-9)
    marked = held_out(packed)
    assert marked.any()
    allowed = {tuple(packed.piece(int(i))) for i in np.flatnonzero((packed.domains == 0) & ~marked)}
    batches = training_batches(
        packed, masker, {"social": 1.0, "news": 0.0, "other": 0.0}, 256, np.random.default_rng(0)
    )
    for _ in range(20):
        batch = next(batches)
        for row, mask in zip(batch.ids, batch.attention, strict=True):
            assert tuple(row[1 : mask.sum() - 1]) in allowed


def test_skipgram_vectors_have_the_embedding_shape(packed: Packed, tiny_tokenizer: Tokenizer) -> None:
    size = tiny_tokenizer.get_vocab_size()
    vectors = train_skipgram(
        packed, np.arange(len(packed.lengths)), vocabulary=size, dimension=32, seed=1, epochs=1, workers=1
    )
    assert vectors.shape == (size, 32)
    assert 0.01 < vectors.std() < 0.1


def test_a_run_stops_goes_on_and_learns(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    lines: list[str] = []
    first = pretrain(CONFIG, packed, tiny_tokenizer, tmp_path / "run", steps(90, cooldown=0.4), lines.append)
    record = json.loads((first / "pretraining.json").read_text())
    assert record["steps"] == 90
    pretrain(CONFIG, packed, tiny_tokenizer, tmp_path / "run", steps(90, cooldown=0.4), lines.append)
    after = json.loads((first / "pretraining.json").read_text())
    # It goes on from where the cool-down began, not from where it ended.
    assert any(line.endswith("54 steps") for line in lines if line.startswith("resuming after"))
    assert after["steps"] == 144
    assert after["tokens"] > record["tokens"] > 0
    assert after["device"] == "cpu"
    # Knowing nothing costs the logarithm of the vocabulary.
    assert after["held_out"][-1]["social"] < np.log(tiny_tokenizer.get_vocab_size()) - 0.3
    assert (first / "model.safetensors").is_file()
    assert (first / "tokenizer.json").is_file()


def test_the_shortest_run_leaves_a_point_of_tokens_loss_and_throughput(
    packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    encoder = pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(2), lambda _: None)
    record = json.loads((encoder / "pretraining.json").read_text())
    ((tokens, loss, rate),) = record["curve"]
    assert tokens == record["tokens"]
    assert loss > 1
    assert rate > 0
    assert json.loads((tmp_path / "run" / "stable" / "progress.json").read_text())["curve"] == record["curve"]


def test_points_are_left_at_the_interval_of_the_budget(
    packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    budget = dataclasses.replace(steps(3), report_seconds=0.0)
    encoder = pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", budget, lambda _: None)
    assert len(json.loads((encoder / "pretraining.json").read_text())["curve"]) == 3


def test_a_budget_ends_with_its_minutes_or_its_steps_whichever_is_first() -> None:
    assert Budget(2.0).used(60.0, 1_000_000) == 0.5
    assert Budget(2.0, max_steps=10).used(60.0, 1) == 0.5
    assert Budget(2.0, max_steps=10).used(60.0, 10) == 1.0


def test_what_was_recorded_reaches_the_trained_folder(
    packed: Packed, tiny_tokenizer: Tokenizer, few: Material, tmp_path: Path
) -> None:
    encoder = pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(2), lambda _: None)
    path = encoder / "pretraining.json"
    record = json.loads(path.read_text())
    posts = Material([], few.authored[:30])
    train(str(encoder), posts, TrainConfig(epochs=1), tmp_path / "trained", lambda _: None)
    base = json.loads((tmp_path / "trained" / "training.json").read_text())["base"]
    assert base["device"] == "cpu"
    assert base["skipgram"] is False
    assert base["seconds"] == record["seconds"]
    for damaged in ("{", "[]", "{}", json.dumps({**record, "held_out": []})):
        path.write_text(damaged)
        with pytest.raises(InputError, match=r"pretraining\.json is damaged"):
            train(str(encoder), posts, TrainConfig(epochs=1), tmp_path / "again", lambda _: None)
    assert not (tmp_path / "again").exists()


def test_a_checkpoint_of_another_configuration_is_refused(
    packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)
    other = dataclasses.replace(PLAIN, seed=2)
    with pytest.raises(DataError, match="another configuration"):
        pretrain(other, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)


def test_a_checkpoint_of_a_former_version_is_read(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)
    path = tmp_path / "run" / "stable" / "progress.json"
    progress = json.loads(path.read_text())
    del progress["device"]
    path.write_text(json.dumps({**progress, "cooled": False, "curve": [[10, 5.0]]}))
    encoder = pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)
    after = json.loads((encoder / "pretraining.json").read_text())
    assert after["steps"] == 2
    assert after["curve"][0] == [10, 5.0]
    assert after["device"] == "cpu"


def test_a_damaged_checkpoint_is_named(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)
    (tmp_path / "run" / "stable" / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="checkpoint cannot be read"):
        pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)


Trained = tuple[MaskedLanguageModel, list[torch.optim.Optimizer]]


@pytest.fixture
def fresh(tiny_tokenizer: Tokenizer) -> Callable[[int], Trained]:
    def make(seed: int) -> Trained:
        torch.manual_seed(seed)
        model = MaskedLanguageModel(PLAIN.shape.config(tiny_tokenizer.get_vocab_size()))
        return model, [torch.optim.AdamW(model.parameters(), lr=1e-3)]

    return make


@pytest.fixture
def batches(packed: Packed, tiny_tokenizer: Tokenizer) -> list[Batch]:
    stream = training_batches(
        packed, Masker(tiny_tokenizer, 0.2), PLAIN.mixture, PLAIN.batch_tokens, np.random.default_rng(0)
    )
    return [next(stream) for _ in range(4)]


def step(trained: Trained, batch: Batch) -> None:
    model, (optimiser,) = trained
    ids, attention, positions, targets = map(
        torch.from_numpy, (batch.ids, batch.attention, batch.positions, batch.targets)
    )
    optimiser.zero_grad()
    torch.autograd.backward(
        torch.nn.functional.cross_entropy(model(ids, attention, positions), targets, ignore_index=IGNORED)
    )
    optimiser.step()


def state(trained: Trained) -> dict[str, torch.Tensor]:
    """Weights, both moments and the step counter of every parameter, by name."""
    model, (optimiser,) = trained
    tensors = {f"weight {name}": value for name, value in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        assert set(optimiser.state[parameter]) == {"step", "exp_avg", "exp_avg_sq"}
        tensors |= {f"{key} {name}": value for key, value in optimiser.state[parameter].items()}
    return copy.deepcopy(tensors)


def assert_bit_for_bit(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for key, value in one.items():
        assert value.dtype == other[key].dtype
        assert torch.equal(value, other[key]), key


def test_a_second_optimiser_goes_on_bit_for_bit(
    fresh: Callable[[int], Trained], batches: list[Batch], tmp_path: Path
) -> None:
    first, second = fresh(1), fresh(2)
    for batch in batches[:2]:
        step(first, batch)
    saved = state(first)
    assert bool((saved["exp_avg_sq bias"] > 0).any())
    progress = checkpoint.Progress("f", 2, 34, 5.6, "cuda", [[34, 5.5, 100]], [{"tokens": 34.0, "social": 5.4}])
    checkpoint.save(tmp_path / "stable", *first, progress)
    assert checkpoint.load(tmp_path / "stable", *second, "f") == progress
    assert_bit_for_bit(state(second), saved)
    for batch in batches[2:]:
        step(first, batch)
        step(second, batch)
    assert_bit_for_bit(state(second), state(first))
    assert not torch.equal(state(first)["weight bias"], saved["weight bias"])


class KilledError(Exception):
    """Stands for a process that ends at this point."""


def save_and_be_killed(folder: Path, trained: Trained, steps: int, rename: int) -> None:
    """Save, and let the n-th rename be the end of the process."""
    left = [rename]
    replace = os.replace

    def one_less(*paths: Path) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        replace(*paths)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", one_less)
        with pytest.raises(KilledError):
            checkpoint.save(folder, *trained, checkpoint.Progress("f", steps))


@pytest.mark.parametrize("rename", [1, 2])
def test_a_kill_while_saving_leaves_the_former_state(
    fresh: Callable[[int], Trained], batches: list[Batch], tmp_path: Path, rename: int
) -> None:
    trained, folder = fresh(1), tmp_path / "stable"
    step(trained, batches[0])
    saved = state(trained)
    checkpoint.save(folder, *trained, checkpoint.Progress("f", 1))
    step(trained, batches[1])
    save_and_be_killed(folder, trained, 2, rename)
    other = fresh(2)
    assert checkpoint.load(folder, *other, "f").steps == 1
    assert_bit_for_bit(state(other), saved)
    # Killed a second time, in the first save after the resumption.
    save_and_be_killed(folder, other, 3, 1)
    again = fresh(3)
    assert checkpoint.load(folder, *again, "f").steps == 1
    assert_bit_for_bit(state(again), saved)
    checkpoint.save(folder, *again, checkpoint.Progress("f", 4))
    assert checkpoint.load(folder, *again, "f").steps == 4
    assert [path.name for path in tmp_path.iterdir()] == ["stable"]


def test_a_kill_between_the_two_renames_is_resumed(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> None:
    pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lambda _: None)
    (tmp_path / "run" / "stable").rename(tmp_path / "run" / "stable.old")
    lines: list[str] = []
    pretrain(PLAIN, packed, tiny_tokenizer, tmp_path / "run", steps(1), lines.append)
    assert lines[0].startswith("resuming after")

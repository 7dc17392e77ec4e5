"""What a pretraining run begins as: what is refused before any work, and what is said of the encoder that it begins from."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError
from pilah_data.normalise import normalise_text
from pilah_data.raw_texts import DOMAINS
from pilah_model.material import Material
from pilah_model.pretraining.batches import Batch
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.device_batches import RowBatch
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.network import HEAD, Shape
from pilah_model.pretraining.objective import Objective
from pilah_model.pretraining.packing import Packed, load_packed, pack
from pilah_model.pretraining.probe_report import Questions, report
from pilah_model.pretraining.starting import check_probed
from pilah_model.pretraining.travel import write_travelling

CONFIG = PretrainConfig(
    shape=Shape(layers=2, hidden=32, heads=2, intermediate=64), batch_tokens=256, warmup_steps=2, skipgram=False
)
BUDGET = Budget(60.0, checkpoint_minutes=60.0, report_seconds=3600.0, max_steps=2)
Pretrain = Callable[..., Path]


@pytest.fixture(scope="module")
def packed(few: Material, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    out = tmp_path_factory.mktemp("packed")
    pack([(DOMAINS[i % 3], normalise_text(p.text)) for i, p in enumerate(few.authored)], tiny_tokenizer, out)
    return load_packed(out)


@pytest.fixture(scope="module")
def thinned(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """The same pieces in a folder made to travel, of other hashes."""
    out = tmp_path_factory.mktemp("travelling") / "packed"
    write_travelling(packed, out, 50.0, lambda _: None)
    return load_packed(out)


@pytest.fixture(scope="module")
def finished(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The encoder of a finished run."""
    return pretrain(CONFIG, packed, tiny_tokenizer, tmp_path_factory.mktemp("finished"), BUDGET, lambda _: None)


@pytest.fixture
def run(packed: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path) -> Pretrain:
    def call(
        lines: list[str] | None = None, *, config: PretrainConfig = CONFIG, budget: Budget = BUDGET,
        out: Path = tmp_path / "run", pieces: Packed = packed, **options: Any,
    ) -> Path:  # fmt: skip
        log = (lambda _: None) if lines is None else lines.append
        return pretrain(config, pieces, tiny_tokenizer, out, budget, log, **options)

    return call


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "foreign",
    [
        "encoder/thesis.txt",
        "encoder",
        "encoder.new/thesis.txt",
        "encoder.old/thesis.txt",
        "encoder.new",
        "stable/thesis.txt",
        "stable/model.safetensors",
        "stable.new/thesis.txt",
        "stable.old/thesis.txt",
        "cooling/thesis.txt",
        "cooling.new/thesis.txt",
    ],
)
def test_a_folder_of_something_else_is_refused_before_any_work(run: Pretrain, foreign: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = write(home / foreign)
    lines: list[str] = []
    with pytest.raises(InputError, match=rf"home/{Path(foreign).parts[0]} holds something that is no .*--out"):
        run(lines, out=home)
    assert path.read_text() == "x"
    assert [p for p in home.rglob("*") if p.is_file()] == [path]
    assert lines == []


def test_empty_folders_and_what_a_kill_left_are_taken(run: Pretrain, tmp_path: Path) -> None:
    for name in ("encoder", "stable"):
        (tmp_path / "run" / name).mkdir(parents=True)
    for name in ("stable.new/.tmpAbC123", "stable.new/model.safetensors", "encoder.new/config.json"):
        write(tmp_path / "run" / name)
    run()
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["encoder", "stable"]


def test_a_place_that_cannot_be_written_is_refused_before_any_work(run: Pretrain, tmp_path: Path) -> None:
    write(tmp_path / "file")
    lines: list[str] = []
    with pytest.raises(InputError, match=r"file/run cannot be written \(Not a directory\); .*--out"):
        run(lines, out=tmp_path / "file" / "run", config=dataclasses.replace(CONFIG, skipgram=True))
    assert lines == []


def test_only_rows_are_compiled(run: Pretrain) -> None:
    with pytest.raises(InputError, match=r"rows = true .*--compile"):
        run(budget=dataclasses.replace(BUDGET, compiled=True))


def first_batch(run: Pretrain, monkeypatch: pytest.MonkeyPatch, **options: Any) -> np.ndarray[Any, Any]:
    """Return the ids of the first batch that a run learns from."""
    seen: list[np.ndarray[Any, Any]] = []
    loss = Objective.loss

    def noted(objective: Objective, batch: Batch | RowBatch) -> torch.Tensor:
        seen.append(np.asarray(batch.ids).copy())
        return loss(objective, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Objective, "loss", noted)
        run(**options)
    return seen[0]


@pytest.mark.parametrize("rows", [False, True])
def test_a_run_begun_from_an_encoder_reads_other_batches_than_that_did(
    run: Pretrain, finished: Path, rows: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = dataclasses.replace(CONFIG, rows=rows)
    own, again = (
        first_batch(run, monkeypatch, config=config, out=tmp_path / name, budget=BUDGET) for name in ("one", "two")
    )
    assert np.array_equal(own, again)
    begun = first_batch(run, monkeypatch, config=config, out=tmp_path / "three", start=finished)
    assert not np.array_equal(own, begun)


def test_another_packed_folder_is_warned_of_and_recorded(
    run: Pretrain, finished: Path, packed: Packed, thinned: Packed, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    lines: list[str] = []
    encoder = run(lines, pieces=thinned, start=finished)
    assert any(line.startswith(f"warning: {finished} was trained on another packed folder") for line in lines)
    record = json.loads((encoder / "pretraining.json").read_text())
    assert record["origin"]["packed"] == packed.manifest["sha256"]
    # Known as well to a run that begins from it, though that one reads the same folder.
    again = run(pieces=thinned, start=encoder, out=tmp_path / "again")
    later = json.loads((again / "pretraining.json").read_text())
    assert later["origin"]["packed"] == packed.manifest["sha256"]
    same: list[str] = []
    plain = run(same, start=finished, out=tmp_path / "same")
    assert not any("warning" in line for line in same)
    assert "packed" not in json.loads((plain / "pretraining.json").read_text())["origin"]


def test_an_encoder_is_only_probed_with_the_packed_folder_of_its_run(
    finished: Path, packed: Packed, thinned: Packed
) -> None:
    record = json.loads((finished / "pretraining.json").read_text())
    check_probed(record, packed, finished)
    hashes: Any = [p.manifest["sha256"] for p in (packed, thinned)]
    own, other = (next(iter(found.values()))[:12] for found in hashes)
    with pytest.raises(
        InputError, match=rf"{finished} .*tokens\.npy {own}.* than .*tokens\.npy\.zst {other}.*--packed"
    ):
        check_probed(record, thinned, finished)


def test_a_folder_to_begin_from_must_be_there(run: Pretrain, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere is no folder; .*--start"):
        run(start=tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: not an encoder .*--start"):
        run(start=tmp_path / "empty")


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"heads": 4}, "it has heads 2, this run heads 4"),
        ({"layers": 3}, "it has layers 2, this run layers 3"),
        (
            {"hidden": 64, "intermediate": 128},
            "it has hidden 32, intermediate 64, this run hidden 64, intermediate 128",
        ),
        ({"positions": 136}, "it has positions 128, this run positions 136"),
    ],
)
def test_the_sizes_that_differ_are_named(
    run: Pretrain, finished: Path, change: dict[str, int], difference: str
) -> None:
    other = dataclasses.replace(CONFIG, shape=dataclasses.replace(CONFIG.shape, **change))
    with pytest.raises(DataError, match=rf"{finished}: an encoder of another shape .*{difference};.*--start"):
        run(config=other, start=finished)


def test_another_vocabulary_is_refused_though_it_is_as_large(
    run: Pretrain, finished: Path, tiny_tokenizer: Tokenizer, tmp_path: Path
) -> None:
    other = shutil.copytree(finished, tmp_path / "other")
    path = other / "tokenizer.json"
    words = json.loads(path.read_text())
    vocabulary = words["model"]["vocab"]
    one, two = [word for word in vocabulary if word.isalpha()][:2]
    vocabulary[one], vocabulary[two] = vocabulary[two], vocabulary[one]
    path.write_text(json.dumps(words))
    with pytest.raises(DataError, match=r"tokenizer\.json: .*another vocabulary .*--start"):
        run(start=other)
    path.write_text("{")
    with pytest.raises(DataError, match=r"tokenizer\.json: vocabulary cannot be read .*--start"):
        run(start=other)
    path.unlink()
    run(start=other)


def test_an_encoder_of_more_words_is_refused(run: Pretrain, finished: Path, tmp_path: Path) -> None:
    other = shutil.copytree(finished, tmp_path / "other")
    (other / HEAD).unlink()
    config = json.loads((other / "config.json").read_text())
    size = config["vocab_size"]
    (other / "config.json").write_text(json.dumps({**config, "vocab_size": size + 1}))
    weights = load_file(other / "model.safetensors")
    words = weights["embeddings.word_embeddings.weight"]
    weights["embeddings.word_embeddings.weight"] = torch.cat([words, words[:1]])
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(DataError, match=rf"it has vocabulary {size + 1}, this run vocabulary {size};"):
        run(start=other)


def test_a_head_that_is_missing_is_said_and_one_that_lacks_a_part_refused(
    run: Pretrain, finished: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(finished, tmp_path / "other")
    head = load_file(other / HEAD)
    del head["transform.0.weight"]
    save_file(head, other / HEAD)
    with pytest.raises(DataError, match=r"(?s)not an encoder .*transform\.0\.weight"):
        run(start=other)
    (other / HEAD).unlink()
    lines: list[str] = []
    run(lines, start=other)
    assert f"warning: {other} has no prediction head of its own; a new one begins from random weights" in lines


def test_an_encoder_is_not_begun_from_where_a_run_goes_on(run: Pretrain, finished: Path, tmp_path: Path) -> None:
    run()
    lines: list[str] = []
    run(lines, start=finished)
    assert f"a run lies in {tmp_path / 'run'} and goes on; {finished} is not begun from (option --start)" in lines


def test_the_page_of_a_probe_says_that_held_out_pieces_may_be_known(
    finished: Path, packed: Packed, tiny_tokenizer: Tokenizer
) -> None:
    from pilah_model.pretraining.network import load_model

    record = json.loads((finished / "pretraining.json").read_text())
    questions = Questions([], [])
    for origin, said in (({}, False), ({"tokens": 5, "packed": {"tokens.npy": "0"}}, True)):
        page = report(
            load_model(finished)[0], tiny_tokenizer, packed, [], questions, {**record, "origin": origin}, own_head=True
        )
        assert ("was trained on another packed folder" in page) is said

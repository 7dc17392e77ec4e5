"""Soft labels, the teachers that make them, and the student that learns from them."""

from __future__ import annotations

import dataclasses
import json
import shutil
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError
from pilah_data.normalise import normalise_text
from pilah_data.records import Example
from pilah_data.taxonomy import Label
from pilah_model.artefacts import file_sha256
from pilah_model.material import Material
from pilah_model.pretraining.network import MaskedLanguageModel, Shape
from pilah_model.pretraining.packing import Packed, load_packed, pack
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper
from pilah_model.training.config import TrainConfig
from pilah_model.training.loop import TrainData, at_once, fine_tune
from pilah_model.training.network import PostClassifier, load_encoder
from pilah_model.training.pool import Marks, Pool
from pilah_model.training.run import load_trained, train
from pilah_model.training.soft import SoftLabels
from pilah_model.training.teaching import SHORTEST, teach

LONG = "ayo warga jaga kampung kita " * 80
TEACHERS = [{"name": "one", "sha256": "0" * 64}]


def silent(_: str) -> None:
    """Drop a line of a log."""


def public(name: str, text: str, split: str) -> Example:
    return Example(name, text, Label.POLITIK_NETRAL, (), None, None, (), split, "s")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pool_material(few: Material) -> Material:
    """A few authored training posts, and public posts to learn from and to measure on."""
    texts = [p.text for p in few.authored if p.split == "train" and len(p.text) > 40]
    posts = [public(f"t{i}", text, "train") for i, text in enumerate(texts[:10])]
    posts += [public(f"v{i}", text, "validation") for i, text in enumerate([*texts[10:20], LONG])]
    posts += [public(f"u{i}", text, "test") for i, text in enumerate(texts[20:30])]
    return Material(posts, [p for p in few.authored if p.split == "train"][:40])


@pytest.fixture(scope="module")
def packed_folder(
    few: Material, pool_material: Material, tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("packed")
    texts = [e.text for e in pool_material.public] + [p.text for p in few.authored if p.split != "train"]
    pairs = [("social", normalise_text(text)) for text in dict.fromkeys([*texts, "kata kata"])]
    pack([*pairs, ("news", normalise_text(texts[0]))], tiny_tokenizer, out)
    return out


@pytest.fixture(scope="module")
def packed(packed_folder: Path) -> Packed:
    return load_packed(packed_folder)


@pytest.fixture(scope="module")
def other_teacher(tiny_tokenizer: Tokenizer, pool_material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained network of another size than the tiny one."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("larger")
    shape = Shape(layers=1, hidden=48, heads=3, intermediate=96)
    MaskedLanguageModel(shape.config(tiny_tokenizer.get_vocab_size())).bert.save_pretrained(folder)
    tiny_tokenizer.save(str(folder / "tokenizer.json"))
    return train(str(folder), pool_material, TrainConfig(epochs=1), folder / "trained", silent)


@pytest.fixture(scope="module")
def soft_folder(
    tiny_trained: Path,
    other_teacher: Path,
    packed: Packed,
    pool_material: Material,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("soft")
    teach([tiny_trained, other_teacher], packed, pool_material, folder, silent)
    return folder


@pytest.fixture
def soft_copy(soft_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(soft_folder, tmp_path / "soft")


def some_labels(count: int) -> SoftLabels:
    rng = np.random.default_rng(0)
    labels, directions = (rng.dirichlet(np.ones(3), count).astype(np.float16) for _ in range(2))
    forms = rng.random((count, 10)).astype(np.float16)
    return SoftLabels(rng.permutation(count).astype(np.int64), labels, forms, directions)


def test_soft_labels_come_back_as_they_were_saved(packed: Packed, tmp_path: Path) -> None:
    saved = some_labels(20).made_by(TEACHERS, packed).save(tmp_path / "soft")
    loaded = SoftLabels.load(tmp_path / "soft", packed)
    for name in ("pieces", "labels", "forms", "directions"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(saved, name))
    assert loaded.manifest == saved.manifest
    assert loaded.manifest["teachers"] == TEACHERS
    assert loaded.manifest["packed"] == packed.manifest["sha256"]


@pytest.mark.parametrize("name", ["pieces.npy", "labels.npy", "forms.npy", "directions.npy"])
@pytest.mark.parametrize("harm", [b"x", None])
def test_a_damaged_or_missing_file_is_named(soft_copy: Path, packed: Packed, name: str, harm: bytes | None) -> None:
    (soft_copy / name).write_bytes(harm) if harm else (soft_copy / name).unlink()
    with pytest.raises(DataError, match=rf"{name}: missing or damaged; .*`pilah teach`"):
        SoftLabels.load(soft_copy, packed)


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"taxonomy": "1", "packed": {}, "sha256": []}'])
def test_a_folder_without_a_manifest_is_named(soft_copy: Path, packed: Packed, content: str | None) -> None:
    path = soft_copy / "manifest.json"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(DataError, match=r"manifest\.json: no manifest of soft labels .*`pilah teach`"):
        SoftLabels.load(soft_copy, packed)


@pytest.mark.parametrize(
    ("key", "what"), [("packed", "packed folder"), ("vocabulary", "vocabulary"), ("taxonomy", "taxonomy")]
)
def test_labels_made_for_something_else_are_refused(soft_copy: Path, packed: Packed, key: str, what: str) -> None:
    path = soft_copy / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: "another"}))
    with pytest.raises(DataError, match=rf"made for another {what}; .*`pilah teach`"):
        SoftLabels.load(soft_copy, packed)


@pytest.mark.parametrize(
    ("name", "array", "fault"),
    [
        ("pieces", np.full(3, 10**6), r"pieces\.npy: a piece beyond the \d+ packed ones"),
        ("pieces", np.arange(2), r"labels\.npy: 3 rows for 2 pieces"),
        ("labels", np.zeros((3, 4), np.float16), r"labels\.npy: holds float16 of shape \(3, 4\)"),
        ("forms", np.zeros((3, 10)), r"forms\.npy: holds float64 of shape \(3, 10\)"),
    ],
)
def test_arrays_that_do_not_fit_are_named(
    packed: Packed, tmp_path: Path, name: str, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], fault: str
) -> None:
    some_labels(3).made_by(TEACHERS, packed).save(tmp_path)
    np.save(tmp_path / f"{name}.npy", array)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["sha256"][f"{name}.npy"] = file_sha256(tmp_path / f"{name}.npy")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=fault):
        SoftLabels.load(tmp_path, packed)


def test_posts_to_measure_on_are_not_taught(
    soft_folder: Path, packed: Packed, pool_material: Material, tiny_tokenizer: Tokenizer
) -> None:
    def pieces(text: str) -> list[bytes]:
        ids = np.asarray(tiny_tokenizer.encode(normalise_text(text), add_special_tokens=False).ids, np.uint16)
        return [ids[at : at + 126].tobytes() for at in range(0, len(ids), 126)]

    taught = {packed.piece(i).tobytes() for i in SoftLabels.load(soft_folder, packed).pieces}
    everything = {packed.piece(i).tobytes() for i in range(len(packed.lengths))}
    for example in pool_material.public:
        for piece in pieces(example.text):
            assert piece in everything or len(piece) < 8  # what is too short is not packed
            assert (piece in taught) == (example.split == "train" and len(piece) >= 2 * SHORTEST)


def test_only_pieces_of_the_domain_that_are_long_enough_are_taught(soft_folder: Path, packed: Packed) -> None:
    soft = SoftLabels.load(soft_folder, packed)
    assert len(soft.pieces) > 50
    assert bool((packed.domains[soft.pieces] == 0).all())
    assert packed.lengths[soft.pieces].min() >= SHORTEST > packed.lengths.min()
    assert bool((np.diff(soft.pieces) > 0).all())


def test_probabilities_are_the_mean_of_the_teachers(
    soft_folder: Path, tiny_trained: Path, other_teacher: Path, packed: Packed
) -> None:
    soft = SoftLabels.load(soft_folder, packed)
    teachers = [load_trained(folder)[0] for folder in (tiny_trained, other_teacher)]
    assert [t["sha256"] for t in soft.manifest["teachers"]] == [  # type: ignore[attr-defined]
        file_sha256(folder / "network.safetensors") for folder in (tiny_trained, other_teacher)
    ]
    marks = Marks.of(Tokenizer.from_file(str(tiny_trained / "tokenizer.json")))
    for row in range(0, len(soft.pieces), 7):
        ids = torch.tensor([[marks.cls, *packed.piece(int(soft.pieces[row])).tolist(), marks.sep]])
        with torch.no_grad():
            logits = [teacher(ids, torch.ones_like(ids)) for teacher in teachers]
        for name, probability in (
            ("labels", torch.stack([one.labels.softmax(1) for one in logits])),
            ("forms", torch.stack([one.forms.sigmoid() for one in logits])),
            ("directions", torch.stack([one.directions.softmax(1) for one in logits])),
        ):
            # Within what bfloat16 loses.
            np.testing.assert_allclose(getattr(soft, name)[row], probability.mean(0)[0].numpy(), atol=0.02)


def test_teaching_says_what_it_left_out_and_what_it_found(
    tiny_trained: Path, packed: Packed, pool_material: Material, tmp_path: Path
) -> None:
    lines: list[str] = []
    teach([tiny_trained], packed, pool_material, tmp_path / "soft", lines.append, domains=("social", "news"))
    assert "that are posts to measure on are left out" in lines[0]
    assert lines[1].startswith("likeliest label: ")
    assert "; mean confidence 0." in lines[1]


@pytest.mark.parametrize(
    ("teachers", "domains", "reason"),
    [
        (0, ("social",), "no teacher"),
        (1, ("films",), "unknown domain 'films'; known are social, news, other"),
        (1, ("other",), "no piece of other with 5 tokens and more"),
    ],
)
def test_wrong_use_of_teaching_is_named(
    tiny_trained: Path,
    packed: Packed,
    pool_material: Material,
    tmp_path: Path,
    teachers: int,
    domains: tuple[str, ...],
    reason: str,
) -> None:
    with pytest.raises(InputError, match=reason):
        teach([tiny_trained] * teachers, packed, pool_material, tmp_path / "soft", silent, domains=domains)
    assert not (tmp_path / "soft").exists()


def test_a_teacher_of_another_vocabulary_is_refused(
    tiny_trained: Path, packed: Packed, pool_material: Material, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_trained, tmp_path / "trained")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.add_tokens(["katabaru"])
    tokenizer.save(str(folder / "tokenizer.json"))
    with pytest.raises(InputError, match=rf"teacher {folder} reads with another vocabulary"):
        teach([tiny_trained, folder], packed, pool_material, tmp_path / "soft", silent)


def test_a_folder_of_something_else_is_never_overwritten(
    tiny_trained: Path, packed_folder: Path, packed: Packed, pool_material: Material
) -> None:
    before = (packed_folder / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="holds something that is no soft labels"):
        teach([tiny_trained], packed, pool_material, packed_folder, silent)
    assert (packed_folder / "manifest.json").read_bytes() == before


@pytest.fixture
def pool(soft_folder: Path, packed: Packed, tiny_tokenizer: Tokenizer) -> Pool:
    return Pool.of(SoftLabels.load(soft_folder, packed), packed, tiny_tokenizer)


def test_the_pool_is_dealt_without_replacement(pool: Pool) -> None:
    count = len(pool.soft.pieces)
    dealt = np.concatenate([b.chosen for b in islice(pool.batches(1, 0.0, seed=1), count // 40 * 40)])
    assert len(set(dealt.tolist())) == len(dealt)
    twice = np.concatenate([b.chosen for b in islice(pool.batches(8, 0.0, seed=1), 40)])
    counts = np.bincount(twice, minlength=count)
    assert counts.max() - counts.min() <= 1


def test_pool_rows_hold_their_pieces(pool: Pool) -> None:
    for batch in islice(pool.batches(8, 0.0, seed=1), 40):
        for ids, mask, chosen in zip(batch.ids, batch.mask, batch.chosen, strict=True):
            piece = pool.packed.piece(int(pool.soft.pieces[chosen])).tolist()
            row = [pool.marks.cls, *piece, pool.marks.sep]
            assert ids[mask == 1].tolist() == row
            assert ids[: len(row)].tolist() == row
            assert not ids[len(row) :].any()


def test_noise_hides_the_given_share_of_words_only(pool: Pool) -> None:
    hidden = words = 0
    for plain, noisy in islice(zip(pool.batches(8, 0.0, 1), pool.batches(8, 0.3, 1), strict=True), 1):
        np.testing.assert_array_equal(plain.chosen, noisy.chosen)
        changed = plain.ids != noisy.ids
        assert bool((noisy.ids[changed] == pool.marks.mask).all())
        special = np.isin(plain.ids, (pool.marks.cls, pool.marks.sep)) | (plain.mask == 0)
        assert not changed[special].any()
    for batch in islice(pool.batches(8, 0.3, 1), 80):
        hidden += int((batch.ids == pool.marks.mask).sum())
        words += int(batch.mask.sum()) - 2 * len(batch.ids)
    assert 0.27 < hidden / words < 0.33


def test_a_student_of_another_vocabulary_is_refused(pool: Pool, tiny_tokenizer: Tokenizer) -> None:
    other = Tokenizer.from_str(tiny_tokenizer.to_str())
    other.add_tokens(["katabaru"])
    with pytest.raises(InputError, match=r"another vocabulary .*--base.*--soft"):
        Pool.of(pool.soft, pool.packed, other)
    soft = pool.soft
    nothing = SoftLabels(soft.pieces[:0], soft.labels[:0], soft.forms[:0], soft.directions[:0])
    with pytest.raises(InputError, match="of no piece"):
        Pool.of(nothing, pool.packed, tiny_tokenizer)


def test_a_student_learns_from_the_pool_alone(
    pool: Pool, tiny_encoder: Path, pool_material: Material, tiny_tokenizer: Tokenizer
) -> None:
    torch.manual_seed(0)
    examples = [example for part in pool_material.split("train") for example in part]
    nothing = TrainData(examples, np.zeros(len(examples), np.float32), NameSwapper([]))
    config = TrainConfig(epochs=8, batch=8, pool_batch=32, direction_weight=0.0, average=0.0)
    sure = np.tile(np.asarray([0.0, 0.1, 0.9], np.float16), (len(pool.soft.pieces), 1))
    pool = dataclasses.replace(pool, soft=dataclasses.replace(pool.soft, labels=sure, forms=sure[:, [0] * 10]))
    network = PostClassifier(load_encoder(str(tiny_encoder), 0.1))
    lines: list[str] = []
    fine_tune(network, TextEncoder(tiny_tokenizer), nothing, config, lines.append, pool=pool)
    assert all("loss 0.0000" in line for line in lines)
    losses = [float(line.split("pool ")[1].split()[0]) for line in lines]
    assert losses[-1] < 0.7 * losses[0]


def test_a_student_records_its_teachers(
    soft_folder: Path, packed_folder: Path, tiny_encoder: Path, pool_material: Material, tmp_path: Path
) -> None:
    lines: list[str] = []
    config = TrainConfig(epochs=1, pool_batch=16)
    train(str(tiny_encoder), pool_material, config, tmp_path, lines.append, soft=(soft_folder, packed_folder))
    record = json.loads((tmp_path / "training.json").read_text())
    assert record["soft_labels"] == json.loads((soft_folder / "manifest.json").read_text())
    assert len(record["soft_labels"]["teachers"]) == 2
    assert any("pool of" in line for line in lines)


def test_rows_that_go_through_at_once_score_as_they_do_alone(tiny_trained: Path) -> None:
    network = load_trained(tiny_trained)[0]
    inputs = []
    for rows, columns in ((3, 8), (5, 24)):
        ids = torch.randint(5, 100, (rows, columns))
        mask = torch.ones_like(ids)
        mask[0, columns // 2 :] = 0
        inputs.append((ids, mask))
    with torch.no_grad():
        for (ids, mask), together in zip(inputs, at_once(network, inputs), strict=True):
            for part, alone in zip(together, network(ids, mask), strict=True):
                torch.testing.assert_close(part, alone, atol=1e-5, rtol=1e-4)

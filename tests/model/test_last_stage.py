"""Going on from a trained network, the mean of several, listed names read as stand-ins, and elections left out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from pilah_data.errors import InputError
from pilah_data.names import Names
from pilah_data.records import Example
from pilah_data.taxonomy import Label
from pilah_model.classifier import Classifier
from pilah_model.judgement import Post
from pilah_model.material import Material, years_of
from pilah_model.release import release
from pilah_model.scoring import score
from pilah_model.thresholds import Promise
from pilah_model.training.config import TrainConfig
from pilah_model.training.run import load_trained, train
from pilah_model.training.soup import average

ONE = TrainConfig(epochs=1, average=0.0)
NAMED = ("Ayo dukung {} di {}, coblos nomor {}!", [("Ganjar", "Bali", 3), ("Prabowo Subianto", "Jawa Barat", 2)])


def silent(_: str) -> None:
    """Drop a line of a log."""


@pytest.fixture(scope="module")
def gone_on(
    tiny_encoder: Path, tiny_trained: Path, few: Material, names: Names, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Two networks that went on from the same one with other seeds and stand-ins."""
    folder, material = tmp_path_factory.mktemp("soup"), dataclasses.replace(few, names=names)
    for seed in (1, 2):
        config = dataclasses.replace(ONE, seed=seed, stand_ins=True)
        train(str(tiny_encoder), material, config, folder / str(seed), silent, start=tiny_trained)
    return [folder / "1", folder / "2"]


def test_a_network_goes_on_from_the_one_it_is_given(gone_on: list[Path], tiny_trained: Path) -> None:
    before, _, began = load_trained(tiny_trained)
    after, _, record = load_trained(gone_on[0])
    gap = (before.labels.weight - after.labels.weight).norm() / before.labels.weight.norm()
    assert 0 < gap < 0.5
    assert record["start"] == began


def test_the_mean_of_two_lies_between_them(gone_on: list[Path], few: Material, tmp_path: Path) -> None:
    average(gone_on, few, tmp_path / "mean", silent)
    mean, reader, record = load_trained(tmp_path / "mean")
    parts = [load_trained(folder)[0].state_dict() for folder in gone_on]
    for name, tensor in mean.state_dict().items():
        torch.testing.assert_close(tensor, (parts[0][name] + parts[1][name]) / 2)
    assert reader.stand_ins is not None
    averaged = record["averaged"]
    assert isinstance(averaged, list)
    assert [part["seed"] for part in averaged] == [1, 2]


def test_the_start_may_be_part_of_the_mean(
    gone_on: list[Path], tiny_encoder: Path, few: Material, names: Names, tmp_path: Path
) -> None:
    material, config = dataclasses.replace(few, names=names), dataclasses.replace(ONE, seed=3, stand_ins=True)
    further = train(str(tiny_encoder), material, config, tmp_path / "further", silent, start=gone_on[0])
    average([gone_on[0], further], few, tmp_path / "mean", silent)
    average([further, gone_on[0]], few, tmp_path / "other", silent)
    one, other = (load_trained(tmp_path / name)[0].labels.weight for name in ("mean", "other"))
    torch.testing.assert_close(one, other)


def test_what_has_no_meaningful_mean_is_refused(
    gone_on: list[Path], tiny_encoder: Path, tiny_trained: Path, few: Material, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="two trained folders or more"):
        average(gone_on[:1], few, tmp_path / "mean", silent)
    with pytest.raises(InputError, match="differ in tokenizer or stand-ins"):
        average([gone_on[0], tiny_trained], few, tmp_path / "mean", silent)
    with pytest.raises(InputError, match="began with fresh layers"):
        average([tiny_trained, tiny_trained], few, tmp_path / "mean", silent)
    plain = train(str(tiny_encoder), few, ONE, tmp_path / "plain", silent, start=tiny_trained)
    with pytest.raises(InputError, match="differ in tokenizer or stand-ins"):
        average([gone_on[0], plain], few, tmp_path / "mean", silent)


@pytest.fixture(scope="module")
def artefact(gone_on: list[Path], few: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stand-ins") / "artefact"
    # A tiny network can promise next to nothing.
    return release(gone_on[0], few, out, name="pilah-uji", version="0", log=silent, promise=Promise(0.99, 0.99, 0.99))


def test_listed_names_are_judged_exactly_alike_in_the_artefact(artefact: Path) -> None:
    form, sides = NAMED
    texts = [form.format(*side) for side in sides]
    for engine in ("fp32", "int8"):
        judged = Classifier.load(artefact, engine=engine).partisan(texts)
        assert judged[0] == judged[1]
    unlisted = Classifier.load(artefact, engine="fp32").partisan([form.format("Darmo", "Desa Suka", "lima")])
    assert unlisted[0] != judged[0]


def test_evidence_points_into_the_post_as_it_was_written(artefact: Path) -> None:
    classifier = Classifier.load(artefact, engine="fp32")
    abstaining = dataclasses.replace(classifier.policy, lolos_below=1e-6)
    text = "Ayo dukung Prabowo Subianto di Jawa Barat, coblos nomor 2!"
    judgement = dataclasses.replace(classifier, policy=abstaining).classify([Post(text)], explain=True)[0]
    assert all(text[e.start : e.end] == e.text for e in judgement.evidence or ())


def test_without_the_list_names_are_read_as_they_stand(tiny_classifier: Classifier) -> None:
    form, sides = NAMED
    scores, _ = score(tiny_classifier.scorer, [form.format(*side) for side in sides])
    assert not np.array_equal(scores.labels[0], scores.labels[1])


def test_stand_ins_need_names(tiny_encoder: Path, few: Material, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data/names\.toml"):
        train(str(tiny_encoder), few, dataclasses.replace(ONE, stand_ins=True), tmp_path / "out", silent)


def public(name: str, year: str) -> Example:
    text = f"kiriman {name} tentang pemilu"
    return Example(name, text, Label.POLITIK_NETRAL, (), None, None, (), "train", "s", extra={"year": year})


def test_years_left_out_are_not_learnt_from(tiny_encoder: Path, few: Material, tmp_path: Path) -> None:
    posts = [public("a", "Jan 2024"), public("b", "2023-2024"), public("c", "2019"), public("d", "")]
    assert [years_of(post) for post in posts] == [[2024], [2023, 2024], [2019], []]
    lines: list[str] = []
    config = dataclasses.replace(ONE, leave_out_years=(2024,))
    train(str(tiny_encoder), dataclasses.replace(few, public=posts), config, tmp_path / "out", lines.append)
    assert lines[0].startswith("2 public and ")

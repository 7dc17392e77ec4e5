"""Networks are compared over their seeds: means, spread, and a difference with its interval."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from pilah_api import cli
from pilah_data.corpora import to_example
from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_model.material import Material
from pilah_model.training.config import TrainConfig
from pilah_model.training.run import train
from pilah_model.training.seeds import METRICS, compare_seeds, measured_posts


def silent(_: str) -> None:
    """Drop a line of a log."""


@pytest.fixture(scope="module")
def public(few: Material) -> Material:
    """The few posts, those of validation as if they were public ones of two years."""
    chosen = [to_example(post) for post in few.authored if post.split == "validation"]
    years = ["pemilu 2024", "pilkada 2018 dan 2020"]
    return Material([dataclasses.replace(post, extra={"year": years[n % 2]}) for n, post in enumerate(chosen)], [])


@pytest.fixture(scope="module")
def posts(public: Material) -> list[Example]:
    return measured_posts(public, "validation", None)


def test_only_posts_of_the_year_are_measured(public: Material, posts: list[Example]) -> None:
    of_2018 = measured_posts(public, "validation", 2018)
    assert 0 < len(of_2018) < len(posts)
    assert all("2018" in post.extra["year"] for post in of_2018)
    with pytest.raises(InputError, match="the year 1999"):
        measured_posts(public, "validation", 1999)
    with pytest.raises(InputError, match="'test'"):
        measured_posts(public, "test", None)


def test_means_and_differences_are_those_of_the_seeds(
    tiny_encoder: Path, tiny_trained: Path, few: Material, posts: list[Example], tmp_path: Path
) -> None:
    other = train(str(tiny_encoder), few, TrainConfig(epochs=1, average=0.0, seed=2), tmp_path / "other", silent)
    found = compare_seeds({"two": [tiny_trained, other], "one": [other]}, posts, silent, rounds=40)
    for metric in METRICS:
        two, one = found["recipes"]["two"][metric], found["recipes"]["one"][metric]
        assert two["mean"] == pytest.approx(np.mean(two["seeds"]), abs=1e-4)
        assert two["spread"] == pytest.approx(np.std(two["seeds"], ddof=1), abs=1e-4)
        assert one["spread"] is None
        value, low, high = found["ahead"]["two of one"][metric]
        assert value == pytest.approx(two["mean"] - one["mean"], abs=2e-4)
        assert low <= high
    assert found["posts"] == len(posts)
    # Ranks differ even where such small networks give every post the same label.
    assert len(set(found["recipes"]["two"]["partisan_pr_auc"]["seeds"])) == 2


def test_the_same_network_is_not_ahead_of_itself(tiny_trained: Path, posts: list[Example]) -> None:
    found = compare_seeds({"a": [tiny_trained], "b": [tiny_trained]}, posts, silent, rounds=20)
    assert set(map(tuple, found["ahead"]["a of b"].values())) == {(0.0, 0.0, 0.0)}


def test_the_command_refuses_what_it_cannot_compare(tiny_trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, said in (
        (["--trained", "x"], "not NAME=FOLDER"),
        (["--trained", "a=b", "--split", "train"], "on validation or test"),
        (["--trained", "a=b", "--json", "nowhere/x.json"], "make it first"),
    ):
        assert cli.run(["seeds", *options]) == 2
        assert said in capsys.readouterr().err


def test_the_command_writes_the_figures(
    tiny_trained: Path, public: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Material, "read", lambda *_: public)
    out = tmp_path / "seeds.json"
    command = ["seeds", "--trained", f"a={tiny_trained}", "--year", "2024", "--json", str(out)]
    assert cli.run(command) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert (found["year"], found["posts"]) == (2024, -(-len(public.public) // 2))

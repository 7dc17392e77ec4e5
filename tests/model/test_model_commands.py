"""The life of the model on the command line, in small: what is refused before it costs time, and what is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from pilah_api import cli, model_commands
from pilah_data.corpora import read_corpus, to_json_line
from pilah_model.artefacts import read_manifest


@pytest.fixture
def project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own with few posts, which is also where the command runs."""
    checkout = tmp_path / "checkout"
    (checkout / "data" / "corpora").mkdir(parents=True)
    few = list(read_corpus(root / "data" / "corpora" / "umum.jsonl"))[:400]
    # A cut through a counterfactual group would leave a member alone.
    groups = {post.group for post in few[-5:]}
    kept = [to_json_line(post) for post in few if post.group is None or post.group not in groups]
    (checkout / "data" / "corpora" / "umum.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    shutil.copy(root / "data" / "names.toml", checkout / "data")
    shutil.copytree(root / "model" / "configs", checkout / "model" / "configs")
    (checkout / "tests" / "behaviour").mkdir(parents=True)
    for path in (root / "tests" / "behaviour").glob("*.toml"):
        shutil.copy(path, checkout / "tests" / "behaviour")
    monkeypatch.setattr(model_commands, "repository_data", lambda: checkout / "data")
    monkeypatch.chdir(checkout)
    return checkout


@pytest.mark.parametrize("command", [["pretrain"], ["train", "--base", "nowhere"]])
@pytest.mark.parametrize("device", ["gpu", "tpu:0", "meta", ""])
def test_an_unknown_device_is_refused_first(
    command: list[str], device: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*command, "--device", device]) == 2
    assert capsys.readouterr().err == f"pilah: unknown device {device!r}; known are cpu, cuda (option --device)\n"


@pytest.mark.parametrize("command", [["pretrain"], ["train", "--base", "nowhere"]])
@pytest.mark.parametrize(("device", "count"), [("cuda", 0), ("cuda:1", 1)])
def test_a_device_that_is_not_there_is_refused_first(
    command: list[str],
    device: str,
    count: int,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert cli.run([*command, "--device", device]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"pilah: no device {device!r}: this build of PyTorch (")
    assert f"sees {count} CUDA devices; use --device cpu" in err


@pytest.mark.parametrize("command", [["train", "--base", "nowhere"], ["export"], ["evaluate"]])
def test_a_named_folder_without_public_posts_is_refused(
    command: list[str], tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--model", str(tiny_artefact)] if command == ["evaluate"] else []
    assert cli.run([*command, *model, "--shared", "elsewhere"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("pilah: elsewhere holds no public posts (elsewhere/posts/posts.tsv.zst is missing)")
    assert "authored" not in out


def test_the_default_folder_may_be_absent_and_a_line_says_so(
    tiny_encoder: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "one.toml").write_text("epochs = 1\n")
    assert cli.run(["train", "--base", str(tiny_encoder), "--config", "one.toml", "--out", "trained"]) == 0
    assert "no public posts under ../shared: only the authored posts are used\n" in capsys.readouterr().out
    assert (project / "trained" / "network.safetensors").is_file()


def test_a_negative_seed_is_refused(tiny_encoder: Path, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["train", "--base", str(tiny_encoder), "--seed", "-1"]) == 2
    assert capsys.readouterr().err == "pilah: setting seed = -1 must be a whole number from 0\n"


def test_a_missing_folder_of_a_file_is_refused_before_any_work(
    tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["evaluate", "--model", str(tiny_artefact), "--json", "nowhere/figures.json"]) == 2
    assert capsys.readouterr().err == "pilah: folder nowhere is missing; make it first (option --json)\n"
    assert cli.run(["card", "--model", str(tiny_artefact), "--out", "nowhere/card.md"]) == 2
    assert capsys.readouterr().err == "pilah: folder nowhere is missing; make it first (option --out)\n"


def test_figures_carry_the_model_they_were_measured_on_and_the_card_takes_them(
    tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ["--model", str(tiny_artefact)]
    assert cli.run(["evaluate", *model, "--engine", "fp32", "--rounds", "10", "--json", "figures.json"]) == 0
    assert "no public posts under ../shared" in capsys.readouterr().out
    manifest = read_manifest(tiny_artefact)
    measured = json.loads((project / "figures.json").read_text())
    assert measured["model"] == {
        "name": "pilah-tiny",
        "version": "0",
        "sha256": manifest.sha256,
        "engine": "onnxruntime-fp32",
    }
    assert cli.run(["card", *model, "--figures", "figures.json", "--out", "card.md"]) == 0
    card = (project / "card.md").read_text(encoding="utf-8")
    assert manifest.sha256 in card
    assert "**test, authored posts**" in card
    measured["model"]["sha256"] = "0" * 64
    (project / "figures.json").write_text(json.dumps(measured))
    assert cli.run(["card", *model, "--figures", "figures.json", "--out", "card.md"]) == 2
    assert "figures.json holds figures of pilah-tiny 0, measured on another manifest" in capsys.readouterr().err

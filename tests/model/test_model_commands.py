"""The life of the model on the command line, in small: what is refused before it costs time, and what is written."""

from __future__ import annotations

import html
import json
import shlex
import shutil
import signal
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from pilah_api import cli, measure_commands, model_commands
from pilah_data.corpora import read_corpus, to_json_line
from pilah_data.feedback import to_line
from pilah_data.normalise import normalise_text
from pilah_data.taxonomy import Label
from pilah_model import release
from pilah_model.artefacts import read_manifest, write_manifest
from pilah_model.pretraining.objective import Objective
from pilah_model.pretraining.packing import pack


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
    for module in (model_commands, measure_commands):
        monkeypatch.setattr(module, "repository_data", lambda: checkout / "data")
    monkeypatch.chdir(checkout)
    return checkout


@pytest.mark.parametrize("command", [["pretrain"], ["train", "--base", "nowhere"], ["teach", "--trained", "nowhere"]])
@pytest.mark.parametrize("device", ["gpu", "tpu:0", "meta", ""])
def test_an_unknown_device_is_refused_first(
    command: list[str], device: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*command, "--device", device]) == 2
    assert capsys.readouterr().err == f"pilah: unknown device {device!r}; known are cpu, cuda (option --device)\n"


@pytest.mark.parametrize("command", [["pretrain"], ["train", "--base", "nowhere"], ["teach", "--trained", "nowhere"]])
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


@pytest.fixture
def ready(tiny_encoder: Path, project: Path) -> Path:
    """A project with a packed folder, whose name needs quoting, and a tiny configuration."""
    posts = read_corpus(project / "data" / "corpora" / "umum.jsonl")
    texts = [("social", normalise_text(post.text)) for post in posts]
    pack(texts, Tokenizer.from_file(str(tiny_encoder / "tokenizer.json")), project / "packed posts")
    shape = "[shape]\nlayers = 2\nhidden = 32\nheads = 2\nintermediate = 64\n"
    (project / "c.toml").write_text(f"skipgram = false\nbatch_tokens = 256\nwarmup_steps = 2\n{shape}")
    return project


PRETRAIN = ["pretrain", "--packed", "packed posts", "--out", "run", "--config", "c.toml"]


def test_the_line_to_go_on_with_is_the_whole_command(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--max-minutes", "0.02", "--cooldown-minutes", "0.01", "--device", "cpu"]
    assert cli.run([*PRETRAIN, *options]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("go on with: "))
    words = shlex.split(line.removeprefix("go on with: "))
    assert words[:2] == ["pilah", "pretrain"]
    assert sorted(words[1:]) == sorted([*PRETRAIN, *options])
    assert cli.run(words[1:]) == 0
    assert "resuming after" in capsys.readouterr().out


def test_the_line_to_go_on_with_names_no_encoder_to_begin_from(
    ready: Path, tiny_encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*PRETRAIN, "--max-minutes", "0.01", "--start", str(tiny_encoder)]) == 0
    out = capsys.readouterr().out
    assert f"beginning from {tiny_encoder}" in out
    assert "go on with: pilah pretrain --packed 'packed posts' --out run --max-minutes 0.01 --config c.toml\n" in out


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_pretraining_that_is_stopped_is_saved_and_says_how_to_go_on(
    ready: Path, name: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    signals = [signal.Signals[name]]

    def asked(*_: object) -> dict[str, float]:
        while signals:
            signal.raise_signal(signals.pop())
        return {}

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        monkeypatch.setattr(Objective, "held_out_loss", asked)
        assert cli.run([*PRETRAIN, "--max-minutes", "0.01", "--cooldown-minutes", "0.01"]) == code
    finally:
        signal.signal(signal.SIGINT, before)
    err = capsys.readouterr().err
    assert err.startswith(f"pilah: stopped by {name}, saved in run/")
    assert "; go on with: pilah pretrain --packed 'packed posts' --out run" in err
    assert (ready / "run" / "stable" / "progress.json").is_file()


def test_a_second_interrupt_is_said_too(
    ready: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Objective, "held_out_loss", interrupted)
    assert cli.run([*PRETRAIN, "--max-minutes", "0.01"]) == 130
    assert capsys.readouterr().err.startswith("pilah: stopped at once; begin, or go on with: pilah pretrain")


def test_an_encoder_is_probed_with_the_packed_folder_that_it_read(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*PRETRAIN, "--max-minutes", "0.01"]) == 0
    assert cli.run(["data", "travel", "--packed", "packed posts", "--out", "travelling", "--mebibytes", "5"]) == 0
    probe = ["probe", "--base", "run/encoder", "--out", "page.md", "--packed"]
    capsys.readouterr()
    assert cli.run([*probe, "travelling"]) == 2
    assert "run/encoder was trained on another packed folder (" in capsys.readouterr().err
    assert not (ready / "page.md").exists()
    assert cli.run([*probe, "packed posts"]) == 0
    assert (ready / "page.md").is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--max-minutes", "inf"], "inf is no number of minutes"),
        (["--max-minutes", "1", "--cooldown-minutes", "2"], "a cool-down of 2 minutes"),
        (["--max-minutes", "1", "--compile"], "only packed rows are compiled"),
        (["--max-minutes", "1", "--start", "nowhere"], "nowhere is no folder"),
        (["--max-minutes", "1", "--out", "c.toml/run"], "c.toml/run cannot be written"),
    ],
)
def test_wrong_use_of_pretraining_is_refused_first(
    ready: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*PRETRAIN, *options]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"pilah: {said}")
    assert out == ""
    assert not (ready / "run").exists()


def test_a_vocabulary_that_is_not_there_is_refused_before_packing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["data", "pack", "--shared", "nowhere", "--out", "packed", "--tokenizer", "none.json"]) == 2
    assert capsys.readouterr().err.startswith("pilah: vocabulary none.json cannot be read (")


def test_a_student_learns_from_soft_labels_of_the_unlabelled_posts(
    tiny_encoder: Path, tiny_trained: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = read_corpus(project / "data" / "corpora" / "umum.jsonl")
    pack(
        [("social", normalise_text(post.text)) for post in posts],
        Tokenizer.from_file(str(tiny_encoder / "tokenizer.json")),
        project / "packed",
    )
    (project / "one.toml").write_text("epochs = 1\npool_batch = 16\n")
    teachers = ["--trained", str(tiny_trained), "--trained", str(tiny_trained)]
    assert cli.run(["teach", *teachers, "--packed", "packed", "--out", "soft"]) == 0
    assert "likeliest label: " in capsys.readouterr().out
    student = ["train", "--base", str(tiny_encoder), "--config", "one.toml", "--out", "student", "--workers", "2"]
    assert cli.run([*student, "--soft", "soft", "--packed", "packed"]) == 0
    assert "  pool " in capsys.readouterr().out
    record = json.loads((project / "student" / "training.json").read_text())
    assert [t["name"] for t in record["soft_labels"]["teachers"]] == [tiny_trained.name] * 2
    (project / "soft" / "labels.npy").write_bytes(b"x")
    assert cli.run([*student, "--soft", "soft", "--packed", "packed"]) == 3
    assert "labels.npy: missing or damaged" in capsys.readouterr().err


def test_reviewed_posts_are_learnt_from_unless_they_are_known(
    tiny_encoder: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = next(iter(read_corpus(project / "data" / "corpora" / "umum.jsonl")))
    lines = [to_line("Kabar baru dari kantor kami", Label.BUKAN_POLITIK, []), to_line(known.text, Label.PARTISAN, [])]
    (project / "feedback.jsonl").write_text("".join(lines), encoding="utf-8")
    (project / "one.toml").write_text("epochs = 1\n")
    command = ["train", "--base", str(tiny_encoder), "--config", "one.toml", "--feedback", "feedback.jsonl"]
    assert cli.run([*command, "--out", "trained"]) == 0
    assert "1 of 2 reviewed posts are new and learnt from" in capsys.readouterr().out
    assert json.loads((project / "trained" / "training.json").read_text())["posts"]["public"] == 1


def test_a_wrong_feedback_file_is_refused_before_any_work(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "feedback.jsonl").write_text('{"text": "hubungi 0812-3456-7890", "label": "partisan", "forms": []}\n')
    assert cli.run(["train", "--base", "nowhere", "--feedback", "feedback.jsonl"]) == 3
    assert "not masked" in capsys.readouterr().err
    assert cli.run(["train", "--base", "nowhere", "--feedback", "missing.jsonl"]) == 2


@pytest.mark.parametrize("option", ["--soft", "--packed"])
def test_soft_labels_and_their_packed_folder_belong_together(
    option: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["train", "--base", "nowhere", option, "somewhere"]) == 2
    assert "name both (options --soft and --packed)" in capsys.readouterr().err


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


def test_the_report_is_one_page_that_fetches_nothing_runs_nothing_and_quotes_no_post(
    tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--engine", "fp32", "--rounds", "10", "--json", "figures.json", "--report", "report.html"]
    assert cli.run(["evaluate", "--model", str(tiny_artefact), *options]) == 0
    out = capsys.readouterr().out
    assert "mean |Δp|" in out
    assert "bars met: " in out
    figures, page = ((project / name).read_text(encoding="utf-8") for name in ("figures.json", "report.html"))
    body = json.loads(figures)
    assert {"figures", "sets", "fairness", "obfuscation", "evidence", "behaviour", "bars"} <= set(body)
    assert {"register", "language", "length", "form"} <= set(body["sets"]["test, authored posts"]["slices"])
    assert page.count("<svg") >= 5
    for absent in ("<script", "<link", "<img", "<iframe", "href=", "@import", "url("):
        assert absent not in page
    assert "default-src 'none'" in page
    assert cli.run(["card", "--model", str(tiny_artefact), "--figures", "figures.json", "--out", "card.md"]) == 0
    card = (project / "card.md").read_text(encoding="utf-8")
    assert "## Fairness\n\n| told of another | posts |" in card
    assert "The bar (1 % flips, 0.02) is " in card
    assert "## Misspelling" in card
    texts = [post.text for post in read_corpus(project / "data" / "corpora" / "umum.jsonl") if len(post.text) > 20]
    assert not [text for text in texts if text in page or text in figures or html.escape(text) in page]


def test_drift_counts_a_feed_beside_the_calibration_posts_or_an_earlier_feed(
    tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "now.csv").write_text("text\nSelamat pagi semua\nAyo coblos nomor 2\n", encoding="utf-8")
    (project / "then.csv").write_text("text\nApel pagi\n", encoding="utf-8")
    drift = ["evaluate", "--model", str(tiny_artefact), "--drift", "now.csv"]
    assert cli.run([*drift, "--json", "drift.json"]) == 0
    out = capsys.readouterr().out
    assert "2 posts beside " in out
    assert "that the model was calibrated on" in out
    assert "2 posts are few" in out
    body = json.loads((project / "drift.json").read_text(encoding="utf-8"))
    assert set(body["drift"]["stability_index"]) == {"scores", "decisions"}
    assert "Selamat" not in json.dumps(body)
    assert cli.run([*drift, "--against", "then.csv"]) == 0
    assert "2 posts beside 1 of the earlier feed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--against", "then.csv"], "name the newer one, too (option --drift)"),
        (["--drift", "now.csv", "--report", "page.html"], "write its figures with --json (option --report)"),
        (["--drift", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_drift_says_what_it_cannot_use(
    options: list[str], words: str, tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["evaluate", "--model", str(tiny_artefact), *options]) in (2, 3)
    assert words in capsys.readouterr().err


def test_a_refused_candidate_ends_with_1_and_the_failed_lines(
    tiny_artefact: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_artefact, project / "shipped")
    (project / "build").mkdir()
    before = read_manifest(project / "shipped")
    shutil.copytree(tiny_artefact, project / "candidate")
    policy = {"lolos_below": 1e-6, "tinjau_from": 1e-6}
    (project / "candidate" / "policy.json").write_text(json.dumps(policy))
    write_manifest(project / "candidate", name="pilah-tiny", version="1")
    assert cli.run(["promote", "--candidate", "candidate", "--shipped", "shipped"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("pilah: the candidate is refused, the shipped model stays: NOT met: ")
    assert "the report is build/promotion.json" in err
    assert read_manifest(project / "shipped") == before
    assert json.loads((project / "build" / "promotion.json").read_text(encoding="utf-8"))["passed"] is False


def test_train_may_export_and_promote_in_one_go(
    tiny_encoder: Path, tiny_artefact: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def export(trained: Path, _: object, folder: Path, *, version: str, **more: object) -> Path:
        seen.extend([(trained / "network.safetensors").is_file(), folder, version])
        return folder

    monkeypatch.setattr(release, "release", export)
    monkeypatch.setattr(measure_commands, "promote_candidate", lambda *arguments: seen.extend(arguments))
    (project / "one.toml").write_text("epochs = 1\n")
    command = ["train", "--base", str(tiny_encoder), "--config", "one.toml", "--out", "trained"]
    assert cli.run([*command, "--promote", "--version", "7"]) == 0
    artefact = Path("trained-artefact")
    assert seen == [True, artefact, "7", artefact, None, Path("trained-promotion.json"), None]

"""`pilah pretrain`, `train`, `export`, `evaluate`, `card`: the life of the model; all need the `train` extra."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pilah_api.data_commands import SHARED, SharedOption
from pilah_api.settings import ENGINES
from pilah_data.errors import InputError, MissingExtraError
from pilah_data.loading import repository_data

app = typer.Typer()


def _say(line: str) -> None:
    typer.echo(line)


def _need_training() -> None:
    """Say which extra is missing before anything is read."""
    try:
        import torch  # noqa: F401, PLC0415
        import transformers  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("train", str(error.name)) from error
    # Library notices about our own weights only frighten; real problems are raised.
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def _need_device(device: str) -> None:
    """Refuse a device that this machine does not have, before anything is read."""
    import torch  # noqa: PLC0415

    try:
        kind = torch.device(device).type
    except RuntimeError:
        kind = ""
    if kind not in ("cpu", "cuda"):
        raise InputError(f"unknown device {device!r}; known are cpu, cuda (option --device)")
    if kind == "cuda" and (torch.device(device).index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"no device {device!r}: this build of PyTorch ({torch.__version__}) sees {torch.cuda.device_count()} CUDA "
            "devices; use --device cpu, or install a CUDA build and driver (option --device)"
        )


def _need_folder_of(path: Path, option: str) -> None:
    """Refuse a file that could not be written, before hours of work are lost on it."""
    if not path.parent.is_dir():
        raise InputError(f"folder {path.parent} is missing; make it first (option {option})")


def _shared(shared: Path) -> Path | None:
    """Return the folder of the public posts; None, and a line that says so, when the default one is not there.

    Raises InputError when another folder was named that holds none.
    """
    posts = shared / "posts" / "posts.tsv.zst"
    if posts.is_file():
        return shared
    if shared != SHARED:
        raise InputError(f"{shared} holds no public posts ({posts} is missing); name their folder (option --shared)")
    _say(f"no public posts under {shared}: only the authored posts are used")
    return None


@app.command()
def pretrain(
    packed: Annotated[Path, typer.Option(help="Packed folder made by `pilah data pack`.")] = Path("build/packed"),
    out: Annotated[Path, typer.Option(help="Folder of the run; a run found there goes on.")] = Path(
        "build/pretraining"
    ),
    max_minutes: Annotated[
        float, typer.Option(min=0.01, help="Stop after so many minutes; a further call goes on.")
    ] = 60.0,
    cooldown_minutes: Annotated[
        float, typer.Option(min=0.0, help="Minutes at the end in which the rate falls to zero.")
    ] = 0.0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Pretrain an encoder by masked-language modelling, resumable, within a budget of minutes."""
    _need_training()
    _need_device(device)
    from pilah_model.pretraining.loop import Budget, PretrainConfig  # noqa: PLC0415
    from pilah_model.pretraining.loop import pretrain as run  # noqa: PLC0415
    from pilah_model.pretraining.packing import load_packed  # noqa: PLC0415
    from pilah_model.training.run import load_tokenizer  # noqa: PLC0415

    if cooldown_minutes > max_minutes:
        raise InputError(f"--cooldown-minutes ({cooldown_minutes}) must not exceed --max-minutes ({max_minutes})")
    encoder = run(
        PretrainConfig(),
        load_packed(packed),
        load_tokenizer(str(packed)),
        out,
        Budget(max_minutes, cooldown_minutes, device=device),
        _say,
    )
    _say(f"go on with: pilah pretrain --packed {packed} --out {out} --max-minutes {max_minutes:g}")
    _say(f"fine-tune with: pilah train --base {encoder}")


@app.command()
def train(
    base: Annotated[
        str, typer.Option(help="Encoder to start from: a folder, or a hub name such as indobenchmark/indobert-base-p1.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("build/trained"),
    config: Annotated[
        Path | None, typer.Option(help="TOML configuration; model/configs/mini.toml unless given.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed instead of the configuration's.")] = None,
    shared: SharedOption = SHARED,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Fine-tune a classifier on the labelled posts."""
    _need_training()
    _need_device(device)
    import dataclasses  # noqa: PLC0415

    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.training.config import TrainConfig  # noqa: PLC0415
    from pilah_model.training.run import train as run  # noqa: PLC0415

    data = repository_data()
    default = data.parent / "model" / "configs" / "mini.toml"
    settings = TrainConfig.from_file(config or default)
    if seed is not None:
        settings = dataclasses.replace(settings, seed=seed)
    run(base, Material.read(data, _shared(shared)), settings, out, _say, device)


@app.command()
def export(
    trained: Annotated[Path, typer.Option(help="Folder written by `pilah train`.")] = Path("build/trained"),
    out: Annotated[Path, typer.Option(help="Artefact folder to write.")] = Path("build/artefact"),
    name: Annotated[str, typer.Option(help="Name of the model.")] = "pilah-mini",
    version: Annotated[str, typer.Option(help="Version of the model.")] = "0.1.0",
    shared: SharedOption = SHARED,
) -> None:
    """Calibrate, choose thresholds, and write the ONNX artefact with its parity report."""
    _need_training()
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.release import release  # noqa: PLC0415

    release(trained, Material.read(repository_data(), _shared(shared)), out, name=name, version=version, log=_say)


@app.command()
def evaluate(
    model: Annotated[Path | None, typer.Option(help="Artefact folder; the shipped model unless given.")] = None,
    shared: SharedOption = SHARED,
    engine: Annotated[str, typer.Option(help="auto, fp32 or int8.")] = "auto",
    rounds: Annotated[int, typer.Option(min=10, help="Bootstrap rounds of the intervals.")] = 500,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file, too.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List the behaviour cases that are not met.")] = False,
) -> None:
    """Measure the model and the yardstick side by side on the test split, with 95 % bootstrap intervals."""
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.behaviour import rates, run_cases  # noqa: PLC0415
    from pilah_model.classifier import Classifier  # noqa: PLC0415
    from pilah_model.comparison import as_json, as_text, compare  # noqa: PLC0415
    from pilah_model.material import Material  # noqa: PLC0415

    if engine not in ENGINES:
        raise InputError(f"unknown engine {engine!r}; known are {', '.join(ENGINES)} (option --engine)")
    if output is not None:
        _need_folder_of(output, "--json")
    classifier = Classifier.load(model or shipped_artefact(), engine=engine)
    material = Material.read(repository_data(), _shared(shared))
    public, authored = material.split("test")
    sets = {"test, public posts": public, "test, authored posts": authored}
    table = compare(classifier, material, sets, _say, rounds=rounds)
    _say(as_text(table))
    checks = run_cases(classifier, repository_data().parent / "tests" / "behaviour")
    _say("behaviour cases met (95 % Wilson intervals)")
    for name, rate in {**rates(checks), **rates(checks, by_key=True)}.items():
        _say(f"  {name:32}{rate}")
    if failures:
        for check in checks:
            if not check.passed:
                _say(f"  not met: {check.family} {check.key}: {check.text}")
    if output is not None:
        behaviour = {name: [rate.passed, rate.checks, *rate.interval] for name, rate in rates(checks).items()}
        info = classifier.info
        measured = {"name": info.name, "version": info.version, "sha256": info.sha256, "engine": info.engine}
        body = {"model": measured, "figures": as_json(table), "behaviour": behaviour}
        output.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


@app.command()
def card(
    figures: Annotated[Path, typer.Option(help="Figures written by `pilah evaluate --json`.")] = Path(
        "model/figures.json"
    ),
    model: Annotated[Path | None, typer.Option(help="Artefact folder; the shipped model unless given.")] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("model/MODEL_CARD.md"),
) -> None:
    """Render the model card from the artefact and its measured figures."""
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.card import render  # noqa: PLC0415

    _need_folder_of(out, "--out")
    sections = repository_data().parent / "model" / "configs" / "card.toml"
    out.write_text(render(model or shipped_artefact(), figures, sections), encoding="utf-8")
    _say(f"{out} written")

"""`pilah pretrain`, `train`, `export`, `evaluate`, `card`: the life of the model; all need the `train` extra."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pilah_api.data_commands import SHARED, SharedOption
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


def _shared(shared: Path) -> Path | None:
    """Return the folder of the public posts, or None when it is not there."""
    return shared if (shared / "posts" / "posts.tsv.zst").is_file() else None


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
    import dataclasses  # noqa: PLC0415

    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.training.config import TrainConfig  # noqa: PLC0415
    from pilah_model.training.run import train as run  # noqa: PLC0415

    data = repository_data()
    default = data.parent / "model" / "configs" / "mini.toml"
    settings = TrainConfig.from_file(config or default)
    if seed is not None:
        settings = dataclasses.replace(settings, seed=seed)
    public = _shared(shared)
    if public is None:
        _say(f"no public posts under {shared}: training on the authored posts only")
    run(base, Material.read(data, public), settings, out, _say, device)


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
) -> None:
    """Measure the model and the yardstick side by side on the test split, with 95 % bootstrap intervals."""
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.classifier import Classifier  # noqa: PLC0415
    from pilah_model.comparison import as_json, as_text, compare  # noqa: PLC0415
    from pilah_model.material import Material  # noqa: PLC0415

    if engine not in ("auto", "fp32", "int8"):
        raise InputError(f"unknown engine {engine!r}; known are auto, fp32, int8 (option --engine)")
    classifier = Classifier.load(model or shipped_artefact(), engine=engine)  # type: ignore[arg-type]  # checked above
    material = Material.read(repository_data(), _shared(shared))
    public, authored = material.split("test")
    train_public, train_authored = material.split("train")
    sets = {"test, public posts": public, "test, authored posts": authored}
    table = compare(classifier, [*train_public, *train_authored], sets, _say, rounds=rounds)
    _say(as_text(table))
    if output is not None:
        output.write_text(json.dumps(as_json(table), indent=1) + "\n", encoding="utf-8")


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

    sections = repository_data().parent / "model" / "configs" / "card.toml"
    out.write_text(render(model or shipped_artefact(), figures, sections), encoding="utf-8")
    _say(f"{out} written")

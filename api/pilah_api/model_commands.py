"""`pilah pretrain`, `train`, `teach`, `export`: how a model comes to be; all need the `train` extra."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pilah_api.again import INTERRUPTED, command_again
from pilah_api.data_commands import SHARED, SharedOption
from pilah_api.model_tools import need_folder_of, need_training, public_posts, say
from pilah_data.errors import InputError
from pilah_data.loading import repository_data

app = typer.Typer()


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


@app.command()
def pretrain(
    context: typer.Context,
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
    config: Annotated[
        Path | None, typer.Option(help="TOML configuration; the settings for a CPU unless given.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    compiled: Annotated[bool, typer.Option("--compile", help="Compile the network first; pays on cuda.")] = False,
    start: Annotated[
        Path | None, typer.Option(help="Encoder folder that a new run begins from instead of random weights.")
    ] = None,
) -> None:
    """Pretrain an encoder by masked-language modelling, resumable, within a budget of minutes.

    Ctrl-C and SIGTERM end it after the step that it is at, saved; the same command goes on, with a cool-down where that was cut off.
    """
    need_training()
    _need_device(device)
    from pilah_model.pretraining.config import Budget, PretrainConfig  # noqa: PLC0415
    from pilah_model.pretraining.loop import pretrain as run  # noqa: PLC0415
    from pilah_model.pretraining.packing import load_packed  # noqa: PLC0415
    from pilah_model.pretraining.stopping import StoppedError  # noqa: PLC0415
    from pilah_model.training.run import load_tokenizer  # noqa: PLC0415

    settings = PretrainConfig.from_file(config) if config else PretrainConfig()
    budget = Budget(max_minutes, cooldown_minutes, device=device, compiled=compiled)
    # A run that is there is not begun from anything.
    again = f"go on with: {command_again(context, ['--start'])}"
    try:
        encoder = run(settings, load_packed(packed), load_tokenizer(str(packed)), out, budget, say, start=start)
    except StoppedError as stopped:
        typer.echo(f"pilah: {stopped}; {again}", err=True)
        raise typer.Exit(128 + stopped.signal) from None
    except KeyboardInterrupt:  # before the first step, in the last save, or for the second time
        typer.echo(f"pilah: stopped at once; begin, or {again}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    say(again)
    say(f"fine-tune with: {shlex.join(['pilah', 'train', '--base', str(encoder)])}")


@app.command()
def probe(
    base: Annotated[Path, typer.Option(help="Encoder folder written by `pilah pretrain`.")] = Path(
        "build/pretraining/encoder"
    ),
    packed: Annotated[Path, typer.Option(help="Packed folder that it was pretrained on.")] = Path("build/packed"),
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("docs/encoder.md"),
    head_minutes: Annotated[
        float, typer.Option(min=0.01, help="Minutes to fit a new prediction head where the folder has none.")
    ] = 5.0,
) -> None:
    """Measure an encoder by itself: masked words by domain, what it fills in, which words it holds to be near."""
    need_training()
    from pilah_data.corpora import read_corpora  # noqa: PLC0415
    from pilah_model.pretraining.network import load_model  # noqa: PLC0415
    from pilah_model.pretraining.packing import load_packed  # noqa: PLC0415
    from pilah_model.pretraining.probe import fit_head  # noqa: PLC0415
    from pilah_model.pretraining.probe_report import Questions, read_record, report  # noqa: PLC0415
    from pilah_model.pretraining.starting import check_probed  # noqa: PLC0415
    from pilah_model.training.run import load_tokenizer  # noqa: PLC0415

    need_folder_of(out, "--out")
    data = repository_data()
    questions = Questions.from_file(data.parent / "model" / "configs" / "probe.toml")
    record, pieces, tokenizer = read_record(base), load_packed(packed), load_tokenizer(str(base))
    check_probed(record, pieces, base)
    model, own_head = load_model(base)
    if not own_head:
        fit_head(model, pieces, tokenizer, head_minutes, say)
    posts = read_corpora(data / "corpora")
    out.write_text(report(model, tokenizer, pieces, posts, questions, record, own_head=own_head), encoding="utf-8")
    say(f"{out} written")


@app.command()
def vocabularies(
    shared: SharedOption = SHARED,
    texts: Annotated[int, typer.Option(min=100, help="Public texts to train each vocabulary on.")] = 300_000,
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("docs/vocabulary.md"),
) -> None:
    """Compare vocabularies by tokens per post, split names and slang, and what a plain classifier makes of them."""
    need_training()
    from pilah_data.names import read_names  # noqa: PLC0415
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.pretraining.probe_report import Questions  # noqa: PLC0415
    from pilah_model.pretraining.vocabulary_study import as_markdown, study  # noqa: PLC0415

    need_folder_of(out, "--out")
    posts = public_posts(shared)
    if posts is None:
        raise InputError("vocabularies are trained on the public posts; name their folder (option --shared)")
    data = repository_data()
    public = Material.read(data, posts).public
    split = {name: [e for e in public if e.split == name] for name in ("train", "validation", "test")}
    found = read_names(data / "names.toml")
    persons = [p.name for race in found.races for side in race.sides for p in side.persons]
    names = sorted({word for name in persons for word in name.split() if len(word) > 3})
    slang = Questions.from_file(data.parent / "model" / "configs" / "probe.toml").words
    outcomes = study(
        shared, split["train"], split["validation"], [e.text for e in split["test"]], names, slang, say, texts=texts
    )
    out.write_text(as_markdown(outcomes, texts, len(split["validation"])), encoding="utf-8")
    say(f"{out} written")


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
    soft: Annotated[
        Path | None, typer.Option(help="Soft labels made by `pilah teach`, to learn from as well; needs --packed.")
    ] = None,
    packed: Annotated[Path | None, typer.Option(help="Packed folder that --soft was made for.")] = None,
    start: Annotated[
        Path | None, typer.Option(help="Trained folder on the same base to go on from, instead of a fresh network.")
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option(help="Reviewed posts written by `pilah feedback export`, to learn from as well.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that prepare the texts ahead; 1 prepares them in this one.")
    ] = 1,
    shared: SharedOption = SHARED,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    promote: Annotated[
        bool, typer.Option("--promote", help="Then export to OUT-artefact, and ship that if it passes `pilah promote`.")
    ] = False,
    version: Annotated[str, typer.Option(help="Version of the model that --promote exports.")] = "0.1.0",
) -> None:
    """Fine-tune a classifier on the labelled posts, and on soft labels of unlabelled ones where they are named."""
    need_training()
    _need_device(device)
    import dataclasses  # noqa: PLC0415

    from pilah_data.feedback import SOURCE, read_feedback  # noqa: PLC0415
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.training.config import TrainConfig  # noqa: PLC0415
    from pilah_model.training.run import train as run  # noqa: PLC0415

    if (soft is None) != (packed is None):
        raise InputError("soft labels and their packed folder belong together; name both (options --soft and --packed)")
    data = repository_data()
    default = data.parent / "model" / "configs" / "mini.toml"
    settings = TrainConfig.from_file(config or default)
    if seed is not None:
        settings = dataclasses.replace(settings, seed=seed)
    both = (soft, packed) if soft and packed else None
    posts = public_posts(shared)
    reviewed = read_feedback(feedback) if feedback is not None else []
    material = Material.read(data, posts).with_feedback(reviewed)
    if feedback is not None:
        new = sum(example.source == SOURCE for example in material.public)
        say(f"{new} of {len(reviewed)} reviewed posts are new and learnt from")
    run(base, material, settings, out, say, device, soft=both, workers=workers, start=start)
    if promote:
        from pilah_api.measure_commands import promote_candidate  # noqa: PLC0415
        from pilah_model.release import release  # noqa: PLC0415

        artefact = release(
            out, material, out.with_name(f"{out.name}-artefact"), name="pilah-mini", version=version, log=say
        )
        promote_candidate(artefact, None, out.with_name(f"{out.name}-promotion.json"), posts)


@app.command()
def average(
    trained: Annotated[list[Path], typer.Option(help="Trained folder; two or more that went on from the same start.")],
    out: Annotated[Path, typer.Option(help="Trained folder to write.")] = Path("build/trained"),
    shared: SharedOption = SHARED,
) -> None:
    """Average the weights of networks that went on from the same one with other seeds."""
    need_training()
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.training.soup import average as run  # noqa: PLC0415

    run(trained, Material.read(repository_data(), public_posts(shared)), out, say)


@app.command()
def teach(
    trained: Annotated[list[Path], typer.Option(help="Teacher, written by `pilah train`; may be repeated.")],
    packed: Annotated[Path, typer.Option(help="Packed folder whose posts they score.")] = Path("build/packed"),
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("build/soft"),
    shared: SharedOption = SHARED,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Write what trained networks say of the unlabelled posts, for `pilah train --soft`; posts to measure on stay out."""
    need_training()
    _need_device(device)
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.pretraining.packing import load_packed  # noqa: PLC0415
    from pilah_model.training.teaching import teach as run  # noqa: PLC0415

    run(trained, load_packed(packed), Material.read(repository_data(), public_posts(shared)), out, say, device)


@app.command()
def export(
    trained: Annotated[Path, typer.Option(help="Folder written by `pilah train`.")] = Path("build/trained"),
    out: Annotated[Path, typer.Option(help="Artefact folder to write.")] = Path("build/artefact"),
    name: Annotated[str, typer.Option(help="Name of the model.")] = "pilah-mini",
    version: Annotated[str, typer.Option(help="Version of the model.")] = "0.1.0",
    shared: SharedOption = SHARED,
) -> None:
    """Calibrate, choose thresholds, and write the ONNX artefact with its parity report."""
    need_training()
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.release import release  # noqa: PLC0415

    release(trained, Material.read(repository_data(), public_posts(shared)), out, name=name, version=version, log=say)

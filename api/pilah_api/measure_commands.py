"""`pilah evaluate`, `promote`, `card`: what a model is worth, whether it may ship, and what is said of it; they need the `train` extra."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pilah_api.data_commands import SHARED, SharedOption
from pilah_api.model_tools import need_folder_of, need_training, public_posts, say
from pilah_api.settings import ENGINES
from pilah_data.errors import InputError
from pilah_data.loading import repository_data

if TYPE_CHECKING:
    from pilah_model.classifier import Classifier

app = typer.Typer()

REFUSED = 1
"""The exit code of `pilah promote` for a candidate that does not pass the gate."""

ModelFolder = Annotated[Path | None, typer.Option(help="Artefact folder; the shipped model unless given.")]


@app.command()
def evaluate(
    model: ModelFolder = None,
    shared: SharedOption = SHARED,
    engine: Annotated[str, typer.Option(help="auto, fp32 or int8.")] = "auto",
    rounds: Annotated[int, typer.Option(min=10, help="Bootstrap rounds of the intervals.")] = 500,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file, too.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with plots to this .html file, too.")] = None,
    drift: Annotated[
        Path | None,
        typer.Option(help="Compare this feed with the posts the model was calibrated on, and nothing else."),
    ] = None,
    against: Annotated[Path | None, typer.Option(help="Compare the feed of --drift with this earlier feed.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List the behaviour cases that are not met.")] = False,
) -> None:
    """Measure the model on the test split: figures beside the yardstick, slices, fairness, misspelling, evidence; or drift."""
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.classifier import Classifier  # noqa: PLC0415

    if engine not in ENGINES:
        raise InputError(f"unknown engine {engine!r}; known are {', '.join(ENGINES)} (option --engine)")
    for path, option in ((output, "--json"), (report, "--report")):
        if path is not None:
            need_folder_of(path, option)
    if drift is None and against is not None:
        raise InputError("an earlier feed alone cannot be compared; name the newer one, too (option --drift)")
    if drift is not None and report is not None:
        raise InputError("drift has no page; write its figures with --json (option --report)")
    folder = model or shipped_artefact()
    classifier = Classifier.load(folder, engine=engine)
    if drift is not None:
        body = _drift(classifier, folder, drift, against)
    else:
        body = _examine(classifier, public_posts(shared), rounds, failures=failures)
    if output is not None:
        output.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    if report is not None:
        from pilah_model.report import render  # noqa: PLC0415

        report.write_text(render(body), encoding="utf-8")
        say(f"{report} written")


@app.command()
def seeds(
    trained: Annotated[
        list[str],
        typer.Option(
            help="NAME=FOLDER of a trained network; repeat the name for its seeds. The first name is compared with the others."
        ),
    ],
    split: Annotated[str, typer.Option(help="validation or test.")] = "validation",
    year: Annotated[int | None, typer.Option(help="Only posts whose source names this year.")] = None,
    shared: SharedOption = SHARED,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file, too.")] = None,
) -> None:
    """Measure ways of training over their seeds on the same public posts: mean, spread, and how far the first is ahead."""
    if split not in ("validation", "test"):
        raise InputError(f"networks are compared on validation or test, not on {split!r} (option --split)")
    recipes: dict[str, list[Path]] = {}
    for one in trained:
        name, mark, folder = one.partition("=")
        if not mark or not name or not folder:
            raise InputError(f"{one!r} is not NAME=FOLDER (option --trained)")
        recipes.setdefault(name, []).append(Path(folder))
    if output is not None:
        need_folder_of(output, "--json")
    need_training()
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.training.seeds import compare_seeds, measured_posts  # noqa: PLC0415

    posts = measured_posts(Material.read(repository_data(), public_posts(shared)), split, year)
    found = {"split": split, "year": year, **compare_seeds(recipes, posts, say)}
    text = json.dumps(found, indent=1)
    say(text)
    if output is not None:
        output.write_text(text + "\n", encoding="utf-8")


@app.command()
def promote(
    candidate: Annotated[Path, typer.Option(help="Artefact folder written by `pilah export`.")] = Path(
        "build/artefact"
    ),
    shipped: ModelFolder = None,
    report: Annotated[Path, typer.Option(help="JSON file for the report of the gate.")] = Path("build/promotion.json"),
    shared: SharedOption = SHARED,
    use: Annotated[
        bool,
        typer.Option(
            "--use",
            help="Compare with the model in use and put the candidate in use from PILAH_HOME; nothing is overwritten.",
        ),
    ] = False,
) -> None:
    """Put a candidate in the place of the shipped model if it is no worse and fair; exit code 1 and the reasons if not."""
    if use and shipped is not None:
        raise InputError("--use compares with the model in use and overwrites none; leave --shipped out")
    promote_candidate(candidate, shipped, report, public_posts(shared), use=use)


def promote_candidate(
    candidate: Path, shipped: Path | None, report: Path, shared: Path | None, *, use: bool = False
) -> None:
    """Run the gate; ends the command with exit code 1 for a candidate that is refused."""
    from pilah_api.services.loading import model_folder  # noqa: PLC0415
    from pilah_api.settings import Settings  # noqa: PLC0415
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.material import Material  # noqa: PLC0415
    from pilah_model.promotion import RefusedError  # noqa: PLC0415
    from pilah_model.promotion import promote as run  # noqa: PLC0415

    data = repository_data()
    need_folder_of(report, "--report")
    try:
        against = model_folder(Settings.from_environment(os.environ)) if use else shipped or shipped_artefact()
        place = partial(_put_in_use, report) if use else None
        run(candidate, against, Material.read(data, shared), _cases(), report, say, place)
    except RefusedError as refused:
        typer.echo(f"pilah: {refused}", err=True)
        raise typer.Exit(REFUSED) from None


def _put_in_use(report: Path, candidate: Path, _: Path) -> None:
    from pilah_api.services.model_use import use_model  # noqa: PLC0415
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415
    from pilah_api.store_commands import console, opened  # noqa: PLC0415

    with opened() as (store, settings):
        shelf = Shelf(settings.home)
        kept = shelf.add(candidate, report)
        use_model(store, settings, kept.id, "passed the gate of pilah promote", console(), seen=shelf.present().current)


@app.command()
def card(
    figures: Annotated[Path, typer.Option(help="Figures written by `pilah evaluate --json`.")] = Path(
        "model/figures.json"
    ),
    model: ModelFolder = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("model/MODEL_CARD.md"),
) -> None:
    """Render the model card from the artefact and its measured figures."""
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.card import render  # noqa: PLC0415

    need_folder_of(out, "--out")
    sections = repository_data().parent / "model" / "configs" / "card.toml"
    out.write_text(render(model or shipped_artefact(), figures, sections), encoding="utf-8")
    say(f"{out} written")


def _examine(classifier: Classifier, shared: Path | None, rounds: int, *, failures: bool) -> dict[str, object]:
    from pilah_model.examination import examine  # noqa: PLC0415
    from pilah_model.examination import failures as unmet  # noqa: PLC0415
    from pilah_model.material import Material  # noqa: PLC0415

    body = examine(classifier, Material.read(repository_data(), shared), _cases(), say, rounds=rounds)
    for check in unmet(classifier, _cases()) if failures else ():
        say(f"  not met: {check.family} {check.key}: {check.text}")
    return body


def _drift(classifier: Classifier, folder: Path, feed: Path, against: Path | None) -> dict[str, object]:
    from pilah_model.drift import compare, profile_of_feed  # noqa: PLC0415
    from pilah_model.reference import Reference  # noqa: PLC0415

    reference = Reference.read(folder)
    now = profile_of_feed(feed, classifier, folder, reference)
    then = profile_of_feed(against, classifier, folder, reference) if against else reference.profile
    compared = compare(now, then)
    say(
        f"{now.posts} posts beside {then.posts} {'of the earlier feed' if against else 'that the model was calibrated on'}"
    )
    for verdict in compared.verdicts:
        say(f"  {verdict}")
    info = classifier.info
    model = {"name": info.name, "version": info.version, "sha256": info.sha256, "engine": info.engine}
    return {"model": model, "drift": compared.as_json()}


def _cases() -> Path:
    return repository_data().parent / "tests" / "behaviour"

"""Makes an artefact out of a trained network: rounding, calibration, thresholds, graphs, parity, card, manifest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from pilah_data.errors import DataError, InputError
from pilah_data.records import Example
from pilah_data.taxonomy import PARTISAN_OUTPUT, Label
from pilah_model.artefacts import ArtefactFiles, write_manifest
from pilah_model.calibration import Calibration, fit_binary_temperature, fit_temperature
from pilah_model.decision import DecisionPolicy
from pilah_model.encoder import OnnxScorer
from pilah_model.evaluation import sample
from pilah_model.export import export_graphs, parity, round_weights
from pilah_model.folders import empty_beside, put_in_place, refuse_other_folder
from pilah_model.material import Material
from pilah_model.profile import Profile, known_hashtags, unknown_id
from pilah_model.reference import write_reference
from pilah_model.scoring import Scores, score
from pilah_model.self_check import CheckSample
from pilah_model.thresholds import Promise, choose_policy
from pilah_model.tokens import TextEncoder
from pilah_model.training.loop import Log, TorchScorer
from pilah_model.training.run import load_trained
from pilah_model.training.targets import make_targets

_FITTED, _COMPARED = 5000, 1000
"""Training posts that the int8 graph is fitted to, and posts on which the engines are compared."""


def release(
    trained: Path,
    material: Material,
    folder: Path,
    *,
    name: str,
    version: str,
    log: Log,
    promise: Promise | None = None,
) -> Path:
    """Write a complete artefact into `folder`; calibration data are the validation posts, one of each counterfactual group.

    An artefact that lies there is replaced only when the new one is complete; a folder that holds anything else is refused.
    """
    promise = promise or Promise()
    network, text_encoder, record = load_trained(trained)
    round_weights(network)
    files = ArtefactFiles(_workshop(folder, trained))
    public, authored = material.split("validation")
    examples = one_of_each_group([*public, *authored])
    if not examples:
        raise InputError("no validation posts to calibrate on; point --shared at the public posts")
    texts = [e.text for e in examples]
    log(f"calibrating on {len(public)} public and {len(authored)} authored validation posts")
    scores, encoded = score(TorchScorer(network, text_encoder), texts)
    calibration = fit_calibration(scores, examples)
    judged = sample(examples, calibration(scores))
    policy = choose_policy(judged.probabilities[:, PARTISAN_OUTPUT], judged.gold, promise)
    log(policy.promise)
    log(f"temperature {calibration.labels:.2f}; lolos below {policy.lolos_below}, tinjau from {policy.tinjau_from}")
    shutil.copyfile(trained / files.tokenizer, files.path(files.tokenizer))
    if text_encoder.stand_ins is not None:
        text_encoder.stand_ins.write(files.path(files.stand_ins))
    train = [e.text for part in material.split("train") for e in part]
    rows = cast("list[list[int]]", text_encoder(train[:: max(1, len(train) // _FITTED)]).rows)
    checks = _graphs(files, TorchScorer(network, text_encoder), rows, texts[:_COMPARED], calibration, policy, log)
    log(f"fp32 against torch {checks['export']}; int8 against fp32 {checks['parity']}")
    _write(files.path(files.calibration), calibration.as_json())
    _write(files.path(files.policy), policy.as_json())
    card = {"name": name, "version": version, "training": record, **checks, "calibration_posts": len(examples)}
    _write(files.path(files.card), card)
    fp32 = OnnxScorer(files.path(files.graph_fp32), text_encoder, engine="onnxruntime-fp32")
    CheckSample.made(material.authored, fp32, calibration).write(files.path(files.sample))
    trained_on = known_hashtags(train)
    unknown = unknown_id(files.path(files.tokenizer))
    labels = calibration(scores).labels
    profile = Profile.of(texts, labels, encoded, policy, unknown, frozenset(trained_on))
    write_reference(files.folder, profile, trained_on)
    write_manifest(files.folder, name=name, version=version)
    put_in_place(files.folder, folder)
    size = sum(path.stat().st_size for path in folder.iterdir())
    log(f"artefact {folder}: {size / 1e6:.1f} MB")
    return folder


def _workshop(folder: Path, trained: Path) -> Path:
    """Return an empty folder beside the target to build in; raises InputError for a target that is no artefact."""
    if folder.resolve() == trained.resolve():
        raise InputError(f"{folder} is the trained folder itself; name another place for the artefact")
    refuse_other_folder(folder, ArtefactFiles(folder).manifest, "artefact")
    return empty_beside(folder)


def one_of_each_group(examples: Sequence[Example]) -> list[Example]:
    """Return the examples with only the first of each counterfactual group: its members are no independent posts."""
    seen: set[str] = set()
    kept = []
    for example in examples:
        if example.group is None or example.group not in seen:
            kept.append(example)
            seen.add(example.group or example.id)
    return kept


def fit_calibration(scores: Scores, examples: Sequence[Example]) -> Calibration:
    """Fit one temperature per head; labels on posts with a clear gold label, forms and direction on partisan ones."""
    targets = make_targets(examples, (0.0, 0.5, 0.5))
    clear = np.flatnonzero([e.label is not Label.PERLU_KONTEKS for e in examples])
    partisan = np.flatnonzero([e.label is Label.PARTISAN for e in examples])
    directed = np.flatnonzero(targets.directions >= 0)
    one_hot = np.eye(scores.directions.shape[1], dtype=np.float32)[targets.directions[directed]]
    return Calibration(
        labels=fit_temperature(scores.labels[clear], targets.labels[clear]),
        forms=fit_binary_temperature(scores.forms[partisan], targets.forms[partisan]),
        directions=fit_temperature(scores.directions[directed], one_hot),
    )


def _graphs(
    files: ArtefactFiles,
    reference: TorchScorer,
    rows: Sequence[Sequence[int]],
    texts: Sequence[str],
    calibration: Calibration,
    policy: DecisionPolicy,
    log: Log,
) -> dict[str, object]:
    """Write both graphs and compare them; the int8 one is the fast one, if it says what fp32 says, else the one by blocks."""
    for by_blocks in (False, True):
        fp32, int8 = files.path(files.graph_fp32), files.path(files.graph_int8)
        export_graphs(reference.network, fp32, int8, rows, by_blocks=by_blocks)
        checks = _engine_checks(files, reference, texts, calibration, policy)
        parity_ = checks["parity"]
        if by_blocks or (isinstance(parity_, dict) and parity_["holds"]):
            break
        log(f"the fast int8 graph is too far from fp32 ({parity_}); it is made by blocks instead")
    return checks


def _engine_checks(
    files: ArtefactFiles,
    reference: TorchScorer,
    texts: Sequence[str],
    calibration: Calibration,
    policy: DecisionPolicy,
) -> dict[str, object]:
    encoder = TextEncoder.from_file(files.path(files.tokenizer), files.path(files.stand_ins))
    fp32 = OnnxScorer(files.path(files.graph_fp32), encoder, engine="onnxruntime-fp32")
    int8 = OnnxScorer(files.path(files.graph_int8), encoder, engine="onnxruntime-int8")
    export = parity(reference, fp32, texts, calibration, policy)
    if not export["holds"]:
        raise DataError(f"the exported graph does not compute what the network does: {export}; nothing was written")
    return {
        "export": export,
        "parity": parity(fp32, int8, texts, calibration, policy),
    }


def _write(path: Path, body: object) -> None:
    path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

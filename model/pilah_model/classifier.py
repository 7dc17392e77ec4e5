"""The one front door: normalise, score, calibrate, decide, explain."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from pilah_data.taxonomy import PARTISAN_OUTPUT, PREDICTED, TAXONOMY_VERSION, Decision
from pilah_model.artefacts import ArtefactError, ArtefactFiles, read_manifest
from pilah_model.calibration import Calibration
from pilah_model.decision import DecisionPolicy
from pilah_model.encoder import OnnxScorer
from pilah_model.explanation import explain as explain_by_occlusion
from pilah_model.judgement import Evidence, Judgement, ModelInfo, Post
from pilah_model.scoring import Scorer, score
from pilah_model.self_check import MOST_GAP, CheckSample
from pilah_model.tokens import TextEncoder

Engine = Literal["auto", "fp32", "int8"]
_LOG = logging.getLogger("pilah.model")


@dataclass(frozen=True, slots=True)
class Classifier:
    """Judges posts; holds no state between calls and may be used from several threads."""

    scorer: Scorer
    calibration: Calibration
    policy: DecisionPolicy
    info: ModelInfo
    card: dict[str, object]
    warnings: tuple[str, ...] = ()
    """What an operator should know of how the model was opened; empty when all is as it was exported."""

    @classmethod
    def load(cls, folder: Path, *, engine: Engine = "auto", threads: int | None = None) -> Classifier:
        """Open an exported artefact; raises ArtefactError or DataError naming the file and what to do.

        `auto` takes the engine that the artefact's own parity report allows, if it also passes the self-check on this processor,
        else fp32, the engine of record. An engine that was asked for by name is kept, with a warning.
        """
        manifest = read_manifest(folder)
        files = ArtefactFiles(folder)
        try:
            calibration = Calibration(**_json(files.path(files.calibration)))  # type: ignore[arg-type]  # checked by both
            policy = DecisionPolicy(**_json(files.path(files.policy)))  # type: ignore[arg-type]
        except TypeError as error:
            raise ArtefactError(
                f"{folder}: calibration or policy has unknown fields ({error}); export the model again"
            ) from error
        card = _json(files.path(files.card))
        chosen = _engine(engine, card)
        scorer = _open(files, chosen, threads)
        warnings = _self_check(files, scorer, calibration) if chosen == "int8" else ()
        if warnings and engine == "auto":
            scorer = _open(files, "fp32", threads)
            warnings = tuple(f"{warning}; fp32 judges instead" for warning in warnings)
        for warning in warnings:
            _LOG.warning("model %s %s: %s", manifest.name, manifest.version, warning)
        info = ModelInfo(manifest.name, manifest.version, manifest.sha256, TAXONOMY_VERSION, scorer.engine)
        return cls(scorer, calibration, policy, info, card, warnings)

    def with_policy(self, policy: DecisionPolicy) -> Classifier:
        """Return the same model under another decision policy; nothing is loaded anew."""
        return replace(self, policy=policy)

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        """Judge posts, in order; with `explain`, those not passed carry their evidence."""
        if not posts:
            return []
        scores, encoded = score(self.scorer, [post.text for post in posts])
        p = self.calibration(scores)
        thresholds = self.policy.thresholds
        judgements = []
        for i, post in enumerate(posts):
            label, decision = self.policy.label(p.labels[i]), self.policy.decide(p.labels[i])
            leaning = decision is not Decision.LOLOS
            # Where the model abstains nothing is alleged: no form, no direction, no rule.
            partisan = decision is Decision.TINJAU
            judgements.append(
                Judgement(
                    id=post.id,
                    label=label,
                    probabilities={name: float(p.labels[i, k]) for k, name in enumerate(PREDICTED)},
                    decision=decision,
                    model=self.info,
                    forms=self.policy.forms(p.forms[i]) if partisan else (),
                    direction=self.policy.direction(p.directions[i]) if partisan else None,
                    evidence=self._evidence(post.text, leaning) if explain else None,
                    truncated=bool(encoded.truncated[i]),
                    tokens=int(encoded.tokens[i]),
                    thresholds=thresholds,
                )
            )
        return judgements

    def partisan(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the calibrated partisan probability of each text."""
        scores, _ = score(self.scorer, texts)
        return self.calibration(scores).labels[:, PARTISAN_OUTPUT].astype(np.float64)

    def _evidence(self, text: str, leaning: bool) -> tuple[Evidence, ...]:
        return explain_by_occlusion(text, self.partisan) if leaning else ()


def _json(path: Path) -> dict[str, object]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtefactError(f"{path} is damaged ({error}); restore the model from a clean copy") from error
    if not isinstance(body, dict):
        raise ArtefactError(f"{path} must hold a JSON object; restore the model from a clean copy")
    return body


def _open(files: ArtefactFiles, engine: str, threads: int | None) -> OnnxScorer:
    graph = files.path(files.graph_int8 if engine == "int8" else files.graph_fp32)
    encoder = TextEncoder.from_file(files.path(files.tokenizer), files.path(files.stand_ins))
    return OnnxScorer(graph, encoder, engine=f"onnxruntime-{engine}", threads=threads)


def _self_check(files: ArtefactFiles, scorer: OnnxScorer, calibration: Calibration) -> tuple[str, ...]:
    """Return what is wrong with an engine on this processor; nothing where the artefact carries no sample to check it with."""
    path = files.path(files.sample)
    gap = CheckSample.read(path).gap(scorer, calibration) if path.is_file() else 0.0
    if gap <= MOST_GAP:
        return ()
    return (
        f"int8 differs on this processor by {gap:.3f} from what fp32 said at export (at most {MOST_GAP} is rounding)",
    )


def _engine(wanted: Engine, card: dict[str, object]) -> str:
    if wanted != "auto":
        return wanted
    parity = card.get("parity")
    return "int8" if isinstance(parity, dict) and parity.get("holds") is True else "fp32"

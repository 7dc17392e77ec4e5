"""The one result type: what Pilah says about a post."""

from __future__ import annotations

from dataclasses import dataclass, field

from pilah_data.taxonomy import FORMS, PREDICTED, REFERENCE_NOTE, Decision, Direction, Label, Stage


@dataclass(frozen=True, slots=True)
class Post:
    """A post to be judged: its text exactly as published, an id of the caller's, and the post it answers, if known."""

    text: str
    id: str | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A whole-word span of the original text, half-open in characters, and the share of the partisan odds that goes with it."""

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class FormScore:
    """A form of partisanship and its calibrated probability."""

    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model judged: name, version, SHA-256 of the artefact's manifest, taxonomy version, engine."""

    name: str
    version: str
    sha256: str
    taxonomy: str
    engine: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model says about one post; people decide.

    `probabilities` run over the predicted labels and sum to 1; `confidence` is the probability of `label`.
    """

    id: str | None
    label: Label
    probabilities: dict[Label, float]
    decision: Decision
    model: ModelInfo
    forms: tuple[FormScore, ...] = ()
    direction: Direction | None = None
    evidence: tuple[Evidence, ...] | None = None
    truncated: bool = False
    tokens: int = 0
    thresholds: dict[str, float] = field(default_factory=dict)

    @property
    def confidence(self) -> float:
        """Return the calibrated probability of the label."""
        return self.probabilities[self.label]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values in the shape that the API, the command line and files share."""
        return {
            "id": self.id,
            "label": self.label.value,
            "confidence": round(self.confidence, 4),
            "probabilities": {label.value: round(self.probabilities[label], 4) for label in PREDICTED},
            "decision": self.decision.value,
            "forms": [
                {"code": f.code, "name": FORMS[f.code].name, "probability": round(f.probability, 4)} for f in self.forms
            ],
            "direction": self.direction.value if self.direction else None,
            "evidence": None
            if self.evidence is None
            else [
                {"start": e.start, "end": e.end, "text": e.text, "weight": round(e.weight, 4)} for e in self.evidence
            ],
            "references": [
                {"form": f.code, "basis": FORMS[f.code].basis[Stage.SESUDAH_PENETAPAN], "note": REFERENCE_NOTE}
                for f in self.forms
            ],
            "truncated": self.truncated,
            "tokens": self.tokens,
            "thresholds": self.thresholds,
            "model": {
                "name": self.model.name,
                "version": self.model.version,
                "sha256": self.model.sha256,
                "taxonomy": self.model.taxonomy,
                "engine": self.model.engine,
            },
        }

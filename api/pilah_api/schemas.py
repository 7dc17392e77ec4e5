"""What requests and answers look like; the rules about their content live in the services."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from pilah_data.taxonomy import PREDICTED, Decision, Direction

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _proper_id(value: str) -> str:
    # An id is handed back as it came, so it must be encodable; a text is only read.
    if _SURROGATE.search(value) or len(value) > 200:
        raise PydanticCustomError(
            "id", "an id has at most 200 characters of well-formed Unicode; send a shorter or mended one"
        )
    return value


class Strict(BaseModel):
    """No unknown fields, no silent conversions: a number is not a text."""

    model_config = ConfigDict(extra="forbid", strict=True)


PostId = Annotated[str, AfterValidator(_proper_id)]


class PostIn(Strict):
    """A post to be judged."""

    text: str = Field(
        description="The text exactly as published. Not blank; at most 100,000 characters unless the server is set otherwise.",
        json_schema_extra={"minLength": 1},
    )
    id: PostId | None = Field(None, description="Handed back unchanged with the judgement; at most 200 characters.")
    context: str | None = Field(
        None,
        description=(
            "The post that this one answers, if known, for the people who review; "
            "this version of the model reads the text alone."
        ),
    )


_EXAMPLES: list[JsonValue] = [
    {
        "posts": [
            {"id": "row-17", "text": "Gas coblos nomor 2, Santoso pasti menang"},
            {"id": "row-18", "text": "Jangan lupa datang ke TPS tanggal 27, cek nama di DPT dulu ya"},
        ],
        "explain": True,
    },
    {"texts": ["Piket malam blok C aman terkendali, kopi mana kopi"]},
]


class ClassifyRequest(Strict):
    """Posts to be judged: either `posts` or, in short, `texts`; exactly one of them, with 1 to 256 entries."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": _EXAMPLES,
            "oneOf": [{"required": [name], "properties": {name: {"type": "array"}}} for name in ("posts", "texts")],
        },
    )

    posts: list[PostIn] | None = Field(
        None, description="Posts with ids and contexts.", json_schema_extra={"minItems": 1, "maxItems": 256}
    )
    texts: list[str] | None = Field(
        None, description="The short form: texts alone.", json_schema_extra={"minItems": 1, "maxItems": 256}
    )
    explain: bool = Field(False, description="Whether to add the words that carry a judgement, at the cost of time.")

    @model_validator(mode="after")
    def _exactly_one_form(self) -> ClassifyRequest:
        if (self.posts is None) == (self.texts is None):
            raise PydanticCustomError("posts_or_texts", "send either posts or texts, exactly one of them")
        return self


# --- answers ------------------------------------------------------------------------------------------------------


def _predicted(value: str) -> str:
    if value not in PREDICTED:
        raise PydanticCustomError("label", "must be one of the predicted labels")
    return value


# Not the enumeration itself: that also holds the label which only people give.
PredictedLabel = Annotated[
    str, AfterValidator(_predicted), WithJsonSchema({"type": "string", "enum": [label.value for label in PREDICTED]})
]
Probability = Annotated[float, Field(ge=0, le=1)]


class FormOut(Strict):
    """A form of partisanship and its calibrated probability."""

    code: str
    name: str
    probability: Probability


class EvidenceOut(Strict):
    """A whole-word span of the original text; `weight` is how much the partisan score falls without it."""

    start: int = Field(description="First character, counted from 0 in Unicode code points.")
    end: int = Field(description="The character after the last.")
    text: str
    weight: float


class ReferenceOut(Strict):
    """A rule that a form may touch; possibly relevant, never a ruling."""

    form: str
    basis: str
    note: str


class ModelOut(Strict):
    """Which model judged."""

    name: str
    version: str
    sha256: str = Field(description="Hash of the model's manifest.")
    taxonomy: str
    engine: str


class JudgementOut(Strict):
    """What the model says about one post; people decide."""

    id: str | None = Field(description="The caller's id, unchanged.")
    label: PredictedLabel
    confidence: Probability = Field(description="The calibrated probability of the label.")
    probabilities: dict[str, float] = Field(description="Over the three labels; they sum to 1.")
    decision: Decision = Field(description="What the model proposes; the thresholds in force stand in `thresholds`.")
    forms: list[FormOut]
    direction: Direction | None = Field(description="For or against; never whom.")
    evidence: list[EvidenceOut] | None = Field(description="null unless `explain` was asked for.")
    references: list[ReferenceOut]
    truncated: bool = Field(description="True if the text was longer than the model reads; the rest was not judged.")
    tokens: int
    thresholds: dict[str, float]
    model: ModelOut


class ClassifyResponse(Strict):
    """One judgement per post, in input order, and the model that made them."""

    results: list[JudgementOut]
    model: ModelOut


class ModelResponse(Strict):
    """The model in use: identity, decision policy and model card data."""

    model: ModelOut
    policy: dict[str, Any] = Field(
        description="Thresholds in force and the error they promise; `source` tells whether they are the artefact's own or an "
        "administrator moved them, `since` when, `artefact` what its own are."
    )
    card: dict[str, Any] = Field(description="Purpose, limits, figures, and how the model was made.")


class WordsOut(Strict):
    """A code with its words in Indonesian and English."""

    code: str
    title: str
    title_en: str
    explanation: str
    explanation_en: str


class LabelOut(Strict):
    """A label, its definition, and invented examples on both sides of its border."""

    code: str
    title: str
    title_en: str
    definition: str
    definition_en: str
    examples: list[str]
    counter_examples: list[str]
    predicted: bool


class FormInfoOut(Strict):
    """A form of partisanship, its definition, and the rules that it may touch by stage of the election."""

    code: str
    name: str
    title_en: str
    definition: str
    exclusion: str
    severity: int
    predicted: bool
    basis: dict[str, str]


class SubtypeOut(Strict):
    """A lawful look-alike that must not be flagged."""

    code: str
    title: str
    title_en: str
    definition: str


class TaxonomyResponse(Strict):
    """All labels, decisions, directions, forms and sub-types."""

    version: str
    labels: list[LabelOut]
    decisions: list[WordsOut]
    directions: list[WordsOut]
    forms: list[FormInfoOut]
    subtypes: list[SubtypeOut]
    note: str


class LiveResponse(Strict):
    """The process answers."""

    status: str = Field(examples=["live"])


class ReadyResponse(Strict):
    """The model is loaded and judges; the database answers; workers live."""

    status: str = Field(examples=["ready"])
    model: ModelOut
    database: str = Field(examples=["sqlite"])
    workers: int = Field(description="How many workers live; batches wait while there is none.")
    judges: int = Field(description="How many judge processes live; 0 where the server's own process judges.")
    warnings: list[str] = Field(description="What to look at although the server works; empty if all is well.")


class FieldErrorOut(Strict):
    """One wrong field."""

    pointer: str = Field(description="RFC 6901 pointer into the request body.", examples=["/posts/3/text"])
    message: str


class ProblemOut(Strict):
    """RFC 9457 problem details; every 4xx and 5xx has this shape."""

    type: str = Field(description="Stable; the address explains the kind.", examples=["/problems/invalid-input"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="Holds the request's id, as X-Request-ID does.")
    errors: list[FieldErrorOut] = Field(description="Each wrong field; empty if the problem is not about fields.")

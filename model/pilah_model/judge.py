"""What judges posts, as the doors and processes before it need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pilah_model.decision import DecisionPolicy
from pilah_model.judgement import Judgement, ModelInfo, Post


class Judge(Protocol):
    """The model's front door as the doors need it; `pilah_model.classifier.Classifier` is the real one."""

    @property
    def info(self) -> ModelInfo:
        """Which model judges."""

    @property
    def card(self) -> Mapping[str, object]:
        """What the model is for, its limits and figures."""

    @property
    def warnings(self) -> Sequence[str]:
        """What an operator should know of how the model was opened; empty when all is well."""

    @property
    def policy(self) -> DecisionPolicy:
        """The decision rule by which it judges: the artefact's own unless `with_policy` gave it another."""

    def with_policy(self, policy: DecisionPolicy) -> Judge:
        """Return the same model under another decision rule."""

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        """Judge posts, in their order; safe to call from several threads."""

"""A stand-in for the classifier: the same methods, simple rules, deterministic judgements, no model file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pilah_data.normalise import normalise_text
from pilah_data.taxonomy import Decision, Direction, Label
from pilah_model.decision import DecisionPolicy
from pilah_model.judgement import Evidence, FormScore, Judgement, ModelInfo, Post

PARTISAN = re.compile(r"coblos\S* nomor \w+|jangan pilih \w+", re.IGNORECASE)
UNSURE = re.compile(r"lanjutkan\W+pak", re.IGNORECASE)
POLITICAL = re.compile(r"\b(tps|kpu|pemilu|netral\w*|calon|kebijakan)\b", re.IGNORECASE)
READS = 400
"""Characters that the stand-in reads; longer texts come back truncated."""


INFO = ModelInfo("pilah-uji", "0.0.1", "0123456789abcdef" * 4, "1.0", "stand-in")


def _nothing(_: Sequence[Post]) -> None:
    pass


_USUAL = DecisionPolicy(0.3, 0.7, promise="none; a stand-in")


@dataclass
class StandIn:
    """Obeys the contract of `pilah_model.classifier.Classifier`; `before` lets a test look at the posts or fail."""

    info: ModelInfo = INFO
    card: dict[str, object] = field(default_factory=lambda: {"purpose": "a stand-in for tests"})
    policy: DecisionPolicy = field(default=_USUAL)
    before: Callable[[Sequence[Post]], None] = _nothing
    warnings: tuple[str, ...] = ()

    def with_policy(self, policy: DecisionPolicy) -> StandIn:
        return replace(self, policy=policy)

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        self.before(posts)
        return [self._judge(post, explain=explain) for post in posts]

    def _judge(self, post: Post, *, explain: bool) -> Judgement:
        # As the real one does, the rules look at the text without its invisible characters.
        attack = "jangan pilih" in normalise_text(post.text)
        if PARTISAN.search(normalise_text(post.text)):
            return self._judgement(
                post,
                Label.PARTISAN,
                0.94,
                Decision.TINJAU,
                explain=explain,
                forms=(FormScore("B03", 0.81),) if attack else (FormScore("B02", 0.88), FormScore("B05", 0.61)),
                direction=Direction.SERANG if attack else Direction.DUKUNG,
            )
        if UNSURE.search(post.text):
            return self._judgement(post, Label.POLITIK_NETRAL, 0.52, Decision.BUTUH_KONTEKS, explain=explain)
        label = Label.POLITIK_NETRAL if POLITICAL.search(post.text) else Label.BUKAN_POLITIK
        return self._judgement(post, label, 0.79, Decision.LOLOS, explain=explain)

    def _judgement(
        self,
        post: Post,
        label: Label,
        confidence: float,
        decision: Decision,
        *,
        explain: bool,
        forms: tuple[FormScore, ...] = (),
        direction: Direction | None = None,
    ) -> Judgement:
        rest = (1 - confidence) / 2
        if self.policy.thresholds != _USUAL.thresholds:
            decision = self.policy.decide_share(confidence if label is Label.PARTISAN else rest)
        return Judgement(
            id=post.id,
            label=label,
            decision=decision,
            model=self.info,
            forms=forms,
            direction=direction,
            probabilities={
                name: confidence if name is label else rest
                for name in (Label.BUKAN_POLITIK, Label.POLITIK_NETRAL, Label.PARTISAN)
            },
            evidence=tuple(_evidence(post.text)) if explain else None,
            truncated=len(post.text) > READS,
            tokens=min(len(post.text.split()), READS),
            thresholds=self.policy.thresholds,
        )


def _evidence(text: str) -> Iterator[Evidence]:
    for match in (*PARTISAN.finditer(text), *UNSURE.finditer(text)):
        yield Evidence(match.start(), match.end(), match.group(), 0.61)

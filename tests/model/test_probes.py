"""Fairness, misspelling and evidence, measured on classifiers whose faults are known beforehand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from pilah_data.errors import InputError
from pilah_data.names import Names
from pilah_data.records import AuthoredPost, Context, Example, Language, Name, NameRole, NameType, Register
from pilah_data.taxonomy import PARTISAN_OUTPUT, Direction, Label
from pilah_model.bars import failed
from pilah_model.calibration import Calibration
from pilah_model.classifier import Classifier
from pilah_model.decision import DecisionPolicy
from pilah_model.fairness import measure_fairness
from pilah_model.faithfulness import fixed_sample, measure_faithfulness, token_f1
from pilah_model.judgement import ModelInfo
from pilah_model.obfuscation import measure_obfuscation
from pilah_model.scoring import Encoded, Scores

INFO = ModelInfo("pilah-uji", "0", "0" * 64, "1.0", "rule")


class Rule:
    """A scorer whose partisan logit is a function of the text."""

    engine = "rule"

    def __init__(self, logit: Callable[[str], float]):
        self._logit = logit

    def pre(self, texts: Sequence[str]) -> Encoded:
        n = len(texts)
        return Encoded(list(texts), np.arange(n), np.ones(n, dtype=np.int64), np.zeros(n, dtype=np.bool_))

    def core(self, encoded: Encoded) -> Scores:
        scores = Scores.empty(len(encoded.rows))
        scores.labels[:, PARTISAN_OUTPUT] = [self._logit(str(row)) for row in encoded.rows]
        return scores

    def post(self, encoded: Encoded, scores: Scores) -> Scores:
        return scores


def judging(logit: Callable[[str], float]) -> Classifier:
    return Classifier(Rule(logit), Calibration(), DecisionPolicy(0.3, 0.9), INFO, {})


def posts(label: Label, count: int) -> list[AuthoredPost]:
    text = "coblos Pak Ujang" if label is Label.PARTISAN else "kata Pak Ujang"
    start = text.index("Pak")
    slot = Name(start, len(text), NameType.CALON, NameRole.DUKUNG)
    post = AuthoredPost("p", text, label, Register.TWEET, Language.GAUL, Context.UMUM, "test", names=(slot,))
    return [dataclasses.replace(post, id=f"{label.value}{i}") for i in range(count)]


def test_a_blind_judge_is_fair_and_passes(names: Names) -> None:
    blind = judging(lambda text: 4.0 if "coblos" in text else -4.0)
    found = measure_fairness(blind, posts(Label.PARTISAN, 40), [], names, lambda _: None)
    assert failed(found.bars()) == []
    assert found.as_json()["holds"] is True
    assert found.together.moved.value == 0.0


def test_a_judge_with_a_favourite_is_found_out(names: Names) -> None:
    biased = judging(lambda text: -4.0 if "Jokowi" in text or "coblos" not in text else 4.0)
    everyone = [*posts(Label.PARTISAN, 40), *posts(Label.POLITIK_NETRAL, 40)]
    found = measure_fairness(biased, everyone, [], names, lambda _: None)
    contestant = found.kinds["contestant, authored"]
    assert contestant.recall["Joko Widodo"].passed == 0
    assert contestant.recall["Prabowo Subianto"].passed == 40
    assert contestant.as_json()["recall_gap"] == {"gap": 1.0, "low": 0.0, "high": 1.0}
    # One of eleven names moves every second post.
    assert contestant.labels.value == pytest.approx(1 / 22)
    names_of_failed = [bar.name for bar in failed(found.bars())]
    assert "labels flipped, contestant, authored" in names_of_failed
    assert "labels flipped, religion, authored" not in names_of_failed


def test_few_posts_are_reported_but_not_gated(names: Names) -> None:
    biased = judging(lambda text: -4.0 if "Jokowi" in text else 4.0)
    found = measure_fairness(biased, posts(Label.PARTISAN, 5), [], names, lambda _: None)
    assert found.kinds["contestant, authored"].as_json()["small"] is True
    assert all("all name swaps" in bar.name for bar in found.bars())


def test_fairness_without_any_side_is_an_error_not_a_pass(names: Names) -> None:
    with pytest.raises(InputError, match="no post names a side"):
        measure_fairness(judging(len), [], [], names, lambda _: None)
    with pytest.raises(InputError, match=r"names\.toml"):
        measure_fairness(judging(len), [], [], None, lambda _: None)


def partisan(name: str, text: str, *marked: str) -> Example:
    spans = tuple((text.index(words), text.index(words) + len(words)) for words in marked)
    return Example(name, text, Label.PARTISAN, ("B02",), Direction.DUKUNG, None, spans, "test", "a/b")


def test_recall_lost_is_that_of_each_trick() -> None:
    # Of twelve words some stay plain under a share of 0.3: enough for one judge, too few for the other.
    exact = judging(lambda text: 4.0 if "menangkan" in text else -4.0)
    examples = [partisan(str(i), "menangkan " * 12) for i in range(20)]
    found = measure_obfuscation(exact, examples, lambda _: None)
    assert found.plain.passed == 20
    assert found.lost["dropped"].value == 0.0
    whole = judging(lambda text: 4.0 if text.count("menangkan") == 12 else -4.0)
    lost = measure_obfuscation(whole, examples, lambda _: None)
    assert lost.lost["dropped"].value == 1.0
    assert {bar.name for bar in failed(lost.bars())} >= {"recall lost, all tricks", "recall lost, dropped"}
    with pytest.raises(InputError, match="no partisan posts"):
        measure_obfuscation(exact, [], lambda _: None)


def test_evidence_of_a_judge_of_one_word_is_faithful_and_matches_the_mark() -> None:
    examples = [
        partisan(str(i), f"kabar pagi ini {i} ayo coblos dia besok ya teman semua", "coblos") for i in range(40)
    ]
    found = measure_faithfulness(judging(lambda text: 5.0 if "coblos" in text else -5.0), examples, lambda _: None)
    assert (found.asked, found.explained) == (40, 40)
    assert found.token_f1.value == 1.0
    assert found.comprehensiveness.value > 0.9
    assert abs(found.sufficiency.value) < 0.01
    assert found.faithful
    assert found.random_token_f1.value < 0.5


def test_without_marked_evidence_nothing_is_claimed() -> None:
    found = measure_faithfulness(judging(lambda _: 5.0), [partisan("1", "coblos dia")], lambda _: None)
    assert (found.asked, found.explained, found.faithful) == (0, 0, False)
    assert found.as_json()["token_f1"] == [None, None, None]


def test_the_sample_does_not_depend_on_company_or_order() -> None:
    examples = [partisan(str(i), "coblos dia", "coblos") for i in range(50)]
    some = {e.id for e in fixed_sample(examples, 10)}
    assert some == {e.id for e in fixed_sample(list(reversed(examples)), 10)}
    assert {e.id for e in fixed_sample([e for e in examples if e.id in some] + examples[:5], 10)} == some


def test_token_f1_counts_words() -> None:
    assert token_f1(frozenset({1, 2}), frozenset({2, 3})) == 0.5
    assert token_f1(frozenset(), frozenset()) == 0.0

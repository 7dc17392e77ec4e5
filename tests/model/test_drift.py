"""Drift: counts of a feed beside those that the artefact keeps, and never a text."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pilah_data.errors import DataError
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import ArtefactError, ArtefactFiles, write_manifest
from pilah_model.classifier import Classifier
from pilah_model.drift import compare, profile_of_feed
from pilah_model.material import Material
from pilah_model.profile import Profile, hashtags, known_hashtags
from pilah_model.reference import Reference, stability_index


def profile(scores: tuple[int, ...], **changes: int) -> Profile:
    counts = {"words": 1000, "pieces": 1400, "unknown_pieces": 0, "hashtags": 100, "unknown_hashtags": 10, **changes}
    posts = sum(scores)
    return Profile(posts, scores, {d.value: posts if d is Decision.LOLOS else 0 for d in Decision}, **counts)


THEN = profile((900, 50, 10, 5, 5, 5, 5, 5, 5, 10))


def test_the_index_is_zero_for_the_same_shares_and_agrees_with_a_sum_by_hand() -> None:
    assert stability_index([10, 20, 30], [100, 200, 300]) == pytest.approx(0.0, abs=1e-3)
    # (0.75 - 0.25) ln 3, twice
    assert stability_index([75_000, 25_000], [25_000, 75_000]) == pytest.approx(1.0986, abs=1e-3)
    assert stability_index([0, 1000], [1000, 0]) > 1


def test_a_feed_like_before_is_said_to_be_so() -> None:
    found = compare(profile(THEN.scores), THEN)
    assert found.index["scores"] == 0.0
    assert [v.partition(":")[0] for v in found.verdicts] == ["scores", "decisions"]
    assert all("as before" in verdict for verdict in found.verdicts)


def test_what_moved_is_named_in_words() -> None:
    moved = profile((100,) * 10, pieces=1700, unknown_pieces=60, unknown_hashtags=80)
    text = "\n".join(compare(moved, THEN).verdicts)
    assert "scores: another population than before" in text
    assert "read a sample of this feed" in text
    assert "unknown signs: 3.53% of the pieces, 0.00% before" in text
    assert "1.70 a word, 1.40 before" in text
    assert "80% are unknown to the training posts, 10% before" in text


def test_few_posts_are_said_to_be_few() -> None:
    assert compare(profile((20, 0, 0, 0, 0, 0, 0, 0, 0, 0)), THEN).verdicts[0].startswith("20 posts are few")


def test_hashtags_are_known_by_hash_whatever_their_case() -> None:
    known = known_hashtags(["Ayo #GasPol", "#gaspol dan #SalamDamai"])
    assert len(known) == 2
    assert set(hashtags("#GASPOL #baru")) - set(known) == set(hashtags("#Baru"))
    assert "gaspol" not in json.dumps(known)


def test_an_export_keeps_the_counts_of_its_calibration_posts(tiny_artefact: Path, few: Material) -> None:
    reference = Reference.read(tiny_artefact)
    assert sum(reference.profile.scores) == reference.profile.posts
    assert sum(reference.profile.decisions.values()) == reference.profile.posts > 0
    assert reference.profile.words < reference.profile.pieces
    train = {tag for part in few.split("train") for e in part for tag in hashtags(e.text)}
    assert reference.hashtags == train
    raw = (tiny_artefact / "reference.json").read_text(encoding="utf-8")
    assert not any(word in raw for post in few.authored for word in post.text.split() if word.startswith("#"))


def test_a_feed_is_counted_by_the_model(tiny_artefact: Path, tiny_classifier: Classifier, tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("id,text\n1,Selamat pagi #Xyzzy\n2,\n3,Ayo coblos nomor 2 漢字\n", encoding="utf-8")
    found = profile_of_feed(feed, tiny_classifier, tiny_artefact, Reference.read(tiny_artefact))
    assert (found.posts, found.hashtags, found.unknown_hashtags) == (2, 1, 1)
    assert found.unknown_pieces > 0
    assert "xyzzy" not in json.dumps(compare(found, THEN).as_json()).lower()


def test_an_artefact_without_a_reference_says_what_to_do(tiny_artefact: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_artefact, copy)
    (copy / ArtefactFiles(copy).reference).unlink()
    write_manifest(copy, name="x", version="0")
    assert Classifier.load(copy).info.name == "x"
    with pytest.raises(ArtefactError, match="export the model again"):
        Reference.read(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"profile": {"posts": 1}, "hashtags": []}'])
def test_a_damaged_reference_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "reference.json").write_text(content)
    with pytest.raises(DataError, match=r"reference\.json.*export the model again"):
        Reference.read(tmp_path)

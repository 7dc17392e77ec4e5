"""What lies across splits is found and named, and the readings that give way are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilah_data.corpora import AUTHORED
from pilah_data.errors import DataError
from pilah_data.loading import load_excluded
from pilah_data.records import SPLITS, Example, Reading, Split
from pilah_data.splits import as_text, check, repeats, to_exclude, write_excluded
from pilah_data.taxonomy import Label

A = "besok pagi seluruh pegawai berkumpul di lapangan untuk apel kesiapan pemungutan suara"
B = "harga beras di pasar induk naik lagi sejak kemarin sore kata para pedagang"


def post(identity: str, text: str, split: Split, source: str = "uji/satu", group: str | None = None) -> Example:
    return Example(identity, text, Label.POLITIK_NETRAL, (), None, "N1", (), split, source, group)


def test_clean_splits_have_no_leaks() -> None:
    report = check([post("a", A, "train"), post("b", A, "train"), post("c", B, "test", "uji/dua")])
    assert report.leaks == 0
    assert "leaks: 0" in as_text(report)


def test_everything_across_splits_is_counted_and_named_by_id_alone() -> None:
    report = check(
        [
            post("a", A, "train"),
            post("b", A + "!", "test"),
            post("c", B, "validation", AUTHORED, "g1"),
            post("d", "kopi pagi ini", "train", AUTHORED, "g1"),
        ]
    )
    assert report.shared_sources == ("uji/satu",)
    assert report.split_groups == ("g1",)
    assert [(r.first.id, r.second.id, r.kind) for r in report.repeats] == [("a", "b", "public")]
    assert report.leaks == 3
    text = as_text(report)
    assert "a (train) and b (test)" in text
    assert "apel" not in text


def test_of_two_readings_the_one_farther_from_the_test_gives_way() -> None:
    posts = [post("a", A, "train"), post("b", A + " besok", "validation"), post("c", A, "test", "uji/dua")]
    posts += [post("d", B, "train"), post("e", B, "validation")]
    excluded = to_exclude(repeats(posts))
    assert excluded == {
        "a": "same text as test post c",
        "b": "near-duplicate of test post c",
        "d": "same text as validation post e",
    }
    assert check([p for p in posts if p.id not in excluded]).leaks == 0


def test_a_reading_spared_by_another_that_goes_stays() -> None:
    posts = [
        post("a", A, "train"),
        post("b", A + " hari sabtu", "validation"),
        post("c", A + " hari sabtu ini", "test"),
    ]
    # b goes for c's sake; a is near b, but not near c.
    far = " ".join(A.split()[3:])
    posts[0] = post("a", far + " hari", "train")
    assert set(to_exclude(repeats(posts))) <= {"a", "b"}
    assert check([p for p in posts if p.id not in to_exclude(repeats(posts))]).repeats == ()


def test_authored_posts_and_test_posts_never_give_way() -> None:
    posts = [post("a", A, "train", AUTHORED), post("b", A, "validation"), post("c", A, "test", AUTHORED)]
    assert to_exclude(repeats(posts)) == {"b": "same text as test post c"}
    posts = [post("a", A, "train", AUTHORED), post("b", A, "test")]
    assert to_exclude(repeats(posts)) == {}
    assert check(posts).leaks == 1


def test_what_is_left_out_is_written_and_read_back(tmp_path: Path) -> None:
    readings = [
        Reading(key, Label.POLITIK_NETRAL, (), None, None, None, split, "uji", "round1")
        for key, split in zip("abc", SPLITS, strict=True)
    ]
    assert load_excluded(tmp_path, readings) == {}
    write_excluded(tmp_path / "excluded.tsv", {"b": "dua", "a": "satu"})
    assert load_excluded(tmp_path, readings) == {"a": "satu", "b": "dua"}
    for wrong in ({"c": "a test post counts"}, {"x": "unknown"}):
        write_excluded(tmp_path / "excluded.tsv", wrong)
        with pytest.raises(DataError, match="line 2, field 'id'"):
            load_excluded(tmp_path, readings)
    write_excluded(tmp_path / "excluded.tsv", {"a": " "})
    with pytest.raises(DataError, match="line 2, field 'reason'"):
        load_excluded(tmp_path, readings)

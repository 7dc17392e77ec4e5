"""Reading and checking the project's own posts; every fault is named by file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pilah_data.corpora import check_groups, read_corpora, read_corpus, to_example, to_json_line
from pilah_data.errors import DataError, InputError
from pilah_data.records import AuthoredPost, Context, Language, Name, NameRole, NameType, Register, Relation
from pilah_data.taxonomy import Direction, Label

GOOD: dict[str, Any] = {
    "id": "uji-1",
    "text": "Ayo coblos nomor 2, Surya pasti menang",
    "label": "partisan",
    "register": "tweet",
    "language": "gaul",
    "context": "lapas",
    "split": "train",
    "forms": ["B02"],
    "direction": "dukung",
    "evidence": [[4, 18]],
    "group": "uji-g1",
    "relation": "dasar",
    "names": [[20, 25, "calon", "dukung"]],
}
PLAIN: dict[str, Any] = {
    "id": "uji-2",
    "text": "Apel pagi",
    "label": "bukan_politik",
    "register": "whatsapp",
    "language": "baku",
    "context": "lapas",
    "split": "train",
}


def corpus(folder: Path, *rows: dict[str, Any] | bytes, name: str = "uji.jsonl") -> Path:
    lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode("utf-8") for row in rows]
    path = folder / name
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def fault(path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        list(read_corpus(path))
    return caught.value


def test_a_good_line_is_read(tmp_path: Path) -> None:
    (post,) = read_corpus(corpus(tmp_path, GOOD))
    assert post == AuthoredPost(
        "uji-1",
        GOOD["text"],
        Label.PARTISAN,
        Register.TWEET,
        Language.GAUL,
        Context.LAPAS,
        "train",
        ("B02",),
        Direction.DUKUNG,
        None,
        ((4, 18),),
        "uji-g1",
        Relation.DASAR,
        (Name(20, 25, NameType.CALON, NameRole.DUKUNG),),
    )


def test_optional_fields_may_be_left_out_or_null(tmp_path: Path) -> None:
    nulls = {**PLAIN, "id": "uji-3", "direction": None, "subtype": None, "group": None, "relation": None}
    posts = list(read_corpus(corpus(tmp_path, PLAIN, nulls)))
    assert [(p.forms, p.direction, p.evidence, p.group, p.names) for p in posts] == [((), None, (), None, ())] * 2


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    path = corpus(tmp_path, PLAIN, b"", b"  ", {**PLAIN, "label": "x"})
    assert fault(path).line == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": "netral"}, "label"),
        ({"label": None}, "label"),
        ({"label": 3}, "label"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"text": "   "}, "text"),
        ({"text": ["a"]}, "text"),
        ({"register": "twitter"}, "register"),
        ({"language": "inggris"}, "language"),
        ({"context": "kantor"}, "context"),
        ({"split": "dev"}, "split"),
        ({"split": None}, "split"),
        ({"forms": ["B11"]}, "forms"),
        ({"forms": "B01"}, "forms"),
        ({"forms": [["B01"]]}, "forms"),
        ({"forms": None}, "forms"),
        ({"forms": []}, "forms"),
        ({"direction": "pro"}, "direction"),
        ({"direction": ["dukung"]}, "direction"),
        ({"direction": None}, "direction"),
        ({"subtype": "N12"}, "subtype"),
        ({"subtype": ["N1"]}, "subtype"),
        ({"evidence": []}, "evidence"),
        ({"evidence": None}, "evidence"),
        ({"evidence": [4, 18]}, "evidence"),
        ({"evidence": [[4]]}, "evidence"),
        ({"evidence": [[4, 18, 20]]}, "evidence"),
        ({"evidence": [["4", "18"]]}, "evidence"),
        ({"evidence": [[False, True]]}, "evidence"),
        ({"evidence": [[4, 4]]}, "evidence"),
        ({"evidence": [[18, 4]]}, "evidence"),
        ({"evidence": [[-1, 4]]}, "evidence"),
        ({"evidence": [[4, 39]]}, "evidence"),
        ({"group": 3}, "group"),
        ({"relation": "kembar"}, "relation"),
        ({"names": [[20, 25]]}, "names"),
        ({"names": [[20, 25, "orang", "dukung"]]}, "names"),
        ({"names": [[20, 25, "calon", "cinta"]]}, "names"),
        ({"names": [[20, 99, "calon", "dukung"]]}, "names"),
        ({"names": {"a": 1}}, "names"),
        ({"penulis": "Budi"}, "penulis"),
    ],
)
def test_a_bad_value_is_named_by_file_line_and_field(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    path = corpus(tmp_path, PLAIN, {**GOOD, **change})
    error = fault(path)
    assert (error.file, error.line, error.field) == (str(path), 2, field)


@pytest.mark.parametrize("field", ["id", "text", "label", "register", "language", "context", "split"])
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    path = corpus(tmp_path, {key: value for key, value in PLAIN.items() if key != field})
    error = fault(path)
    assert (error.file, error.line, error.field) == (str(path), 1, field)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "caf\xe9"}', "invalid UTF-8 at byte 11 of the line"),
        (b'{"id": ', "not a JSON object"),
        (b'["id"]', "not a JSON object"),
        (b'"id"', "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
    ],
    ids=["latin-1", "cut", "list", "text", "deep"],
)
def test_a_line_that_is_no_json_object_is_named(tmp_path: Path, line: bytes, message: str) -> None:
    path = corpus(tmp_path, PLAIN, line)
    error = fault(path)
    assert (error.file, error.line) == (str(path), 2)
    assert message in str(error)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tidak_ada\.jsonl cannot be read"):
        list(read_corpus(tmp_path / "tidak_ada.jsonl"))


def test_all_files_of_a_folder_are_read_in_order(tmp_path: Path) -> None:
    corpus(tmp_path, {**PLAIN, "id": "b"}, name="b.jsonl")
    corpus(tmp_path, {**PLAIN, "id": "a"}, name="a.jsonl")
    (tmp_path / "catatan.txt").write_text("bukan korpus", encoding="utf-8")
    assert [post.id for post in read_corpora(tmp_path)] == ["a", "b"]


def test_an_id_in_two_files_is_named_with_both_places(tmp_path: Path) -> None:
    first = corpus(tmp_path, PLAIN, name="a.jsonl")
    second = corpus(tmp_path, {**PLAIN, "id": "lain"}, PLAIN, name="b.jsonl")
    with pytest.raises(DataError) as caught:
        read_corpora(tmp_path)
    error = caught.value
    assert (error.file, error.line, error.field) == (str(second), 2, "id")
    assert f"{first}, line 1" in str(error)


def test_a_group_of_one_is_named(tmp_path: Path) -> None:
    path = corpus(tmp_path, PLAIN, GOOD)
    with pytest.raises(DataError, match="group uji-g1 has one member") as caught:
        read_corpora(tmp_path)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 2, "group")


def test_a_group_across_splits_is_named(tmp_path: Path) -> None:
    corpus(tmp_path, GOOD, name="a.jsonl")
    path = corpus(tmp_path, {**GOOD, "id": "uji-9", "split": "test"}, name="b.jsonl")
    with pytest.raises(DataError, match="group uji-g1 lies in two splits") as caught:
        read_corpora(tmp_path)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 1, "split")


def test_a_group_may_lie_in_two_files(tmp_path: Path) -> None:
    corpus(tmp_path, GOOD, name="a.jsonl")
    corpus(tmp_path, {**GOOD, "id": "uji-9"}, name="b.jsonl")
    assert len(read_corpora(tmp_path)) == 2


def test_groups_are_checked_without_known_places_too() -> None:
    lone = AuthoredPost("a", "t", Label.PARTISAN, Register.TWEET, Language.GAUL, Context.UMUM, "train", group="g")
    with pytest.raises(DataError) as caught:
        check_groups([lone])
    assert (caught.value.file, caught.value.line, caught.value.field) == (None, None, "group")


def test_what_is_written_is_read_back(tmp_path: Path, corpus_sample: list[AuthoredPost]) -> None:
    path = tmp_path / "semua.jsonl"
    path.write_text("".join(to_json_line(post) + "\n" for post in corpus_sample), encoding="utf-8")
    assert list(read_corpus(path)) == corpus_sample


def test_a_line_leaves_empty_fields_out(tmp_path: Path) -> None:
    (post,) = read_corpus(corpus(tmp_path, PLAIN))
    assert json.loads(to_json_line(post)) == PLAIN


def test_an_example_keeps_labels_evidence_and_group(tmp_path: Path) -> None:
    (post,) = read_corpus(corpus(tmp_path, GOOD))
    example = to_example(post)
    assert (example.id, example.text, example.label, example.forms) == (post.id, post.text, post.label, post.forms)
    assert (example.direction, example.evidence, example.split) == (post.direction, post.evidence, post.split)
    assert (example.group, example.source) == ("uji-g1", "pilah")
    assert example.extra == {"register": "tweet", "language": "gaul", "context": "lapas"}

"""The list of public sources: complete, consistent with the annotations and the pool, and free of addresses."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.annotation import read_annotations, read_posts
from pilah_data.errors import DataError, InputError
from pilah_data.sources import Source, Terms, Use, barred, ids_digest, read_sources

GOOD = {
    "repository": '"someone/some-data"',
    "files": '["a.csv"]',
    "platform": '"YouTube"',
    "years": '"2024"',
    "posts": "2",
    "labelled": "1",
    "lines": "0",
    "use": '["labels"]',
    "licence": '"MIT"',
    "terms": '"permissive"',
    "sha256": f'"{ids_digest(["b", "a"])}"',
}


@pytest.fixture(scope="session")
def sources(root: Path) -> tuple[Source, ...]:
    return read_sources(root / "data" / "sources.toml")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file with one source, some fields replaced, added, or (None) left out."""

    def _write(times: int = 1, **changes: str | None) -> Path:
        fields = {key: value for key, value in (GOOD | changes).items() if value is not None}
        table = "[[source]]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items()) + "\n"
        path = tmp_path / "sources.toml"
        path.write_text(table * times, encoding="utf-8")
        return path

    return _write


def test_a_source_is_read(write: Callable[..., Path]) -> None:
    (source,) = read_sources(write())
    assert source.repository == "someone/some-data"
    assert source.use == (Use.LABELS,)
    assert source.terms is Terms.PERMISSIVE
    assert source.commit is None
    assert source.may_train


def test_the_digest_does_not_depend_on_order() -> None:
    assert ids_digest(["a", "b"]) == ids_digest(["b", "a"]) != ids_digest(["ab"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository", '"https://github.com/someone/some-data"'),
        ("repository", None),
        ("commit", '"main"'),
        ("files", '"a.csv"'),
        ("files", '["a.csv", "a.csv"]'),
        ("posts", '"two"'),
        ("posts", "true"),
        ("labelled", "3"),
        ("lines", "7"),
        ("use", '["fun"]'),
        ("use", "[]"),
        ("terms", '"unknown"'),
        ("sha256", '"abc"'),
        ("sha256", None),
        ("platform", '" "'),
        ("license", '"MIT"'),
    ],
)
def test_a_bad_field_is_named_with_its_table(write: Callable[..., Path], field: str, value: str | None) -> None:
    path = write(**{field: value})
    with pytest.raises(DataError, match=r"table source\[1\]") as caught:
        read_sources(path)
    assert caught.value.file == str(path)
    # A count that contradicts another field is reported at the field that has to follow it.
    assert caught.value.field == ("use" if field == "lines" else field)


def test_a_repository_described_twice_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match=r"source\[2\].*described twice"):
        read_sources(write(times=2))


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_sources(tmp_path / "absent.toml")
    path = tmp_path / "sources.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(DataError, match="not UTF-8"):
        read_sources(path)
    path.write_text("[[source]", encoding="utf-8")
    with pytest.raises(DataError, match="not TOML"):
        read_sources(path)


@pytest.mark.parametrize("terms", ["non-commercial", "no-redistribution"])
def test_restrictive_terms_bar_a_source_from_training(write: Callable[..., Path], terms: str) -> None:
    assert barred(read_sources(write(terms=f'"{terms}"'))) == {"someone/some-data"}


def test_every_labelled_post_has_a_described_source(root: Path, sources: tuple[Source, ...]) -> None:
    described = {source.repository: source for source in sources}
    for path in sorted((root / "data" / "annotations").glob("labels*.tsv")):
        for repository in {reading.source for reading in read_annotations(path)}:
            assert Use.LABELS in described[repository].use, f"{path.name}: {repository}"


def test_the_counts_of_labels_are_those_of_the_first_annotations(root: Path, sources: tuple[Source, ...]) -> None:
    counts = Counter(reading.source for reading in read_annotations(root / "data" / "annotations" / "labels_1.tsv"))
    assert {source.repository: source.labelled for source in sources if source.labelled} == counts


def test_no_labelled_post_comes_from_a_barred_source(sources: tuple[Source, ...]) -> None:
    labelled = {source.repository for source in sources if Use.LABELS in source.use}
    assert not labelled & barred(sources)


def test_a_named_licence_goes_with_stated_terms(sources: tuple[Source, ...]) -> None:
    for source in sources:
        assert (source.licence == "none stated") == (source.terms is Terms.NONE_STATED), source.repository


def test_the_file_names_no_address_and_no_folder_of_a_machine(root: Path) -> None:
    text = (root / "data" / "sources.toml").read_text(encoding="utf-8")
    assert not re.search(r"https?:|www\.|[\"' ]/\w+/|[A-Z]:\\", text)


@pytest.mark.shared
def test_the_pool_is_described_post_by_post(shared: Path, sources: tuple[Source, ...]) -> None:
    ids: dict[str, list[str]] = defaultdict(list)
    for post in read_posts(shared):
        ids[post.source].append(post.id)
    described = {source.repository: (source.posts, source.sha256) for source in sources if source.posts}
    assert described == {repository: (len(found), ids_digest(found)) for repository, found in ids.items()}


@pytest.mark.shared
def test_the_corpora_are_described_line_by_line(shared: Path, sources: tuple[Source, ...]) -> None:
    lines: Counter[str] = Counter()
    for row in (shared / "corpus" / "SOURCES.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        _, repository, count, _ = row.split("\t")
        lines[repository] += int(count)
    assert {source.repository: source.lines for source in sources if source.lines} == lines

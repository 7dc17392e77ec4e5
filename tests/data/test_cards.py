"""The rendered documents: equal to what is committed, complete, and without a word of a public post."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pilah_data import card
from pilah_data.card_tables import CardData
from pilah_data.codebook import read_codebook
from pilah_data.codebook import render as render_codebook
from pilah_data.errors import DataError, InputError
from pilah_data.markdown import paragraph, table
from pilah_data.measured import Measured, inputs_digest, read_measured, write_measured
from pilah_data.rereading import COLUMNS, read_rereading
from pilah_data.taxonomy import FORMS, LABELS, SUBTYPES, Label
from pilah_data.tsv import write_table


@pytest.fixture(scope="module")
def committed(root: Path) -> dict[str, str]:
    """The rendered files as they lie in the repository, by their path in the data folder."""
    data = root / "data"
    paths = [data / "DATA_CARD.md", data / "CODEBOOK.md", *(data / "plots").iterdir()]
    return {path.relative_to(data).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture
def sections(root: Path, tmp_path: Path) -> Path:
    """A folder with a copy of what people wrote."""
    for name in ("card_sections.toml", "codebook.toml"):
        shutil.copyfile(root / "data" / name, tmp_path / name)
    return tmp_path


def nothing(data: Path) -> CardData:
    """A card's data without a single post."""
    empty = Measured("", {}, {label.value: [0] * 6 for label in Label}, 0, 0, {})
    return CardData([], 0, [], [], [], [], [], empty, data)


def test_the_committed_files_are_the_rendered_ones(root: Path, committed: dict[str, str]) -> None:
    rendered = card.render_all(root / "data")
    assert set(committed) == set(rendered)
    outdated = [name for name, text in rendered.items() if committed[name] != text]
    assert outdated == [], "run `pilah data card`"


def test_every_plot_is_shown_and_every_link_leads_somewhere(committed: dict[str, str]) -> None:
    links = set(re.findall(r"\]\(([^)]+)\)", committed["DATA_CARD.md"]))
    assert links == {name for name in committed if name != "DATA_CARD.md"}


def test_the_card_answers_the_questions_of_a_datasheet(committed: dict[str, str]) -> None:
    headings = re.findall(r"^## (.*)$", committed["DATA_CARD.md"], re.MULTILINE)
    asked = [
        "Motivation",
        "Composition",
        "Collection",
        "Labelling",
        "Uses",
        "Limits",
        "Privacy",
        "Licence",
        "Maintenance",
    ]
    assert headings == asked


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize("section", ["motivation", "limits", "privacy"])
def test_a_blank_section_stops_the_card(sections: Path, section: str, blank: str) -> None:
    path = sections / "card_sections.toml"
    text = path.read_text(encoding="utf-8")
    emptied = re.sub(rf'^{section} = """.*?"""', f'{section} = "{blank}"', text, flags=re.MULTILINE | re.DOTALL)
    path.write_text(emptied, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        card.render(nothing(sections))
    assert caught.value.field == section


def test_a_card_without_posts_is_rendered(sections: Path) -> None:
    assert "| **public readings** | 0 |" in card.render(nothing(sections))


def test_the_codebook_shows_the_whole_taxonomy(committed: dict[str, str]) -> None:
    book = committed["CODEBOOK.md"]
    for info in LABELS.values():
        assert f"### `{info.label}`" in book
    for form in FORMS.values():
        assert f"### {form.code} `{form.name}`" in book
    for subtype in SUBTYPES.values():
        assert f"| {subtype.code} | {subtype.title} |" in book


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('code = "B07"', 'code = "B17"', "form"),
        ('code = "N3"', 'code = "N13"', "subtype"),
        ('example = "Serba oranye', 'contoh = "Serba oranye', "example"),
        ('ruling = "N4; dengan', 'note = "x"\nruling = "N4; dengan', "note"),
        ("[[step]]", "[[steps]]", "steps"),
    ],
)
def test_a_fault_in_the_codebook_is_named(sections: Path, old: str, new: str, field: str) -> None:
    path = sections / "codebook.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        render_codebook(sections)
    assert (caught.value.file, caught.value.field) == (str(path), field)


def test_examples_of_the_codebook_are_all_different(root: Path) -> None:
    examples = [*read_codebook(root / "data" / "codebook.toml").examples()]
    assert len(set(examples)) == len(examples)


def test_counts_of_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_measured(tmp_path)
    write_measured(tmp_path, Measured(inputs_digest(tmp_path), {}, {}, 0, 1, {"public": 2}))
    assert read_measured(tmp_path).leaks == 3
    (tmp_path / "corpora" / "a.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="measured on other"):
        read_measured(tmp_path)
    (tmp_path / "measured.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="not the counts"):
        read_measured(tmp_path)


def test_the_rereading_of_authored_posts_is_read(tmp_path: Path) -> None:
    assert read_rereading(tmp_path, {"a"}) == []
    write_table(tmp_path / "authored_rereading.tsv", COLUMNS, [("a", "partisan", "perlu_konteks", "ok", "-")])
    (one,) = read_rereading(tmp_path, {"a"})
    assert (one.given, one.label, one.natural) == (Label.PARTISAN, Label.PERLU_KONTEKS, True)
    with pytest.raises(DataError, match="line 2, field 'id'"):
        read_rereading(tmp_path, {"b"})
    # What sounded odd may have been taken out since.
    write_table(tmp_path / "authored_rereading.tsv", COLUMNS, [("gone", "partisan", "partisan", "odd", "-")])
    assert not read_rereading(tmp_path, {"b"})[0].natural


def test_markdown_pieces() -> None:
    assert table(("a", "b"), [("x|y", 1234)], 1) == "| a | b |\n| --- | --: |\n| x\\|y | 1,234 |"
    assert paragraph("satu\ndua\n\n tiga\n") == "satu dua\n\ntiga"

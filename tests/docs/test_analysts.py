"""What docs/analysts.md shows works as it stands, in one folder, from top to bottom."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "analysts.md").read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def done(text: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder in which everything was run, and what each block said."""
    folder = tmp_path_factory.mktemp("analyst")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    said = []
    for block in blocks(text, "sh"):
        ran = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", block],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{block}\n{ran.stderr}"
        said.append(ran.stdout)
    return folder, said


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_your_columns_stay_and_nothing_is_lost(done: tuple[Path, list[str]]) -> None:
    folder, said = done
    rows = read(folder / "judged.csv")
    assert [(row["id"], row["unit"], row["pilah_decision"]) for row in rows] == [
        ("1", "Lapas A", "lolos"),
        ("2", "Lapas A", "tinjau"),
        ("3", "Rutan B", "butuh_konteks"),
    ]
    assert rows[1]["pilah_evidence"] != "[]"
    assert [row["field"] for row in read(folder / "judged.csv.errors.csv")] == ["teks"]
    assert "blank" in said[1]


def test_the_columns_that_are_named_are_there(done: tuple[Path, list[str]], text: str) -> None:
    added = [name for name in read(done[0] / "judged.csv")[0] if name.startswith("pilah_")]
    named = re.findall(r"`(pilah_[a-z_]+\*?)`", text)
    assert all(any(re.fullmatch(one.replace("*", ".*"), column) for one in named) for column in added)
    assert all(any(re.fullmatch(one.replace("*", ".*"), column) for column in added) for one in named)


def test_a_single_text_is_judged(done: tuple[Path, list[str]]) -> None:
    line, judged = done[1][2].strip().splitlines()
    assert line.startswith("tinjau")
    assert json.loads(judged)["decision"] == "lolos"


def test_formats_and_workers_say_the_same(done: tuple[Path, list[str]]) -> None:
    folder, _ = done
    sheet = CalamineWorkbook.from_path(folder / "flagged.xlsx").get_sheet_by_index(0).to_python()
    assert [row[sheet[0].index("pilah_decision")] for row in sheet[1:]] == ["tinjau", "butuh_konteks"]
    lines = [json.loads(line) for line in (folder / "judged.jsonl").read_text(encoding="utf-8").splitlines()]
    decisions = Counter(row["pilah_decision"] for row in read(folder / "large.csv"))
    assert decisions == Counter(line["pilah_decision"] for line in lines)
    assert (folder / "large.csv").read_bytes() == (folder / "again.csv").read_bytes()


def test_the_report_quotes_nobody(done: tuple[Path, list[str]]) -> None:
    page = (done[0] / "summary.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "Santoso" not in page
    assert "Lapas A" not in page


def test_the_feed_is_compared_with_what_the_model_knows(done: tuple[Path, list[str]]) -> None:
    assert "3 posts beside" in done[1][-1]


def test_the_python_example_runs(text: str) -> None:
    (example,) = blocks(text, "python")
    ran = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("a tinjau 0.9")


def test_every_notebook_is_named(text: str, root: Path) -> None:
    named = set(re.findall(r"\]\(\.\./notebooks/([^)]+)\)", text))
    assert named == {path.name for path in (root / "notebooks").glob("*.ipynb")}
    read_by = "\n".join(path.read_text(encoding="utf-8") for path in (root / "notebooks").glob("*.ipynb"))
    for variable in re.findall(r"`(PILAH_[A-Z_]+)`", text):
        assert variable in read_by, variable

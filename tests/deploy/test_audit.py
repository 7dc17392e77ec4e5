"""What the audit of the code leaves out is explained, and nothing else is left out."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

SHIPPED = ("data/pilah_data", "model/pilah_model", "api/pilah_api", "deploy")


def test_every_exception_is_explained(root: Path) -> None:
    skipped = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["bandit"]["skips"]
    document = (root / "docs" / "security-exceptions.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in document.splitlines() if re.match(r"\| B\d", line)]
    assert sorted(code for row in rows for code in re.findall(r"B\d{3}", row[1])) == sorted(skipped)
    assert all(len(row[3].split()) > 5 for row in rows)


def test_bandit_finds_nothing_else(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", *SHIPPED],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_make_audit_looks_at_the_same_folders(root: Path) -> None:
    assert " -r " + " ".join(SHIPPED) + "\n" in (root / "Makefile").read_text(encoding="utf-8")

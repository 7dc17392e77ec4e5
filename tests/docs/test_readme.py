"""What README promises exists and runs."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PILAH = Path(sys.executable).with_name("pilah")


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_readme_opens_with_the_two_commands(readme: str) -> None:
    first = re.search(r"```sh\n(.*?)```", readme, re.DOTALL)
    assert first is not None
    assert [line.split("#")[0].strip() for line in first.group(1).splitlines()] == ["make run", "make test"]


def test_every_make_target_named_in_readme_exists_and_has_help(readme: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"^make ([a-z]+)", readme, re.MULTILINE))
    assert {"run", "test", "pack", "pretrain", "train", "export", "evaluate", "card"} <= named
    for target in named:
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target


def test_make_alone_lists_every_target(root: Path) -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^([a-z][a-z-]*):.*## ", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets
    for target in targets:
        assert f"make {target}" in shown


def test_links_in_documents_lead_somewhere(root: Path) -> None:
    for document in (root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_readme_is_short_and_leads_each_reader_on(readme: str) -> None:
    assert len(readme.splitlines()) < 200
    assert {"docs/officers.md", "docs/analysts.md", "docs/integrators.md"} <= set(
        re.findall(r"\]\(([^)#:]+)\)", readme)
    )


def test_analyst_commands_run(readme: str, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(
        "id,text\n1,Apel pagi berjalan lancar\n2,Ayo coblos nomor 2 bersama Santoso\n", encoding="utf-8"
    )
    (tmp_path / "posts.jsonl").write_text('{"text": "Selamat pagi"}\n', encoding="utf-8")
    (tmp_path / "june.csv").write_text(
        "id,text,replied_to\n1,Setuju sekali,Apel pagi berjalan lancar\n", encoding="utf-8"
    )
    with zipfile.ZipFile(tmp_path / "july.zip", "w") as packed:
        packed.writestr("july.csv", "id,text,replied_to\n2,Selamat bertugas,\n")
    (tmp_path / "comments.jsonl.gz").write_bytes(gzip.compress(b'{"text": "Selamat bertugas"}\n' * 2))
    block = readme.split("## For analysts")[1]
    commands = re.search(r"```sh\n(.*?)```", block, re.DOTALL)
    assert commands is not None
    for line in commands.group(1).splitlines():
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line.replace(".venv/bin/pilah", str(PILAH))],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert (tmp_path / "judged.csv").read_text(encoding="utf-8").count("\n") == 3


def test_every_command_has_help() -> None:
    shown = subprocess.run(
        [PILAH, "--help"], capture_output=True, text=True, check=True, env={"COLUMNS": "120", "PATH": "/usr/bin"}
    ).stdout
    for command in (
        "classify",
        "score",
        "serve",
        "doctor",
        "pretrain",
        "train",
        "teach",
        "probe",
        "vocabularies",
        "evaluate",
        "promote",
        "export",
        "card",
        "data",
        "user",
        "key",
        "model",
        "feedback",
        "audit",
        "db",
        "case",
        "purge",
        "backup",
        "restore",
    ):
        assert command in shown
        help_text = subprocess.run([PILAH, command, "--help"], capture_output=True, text=True, check=True).stdout
        assert len(help_text.splitlines()) > 4

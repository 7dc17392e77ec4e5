"""Reads a Containerfile and a systemd unit as far as the tests look at them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of a Containerfile, in its stage."""

    stage: int
    word: str
    rest: str


def steps(containerfile: Path) -> list[Step]:
    """Return the instructions in order; continued lines are joined, comments dropped."""
    text = re.sub(r"\\\n\s*", " ", containerfile.read_text(encoding="utf-8"))
    found, stage = [], -1
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Step(stage, word, rest.strip()))
    return found


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Return a unit's settings by section and name, each with all its values."""
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            sections[section][name].append(value)
    return {name: dict(settings) for name, settings in sections.items()}

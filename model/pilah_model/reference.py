"""What an artefact keeps of the posts it was calibrated on, and how far other counts lie from it; counts only, never a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pilah_data.errors import DataError
from pilah_model.artefacts import ArtefactError, ArtefactFiles
from pilah_model.profile import Profile

_SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Reference:
    """What an artefact keeps of the posts it was calibrated on, and the hashed hashtags of its training posts."""

    profile: Profile
    hashtags: frozenset[str]

    @classmethod
    def read(cls, artefact: Path) -> Reference:
        """Read it; raises ArtefactError for an artefact without one, DataError for a damaged one."""
        files = ArtefactFiles(artefact)
        path = files.path(files.reference)
        if not path.is_file():
            raise ArtefactError(f"{artefact} keeps no reference to compare a feed with; export the model again")
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return cls(Profile.from_json(body["profile"]), frozenset(map(str, body["hashtags"])))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"no reference ({error}); export the model again", file=str(path)) from error


def write_reference(artefact: Path, profile: Profile, hashtags: Sequence[str]) -> None:
    """Write the reference into an artefact that is being made."""
    files = ArtefactFiles(artefact)
    body = {"profile": profile.as_json(), "hashtags": list(hashtags)}
    files.path(files.reference).write_text(json.dumps(body) + "\n", encoding="utf-8")


def stability_index(now: Sequence[int], then: Sequence[int]) -> float:
    """Return the population stability index of two histograms over the same bins; empty bins count half a post."""
    shares = [np.asarray(counts, dtype=np.float64) + _SMOOTHING for counts in (now, then)]
    here, there = (share / share.sum() for share in shares)
    return float(((here - there) * np.log(here / there)).sum())

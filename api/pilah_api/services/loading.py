"""Loads the model that the settings name; the one place in which the doors meet the model's files."""

from __future__ import annotations

from pilah_api.services.classification import Judge
from pilah_api.settings import Settings
from pilah_data.errors import PilahError


class NotReadyError(PilahError):
    """The model is not loaded, so nothing can be judged yet."""


def load_judge(settings: Settings) -> Judge:
    """Load the model. Raises PilahError, naming the file and what to do, if it is missing or damaged."""
    # Imported on use: `pilah --help` and `pilah version` must answer without numpy and onnxruntime.
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415
    from pilah_model.classifier import Classifier  # noqa: PLC0415

    folder = settings.model or shipped_artefact()
    return Classifier.load(folder, engine=settings.engine, threads=settings.threads)

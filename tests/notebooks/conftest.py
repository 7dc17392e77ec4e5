"""The tiny model of the model's tests, for the notebooks."""

from tests.model.conftest import authored, few, tiny_artefact, tiny_encoder, tiny_tokenizer, tiny_trained

__all__ = ["authored", "few", "tiny_artefact", "tiny_encoder", "tiny_tokenizer", "tiny_trained"]

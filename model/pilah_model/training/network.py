"""The classifier network: any BERT of Hugging Face, four ways of pooling, three heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from pilah_data.errors import InputError
from pilah_data.taxonomy import DIRECTIONS_IN_ORDER, PREDICTED, PREDICTED_FORMS
from pilah_model.tokens import WINDOW

WORDS_SCALE = 10.0
"""By how much the mean of the word embeddings is multiplied before the heads."""


class Logits(NamedTuple):
    """Raw scores by post: labels (n, 3), forms (n, 10), directions (n, 3)."""

    labels: torch.Tensor
    forms: torch.Tensor
    directions: torch.Tensor


class PostClassifier(nn.Module):
    """An encoder, the pooled views [CLS], mean, maximum and mean of the word embeddings, and one head per task.

    The mean of the embeddings keeps the strong bag-of-words path that a shallow encoder would have to relearn.
    """

    def __init__(self, encoder: PreTrainedModel, head_dropout: float = 0.3):
        """Put new heads on an encoder whose configuration has `hidden_size`."""
        super().__init__()
        hidden: int = encoder.config.hidden_size
        self.encoder = encoder
        self.mix = nn.Sequential(
            nn.Dropout(head_dropout), nn.Linear(4 * hidden, hidden), nn.GELU(), nn.Dropout(head_dropout)
        )
        self.labels = nn.Linear(hidden, len(PREDICTED))
        self.forms = nn.Linear(hidden, len(PREDICTED_FORMS))
        self.directions = nn.Linear(hidden, len(DIRECTIONS_IN_ORDER))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Logits:
        """Return raw scores; inputs have shape (posts, tokens), the mask is 1 for real tokens."""
        words = self.encoder.get_input_embeddings()(input_ids)
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        count = mask.sum(1)
        pooled = torch.cat(
            [
                states[:, 0],
                (states * mask).sum(1) / count,
                (states + (mask - 1.0) * 1e4).amax(1),
                # Scaled to the size of the other views.
                (words * mask).sum(1) / count * WORDS_SCALE,
            ],
            dim=1,
        )
        mixed = self.mix(pooled)
        return Logits(self.labels(mixed), self.forms(mixed), self.directions(mixed))


def load_encoder(base: str, dropout: float, vocabulary: int = 0) -> PreTrainedModel:
    """Load a BERT-like encoder from a folder or, with a network, by its hub name; never runs foreign code.

    `vocabulary` is how many ids the tokenizer gives out. Raises InputError naming the base and what is wrong with it.
    """
    try:
        config = AutoConfig.from_pretrained(base, trust_remote_code=False)
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
        encoder, report = AutoModel.from_pretrained(
            base, config=config, trust_remote_code=False, add_pooling_layer=False, output_loading_info=True
        )
    except Exception as error:  # what a damaged base raises depends on where it is damaged
        if "add_pooling_layer" in str(error):
            raise InputError(
                f"base model {base!r} is a {config.model_type}; only encoders like BERT will do"
            ) from error
        hint = "" if Path(base).exists() else "; it is no folder, and a hub name needs a network"
        raise InputError(f"base model {base!r} cannot be loaded ({first_line(error)}){hint}") from error
    if fault := _fault(encoder, sorted(report["missing_keys"]), vocabulary):
        raise InputError(f"base model {base!r} {fault}")
    return encoder


def _fault(encoder: PreTrainedModel, missing: Sequence[str], vocabulary: int) -> str | None:
    """Return what makes an encoder unfit that could be loaded, None if nothing does."""
    words = encoder.get_input_embeddings().weight.shape
    if missing:
        return f"lacks {len(missing)} of its weights, the first is {missing[0]}; copy it again"
    if words[1] != encoder.config.hidden_size:
        return f"has word embeddings of another width ({words[1]}) than its layers ({encoder.config.hidden_size})"
    if (positions := encoder.config.max_position_embeddings) < WINDOW + 2:
        return f"reads {positions} tokens at a time; {WINDOW + 2} are needed"
    if words[0] < vocabulary:
        return f"knows {words[0]} tokens, its tokenizer {vocabulary}; they do not belong together"
    return None


def first_line(error: Exception) -> str:
    """Return what an error says first, or its type where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]

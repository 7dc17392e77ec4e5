"""The encoder with a masked-language head that computes logits at masked positions only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel


@dataclass(frozen=True)
class Shape:
    """Size of a BERT encoder; `positions` counts [CLS] and [SEP]."""

    layers: int = 4
    hidden: int = 256
    heads: int = 4
    intermediate: int = 1024
    positions: int = 128
    dropout: float = 0.0

    def config(self, vocabulary: int) -> BertConfig:
        """Return the Hugging Face configuration of this shape."""
        return BertConfig(
            vocab_size=vocabulary,
            hidden_size=self.hidden,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            intermediate_size=self.intermediate,
            max_position_embeddings=self.positions,
            hidden_dropout_prob=self.dropout,
            attention_probs_dropout_prob=self.dropout,
            attn_implementation="sdpa",
        )


class MaskedLanguageModel(nn.Module):
    """BERT and its tied prediction head (Devlin et al. 2019)."""

    def __init__(self, config: BertConfig):
        """Build with random weights."""
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        self.transform = nn.Sequential(
            nn.Linear(config.hidden_size, config.hidden_size), nn.GELU(), nn.LayerNorm(config.hidden_size)
        )
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def start_from_vectors(self, vectors: npt.NDArray[np.float32]) -> None:
        """Put skip-gram vectors, shape (vocabulary, hidden), in place of the random word embeddings."""
        with torch.no_grad():
            self.bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(vectors))

    def forward(self, ids: torch.Tensor, attention: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Return logits, shape (number of positions, vocabulary); positions index the flattened ids."""
        states = self.bert(input_ids=ids, attention_mask=attention).last_hidden_state
        chosen = states.reshape(-1, states.shape[-1])[positions]
        return functional.linear(self.transform(chosen), self.bert.embeddings.word_embeddings.weight, self.bias)

"""The encoder with a masked-language head that computes logits at masked positions only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel
from transformers.models.bert.modeling_bert import BertLayer

HEAD = "head.safetensors"
"""The prediction head, beside the encoder that it was trained with."""


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

    def head(self) -> dict[str, torch.Tensor]:
        """Return the weights that are not the encoder's; the output embeddings are its word embeddings."""
        return {k: v.detach().cpu().contiguous() for k, v in self.state_dict().items() if not k.startswith("bert.")}

    def packed_states(self, ids: torch.Tensor, places: torch.Tensor, posts: torch.Tensor) -> torch.Tensor:
        """Return the hidden states (rows, width, hidden) of rows that hold several posts, each seeing only itself.

        `places` are positions within the post, `posts` numbers the post of every cell. The same function as the encoder's own
        forward pass, written out over its weights so that it compiles whole; without dropout.
        """
        embeddings = self.bert.embeddings
        words = embeddings.word_embeddings(ids) + embeddings.position_embeddings(places)
        states: torch.Tensor = embeddings.LayerNorm(words + embeddings.token_type_embeddings.weight[0])
        alone = posts.unsqueeze(1).unsqueeze(3) == posts.unsqueeze(1).unsqueeze(2)
        heads = self.bert.config.num_attention_heads
        for layer in self.bert.encoder.layer:
            states = _layer(cast(BertLayer, layer), states, alone, heads)
        return states

    def packed_logits(
        self, ids: torch.Tensor, places: torch.Tensor, posts: torch.Tensor, positions: torch.Tensor
    ) -> torch.Tensor:
        """Return logits as `forward` does, for rows that hold several posts."""
        return self.logits(self.packed_states(ids, places, posts), positions)

    def forward(self, ids: torch.Tensor, attention: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Return logits, shape (number of positions, vocabulary); positions index the flattened ids."""
        states = self.bert(input_ids=ids, attention_mask=attention).last_hidden_state
        return self.logits(states, positions)

    def logits(self, states: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Return the logits (positions, vocabulary) of hidden states at positions of the flattened ids."""
        chosen = states.reshape(-1, states.shape[-1])[positions]
        return functional.linear(self.transform(chosen), self.bert.embeddings.word_embeddings.weight, self.bias)


def _layer(layer: BertLayer, states: torch.Tensor, alone: torch.Tensor, heads: int) -> torch.Tensor:
    own, out = layer.attention.self, layer.attention.output
    rows, width, hidden = states.shape
    # One product instead of three: the matrices of a compact encoder are too small to keep a device busy.
    weight = torch.cat([own.query.weight, own.key.weight, own.value.weight])
    bias = torch.cat([own.query.bias, own.key.bias, own.value.bias])
    parts = functional.linear(states, weight, bias).view(rows, width, 3, heads, hidden // heads)
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    context = functional.scaled_dot_product_attention(query, key, value, attn_mask=alone)
    states = out.LayerNorm(out.dense(context.transpose(1, 2).reshape(rows, width, hidden)) + states)
    inner = functional.gelu(layer.intermediate.dense(states))
    result: torch.Tensor = layer.output.LayerNorm(layer.output.dense(inner) + states)
    return result

"""The encoder with a masked-language head that computes logits at masked positions only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel
from transformers.models.bert.modeling_bert import BertLayer

from pilah_data.errors import DataError

HEAD = "head.safetensors"
"""The prediction head, beside the encoder that it was trained with."""
_COLUMNS, _NEVER = 64, -1e4
"""A device multiplies matrices of whole tiles; a vocabulary of an odd size would be copied at every step."""


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
    """BERT and its prediction head (Devlin et al. 2019), whose output embeddings are the word embeddings.

    With `untied`, the head has output embeddings of its own, which start as the word embeddings (Chung et al. 2021): an encoder
    is kept without its head, so that they cost nothing when it serves.
    """

    def __init__(self, config: BertConfig, *, untied: bool = False):
        """Build with random weights."""
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        self.transform = nn.Sequential(
            nn.Linear(config.hidden_size, config.hidden_size), nn.GELU(), nn.LayerNorm(config.hidden_size)
        )
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        words = self.bert.embeddings.word_embeddings.weight
        self.output = nn.Parameter(words.detach().clone()) if untied else None

    @property
    def _output(self) -> torch.Tensor:
        return self.bert.embeddings.word_embeddings.weight if self.output is None else self.output

    def start_from(self, other: MaskedLanguageModel) -> None:
        """Take the weights of another network of the same shape; raises DataError when it has another one.

        Output embeddings that the other lacks start as its word embeddings.
        """
        try:
            self.bert.load_state_dict(other.bert.state_dict())
            self.transform.load_state_dict(other.transform.state_dict())
            with torch.no_grad():
                self.bias.copy_(other.bias)
                if self.output is not None:
                    self.output.copy_(other._output)
        except RuntimeError as error:
            raise DataError(
                f"an encoder of another shape cannot be gone on from ({str(error).splitlines()[0]})"
            ) from error

    def start_from_vectors(self, vectors: npt.NDArray[np.float32]) -> None:
        """Put skip-gram vectors, shape (vocabulary, hidden), in place of the random word embeddings."""
        with torch.no_grad():
            self.bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(vectors))
            if self.output is not None:
                self.output.copy_(torch.from_numpy(vectors))

    def head(self) -> dict[str, torch.Tensor]:
        """Return the weights that are not the encoder's; tied output embeddings are its word embeddings and not among them."""
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
        """Return logits as `forward` does, for rows that hold several posts; the columns after the vocabulary are no token."""
        return self.logits(self.packed_states(ids, places, posts), positions, _COLUMNS)

    def forward(self, ids: torch.Tensor, attention: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Return logits, shape (number of positions, vocabulary); positions index the flattened ids."""
        states = self.bert(input_ids=ids, attention_mask=attention).last_hidden_state
        return self.logits(states, positions)

    def logits(self, states: torch.Tensor, positions: torch.Tensor, columns: int = 1) -> torch.Tensor:
        """Return the logits (positions, vocabulary) of hidden states at positions of the flattened ids.

        The vocabulary is filled up to a multiple of `columns` with what is never likely.
        """
        chosen = states.reshape(-1, states.shape[-1])[positions]
        more = -len(self.bias) % columns
        output, bias = functional.pad(self._output, (0, 0, 0, more)), functional.pad(self.bias, (0, more), value=_NEVER)
        return functional.linear(self.transform(chosen), output, bias)


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


def load_model(folder: Path, option: str = "--base") -> tuple[MaskedLanguageModel, bool]:
    """Return the encoder of a folder with its prediction head, and whether that head was found beside it (else it is new).

    Raises DataError, naming the option that chose the folder, when it holds no encoder, or a head that is not its own.
    """
    try:
        bert = BertModel.from_pretrained(folder, add_pooling_layer=False)
        head = load_file(folder / HEAD) if (folder / HEAD).is_file() else {}
        model = MaskedLanguageModel(bert.config, untied="output" in head)
        model.bert.load_state_dict(bert.state_dict())
        if head:
            # Strictly: a head that lacks a part would get a random one without a word.
            model.load_state_dict({**model.bert.state_dict(prefix="bert."), **head})
    except Exception as error:
        raise DataError(
            f"not an encoder ({error}); make one with `pilah pretrain` (option {option})", file=str(folder)
        ) from error
    return model.eval(), bool(head)

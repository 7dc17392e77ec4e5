"""Replaced-token detection (ELECTRA; Clark et al. 2020) instead of masked prediction, for `encoders.py`.

A generator of a quarter of the width fills in masked words; the encoder learns to tell, for every token, whether it was put in
their place. Both share the word embeddings, and the loss of telling counts fifty times, as in the paper.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertModel

from pilah_model.pretraining.batches import IGNORED, Batch, Masker, training_batches
from pilah_model.pretraining.checkpoint import RECORD
from pilah_model.pretraining.config import PretrainConfig
from pilah_model.pretraining.network import Shape
from pilah_model.pretraining.optimisers import build_adamw, set_rate
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.throughput import products_of_layers

RATE, WEIGHT, NARROWER = 0.15, 50.0, 4
_REPORT_STEPS = 100


def small(shape: Shape) -> Shape:
    """Return the generator's shape, with as many layers as the encoder."""
    return Shape(
        shape.layers, shape.hidden // NARROWER, max(1, shape.heads // NARROWER), shape.intermediate // NARROWER
    )


def operations_per_token(shape: Shape, vocabulary: int, width: int = 128) -> float:
    """Return the operations of a step per token, counted as `flops_per_token` counts those of masked prediction."""
    both = products_of_layers(shape, width) + products_of_layers(small(shape), width)
    narrow = small(shape).hidden
    heads = RATE * shape.hidden * (narrow + vocabulary) + shape.hidden * (narrow + shape.hidden)
    return 3 * 2 * (both + heads)


class ReplacedTokens(nn.Module):
    """The encoder, its generator, and the two heads."""

    def __init__(self, shape: Shape, tokenizer: Tokenizer):
        """Build with random weights."""
        super().__init__()
        vocabulary, hidden, narrow = tokenizer.get_vocab_size(), shape.hidden, small(shape).hidden
        self.bert = BertModel(shape.config(vocabulary), add_pooling_layer=False)
        # It reads embeddings, so that its own table of words can be empty.
        self.generator = BertModel(small(shape).config(1), add_pooling_layer=False)
        self.narrow = nn.Linear(hidden, narrow)
        self.fill = nn.Sequential(nn.Linear(narrow, hidden), nn.GELU(), nn.LayerNorm(hidden))
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.tell = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 1))
        self.special = [tokenizer.get_vocab()[t] for t in ("[CLS]", "[SEP]", "[PAD]")]

    def losses(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss of filling in (nats) and of telling (mean over all tokens of posts)."""
        ids, attention, positions, targets = map(
            torch.from_numpy, (batch.ids, batch.attention, batch.positions, batch.targets)
        )
        words = self.bert.embeddings.word_embeddings
        states = self.generator(inputs_embeds=self.narrow(words(ids)), attention_mask=attention).last_hidden_state
        chosen = self.fill(states.reshape(-1, states.shape[-1])[positions])
        logits = functional.linear(chosen, words.weight, self.bias).float()
        filling = functional.cross_entropy(logits, targets, ignore_index=IGNORED)
        with torch.no_grad():
            # One draw for each row of cumulated probabilities.
            sums = logits.softmax(1).cumsum(1)
            sampled = torch.searchsorted(sums, torch.rand(len(sums), 1) * sums[:, -1:]).squeeze(1)
        # What fills up the positions goes only now: products whose shape is another in every batch are slow (see `batches.py`).
        masked = targets != IGNORED
        positions, targets, sampled = positions[masked], targets[masked], sampled[masked]
        read = ids.reshape(-1).clone()
        read[positions] = sampled
        replaced = torch.zeros(len(read))
        replaced[positions] = (sampled != targets).float()
        real = ~torch.isin(ids.reshape(-1), torch.tensor(self.special))
        seen = self.bert(input_ids=read.view_as(ids), attention_mask=attention).last_hidden_state
        told = self.tell(seen).reshape(-1).float()
        return filling, functional.binary_cross_entropy_with_logits(told[real], replaced[real])


def pretrain_replaced(
    config: PretrainConfig, packed: Packed, tokenizer: Tokenizer, vectors: npt.NDArray[np.float32], folder: Path,
    steps: int, cool: float, log: Callable[[str], None],
) -> Path:  # fmt: skip
    """Train on a CPU, the word embeddings beginning as `vectors`, and return the encoder's folder.

    The last share `cool` of the steps lowers the rate to zero.
    """
    torch.manual_seed(config.seed)
    model = ReplacedTokens(config.shape, tokenizer)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(vectors))
    optimiser = build_adamw(list(model.parameters()), config, "cpu")
    rng = np.random.default_rng([config.seed, 0])
    batches = training_batches(packed, Masker(tokenizer, RATE), config.mixture, config.batch_tokens, rng)
    began, tokens = time.monotonic(), 0
    for step in range(steps):
        batch = next(batches)
        tokens += batch.tokens
        rate = min(1.0, (step + 1) / config.warmup_steps) * min(1.0, (steps - step) / (cool * steps))
        set_rate([optimiser], config.learning_rate * rate)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            filling, telling = model.losses(batch)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(filling + WEIGHT * telling)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % _REPORT_STEPS == 0 or step + 1 == steps:
            log(f"step {step + 1} of {steps}  {tokens / 1e6:.2f} M tokens  {filling.item():.3f}  {telling.item():.4f}")
    seconds = time.monotonic() - began
    encoder = folder / "encoder"
    model.bert.save_pretrained(encoder)
    tokenizer.save(str(encoder / "tokenizer.json"))
    record = {
        "config": dataclasses.asdict(config), "packed": packed.manifest, "tokens": tokens, "seconds": seconds,
        "device": "cpu", "held_out": [{"tokens": float(tokens)}],
    }  # fmt: skip
    (encoder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return encoder

"""Intrinsic checks of a pretrained encoder: masked-language loss by domain, what it fills in, and which words it holds to be near."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from pilah_data.normalise import normalise_text
from pilah_data.raw_texts import DOMAINS
from pilah_data.records import AuthoredPost
from pilah_model.pretraining.batches import IGNORED, Masker, held_out, training_batches
from pilah_model.pretraining.config import PretrainConfig
from pilah_model.pretraining.network import MaskedLanguageModel
from pilah_model.pretraining.packing import PIECE_TOKENS, Packed

Log = Callable[[str], None]
Pieces = Sequence[npt.NDArray[np.uint16]]
_ROWS, _HEAD_RATE = 64, 2e-3


@dataclass(frozen=True)
class Fit:
    """How well masked tokens of some texts are predicted: mean loss in nats, share of hits, and how many there were."""

    loss: float
    accuracy: float
    predicted: int
    bits_per_character: float


def fit_head(model: MaskedLanguageModel, packed: Packed, tokenizer: Tokenizer, minutes: float, log: Log) -> None:
    """Train a new prediction head on a frozen encoder, for encoders whose own head was not kept."""
    parameters = [p for name, p in model.named_parameters() if not name.startswith("bert.")]
    optimiser = torch.optim.AdamW(parameters, lr=_HEAD_RATE, betas=(0.9, 0.98))
    batches = training_batches(packed, Masker(tokenizer, 0.2), PretrainConfig().mixture, 8192, np.random.default_rng(0))
    began = said = time.monotonic()
    while (used := (time.monotonic() - began) / (60 * minutes)) < 1.0:
        batch = next(batches)
        for group in optimiser.param_groups:
            group["lr"] = _HEAD_RATE * (1.0 - used)
        ids, attention, positions, targets = map(
            torch.from_numpy, (batch.ids, batch.attention, batch.positions, batch.targets)
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                states = model.bert(input_ids=ids, attention_mask=attention).last_hidden_state
            logits = model.logits(states, positions)
        loss = functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss, inputs=parameters)
        optimiser.step()
        if time.monotonic() - said > 30:
            said = time.monotonic()
            log(f"head: loss {loss.item():.3f}, {(1 - used) * minutes:.1f} min left")


def held_out_pieces(packed: Packed, most: int) -> dict[str, Pieces]:
    """Return up to `most` held-out pieces of each domain."""
    marked = held_out(packed)
    return {
        domain: [packed.piece(int(i)) for i in np.flatnonzero(marked & (packed.domains == index))[:most]]
        for index, domain in enumerate(DOMAINS)
    }


def authored_pieces(posts: Sequence[AuthoredPost], tokenizer: Tokenizer) -> dict[str, Pieces]:
    """Return the authored posts, which no pretraining has read, by context and by language."""
    encoded = tokenizer.encode_batch_fast([normalise_text(post.text) for post in posts], add_special_tokens=False)
    groups: dict[str, list[npt.NDArray[np.uint16]]] = defaultdict(list)
    for post, encoding in zip(posts, encoded, strict=True):
        piece = np.asarray(encoding.ids[:PIECE_TOKENS], dtype=np.uint16)
        for name in (f"context {post.context}", f"language {post.language}"):
            groups[name].append(piece)
    return dict(sorted(groups.items()))


def measure(model: MaskedLanguageModel, tokenizer: Tokenizer, pieces: Pieces, rate: float = 0.2) -> Fit:
    """Mask whole words once, always the same ones, and return how well they are predicted."""
    masker, rng = Masker(tokenizer, rate), np.random.default_rng(0)
    names = {index: name for name, index in tokenizer.get_vocab().items()}
    ordered = sorted(pieces, key=len)
    loss = hits = predicted = characters = 0.0
    with torch.inference_mode():
        for at in range(0, len(ordered), _ROWS):
            batch = masker.batch(ordered[at : at + _ROWS], rng)
            real = batch.targets != IGNORED
            logits = model(*map(torch.from_numpy, (batch.ids, batch.attention, batch.positions))).float()[real]
            targets = torch.from_numpy(batch.targets)[real]
            loss += float(functional.cross_entropy(logits, targets, reduction="sum"))
            hits += float((logits.argmax(1) == targets).sum())
            predicted += len(targets)
            characters += sum(len(names[i].removeprefix("##")) for i in targets.tolist())
    count = max(1.0, predicted)
    return Fit(loss / count, hits / count, int(predicted), loss / np.log(2) / max(1.0, characters))


def fill(model: MaskedLanguageModel, tokenizer: Tokenizer, sentence: str, best: int = 5) -> list[tuple[str, float]]:
    """Return the likeliest tokens, with their probabilities, for the one [MASK] of a sentence."""
    left, right = (
        tokenizer.encode(normalise_text(part), add_special_tokens=False).ids for part in sentence.split("[MASK]")
    )
    cls, sep, mask = (tokenizer.get_vocab()[token] for token in ("[CLS]", "[SEP]", "[MASK]"))
    ids = torch.tensor([[cls, *left, mask, *right, sep]])
    with torch.inference_mode():
        logits = model(ids, torch.ones_like(ids), torch.tensor([len(left) + 1]))
    top = logits.float().softmax(1)[0].topk(best)
    return [(str(tokenizer.id_to_token(i)), p) for i, p in zip(top.indices.tolist(), top.values.tolist(), strict=True)]


def neighbours(
    model: MaskedLanguageModel, tokenizer: Tokenizer, words: Sequence[str], best: int = 6
) -> Mapping[str, list[str]]:
    """Return, for each word that is one token, the whole-word tokens whose embeddings point the same way (cosine)."""
    table = functional.normalize(model.bert.embeddings.word_embeddings.weight.detach(), dim=1)
    vocabulary = tokenizer.get_vocab()
    whole = torch.tensor([i for name, i in sorted(vocabulary.items()) if name.isalpha() and len(name) > 2])
    found: dict[str, list[str]] = {}
    for word in words:
        if word in vocabulary:
            near = (table[whole] @ table[vocabulary[word]]).topk(best + 1).indices
            names = [str(tokenizer.id_to_token(int(whole[i]))) for i in near]
            found[word] = [name for name in names if name != word][:best]
    return found

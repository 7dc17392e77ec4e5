"""Fine-tuning: labels, forms and directions at once, with soft targets and augmented texts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from pilah_data.corpora import AUTHORED
from pilah_data.records import Example
from pilah_model.encoder import padded, token_batches
from pilah_model.scoring import Encoded, Scores, strongest_rows
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper, obfuscate
from pilah_model.training.config import TrainConfig
from pilah_model.training.network import Logits, PostClassifier
from pilah_model.training.targets import Targets, make_targets

Log = Callable[[str], None]
_WIDTH = 8


@dataclass(frozen=True)
class TrainData:
    """The posts to learn from, their weights in the loss, and who may swap names in them."""

    examples: Sequence[Example]
    weights: np.ndarray[tuple[int], np.dtype[np.float32]]
    swapper: NameSwapper


class TorchScorer:
    """The network as a `Scorer`, for measuring while and after training."""

    def __init__(self, network: PostClassifier, text_encoder: TextEncoder, device: str = "cpu"):
        """Wrap a network; it is put into evaluation mode at each call."""
        self.network, self.pre, self._device = network, text_encoder, device
        self.engine = "torch-fp32"

    def core(self, encoded: Encoded) -> Scores:
        """Compute all rows in batches of like length."""
        self.network.eval()
        scores = Scores.empty(len(encoded.rows))
        lengths = np.asarray([len(row) for row in encoded.rows])
        with torch.no_grad():
            for batch in token_batches(lengths, 4096):
                ids, mask = padded([encoded.rows[i] for i in batch], int(lengths[batch].max()))
                logits = self.network(*(torch.from_numpy(a).to(self._device) for a in (ids, mask)))
                scores.put(batch, Scores(*(part.float().cpu().numpy() for part in logits)))
        return scores

    def post(self, encoded: Encoded, scores: Scores) -> Scores:
        """Keep, for each text, the row that looks most partisan."""
        return strongest_rows(encoded, scores)


def fine_tune(
    network: PostClassifier,
    text_encoder: TextEncoder,
    data: TrainData,
    config: TrainConfig,
    log: Log,
    device: str = "cpu",
    each_epoch: Callable[[int, PostClassifier], None] = lambda *_: None,
) -> PostClassifier:
    """Train the network in place and return the one to keep: the running mean of its weights (Izmailov et al. 2018), or itself."""
    rng = random.Random(config.seed)
    torch.manual_seed(config.seed)
    network.to(device)
    targets = make_targets(data.examples, config.ambiguous, config.label_smoothing)
    steps = config.epochs * -(-len(data.examples) // config.batch)
    optimiser = _optimiser(network, config)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps, config.warmup))
    mean = AveragedModel(network, multi_avg_fn=_mean_of(config.average)) if config.average else None
    for epoch in range(1, config.epochs + 1):
        began, total, count = time.monotonic(), 0.0, 0
        network.train()
        for rows, chosen in _batches(data, text_encoder, config, rng):
            loss = _loss(network, rows, chosen, targets, data.weights, config, device)
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if mean is not None:
                mean.update_parameters(network)
            total, count = total + loss.item(), count + 1
        log(f"epoch {epoch}/{config.epochs}  loss {total / max(1, count):.4f}  {time.monotonic() - began:.0f} s")
        each_epoch(epoch, _kept(network, mean))
    return _kept(network, mean).eval()


def _mean_of(decay: float) -> Callable[..., None]:
    """Return the update of a running mean whose memory grows with the steps, so that a short run forgets its start, too."""

    @torch.no_grad()
    def update(means: Sequence[torch.Tensor], now: Sequence[torch.Tensor], steps: torch.Tensor | int) -> None:
        step = int(steps)
        torch._foreach_lerp_(list(means), list(now), 1.0 - min(decay, (1 + step) / (10 + step)))

    return update


def _kept(network: PostClassifier, mean: AveragedModel | None) -> PostClassifier:
    kept = network if mean is None else mean.module
    assert isinstance(kept, PostClassifier)  # noqa: S101 - the wrapper forgets the type
    return kept


def _rate(step: int, steps: int, warmup: float) -> float:
    warm = max(1, int(steps * warmup))
    return min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _optimiser(network: PostClassifier, config: TrainConfig) -> torch.optim.AdamW:
    embeddings = list(network.encoder.get_input_embeddings().parameters())
    known = {id(p) for p in embeddings}
    encoder = [p for p in network.encoder.parameters() if id(p) not in known]
    inside = {id(p) for p in network.encoder.parameters()}
    heads = [p for p in network.parameters() if id(p) not in inside]
    return torch.optim.AdamW(
        [
            {"params": embeddings, "lr": config.embedding_lr, "weight_decay": 0.0},
            {"params": encoder, "lr": config.learning_rate},
            {"params": heads, "lr": config.head_lr},
        ],
        weight_decay=config.weight_decay,
        betas=(0.9, 0.98),
    )


def _batches(
    data: TrainData, text_encoder: TextEncoder, config: TrainConfig, rng: random.Random
) -> Iterator[tuple[list[list[int]], np.ndarray[tuple[int], np.dtype[np.int64]]]]:
    """Yield (token rows, example indices), texts of like length together, augmented anew in every epoch."""
    texts = [_augmented(example, data.swapper, config, rng) for example in data.examples]
    encoded = text_encoder(texts)
    # A long post trains on its first window; the others carry no label of their own.
    first = np.unique(encoded.owner, return_index=True)[1]
    order = np.asarray(rng.sample(range(len(texts)), len(texts)))
    window = config.batch * 40
    batches = []
    for at in range(0, len(order), window):
        part = order[at : at + window]
        part = part[np.argsort([len(encoded.rows[first[i]]) for i in part], kind="stable")]
        batches += [part[k : k + config.batch] for k in range(0, len(part), config.batch)]
    rng.shuffle(batches)
    for batch in batches:
        yield [list(map(int, encoded.rows[first[i]])) for i in batch], batch


def _augmented(example: Example, swapper: NameSwapper, config: TrainConfig, rng: random.Random) -> str:
    text = example.text
    if rng.random() < config.swap:
        text = swapper.swap(example.id, text, rng)
    if example.source != AUTHORED and rng.random() < config.swap_known:
        text = swapper.swap_known(text, rng)
    return obfuscate(text, rng) if rng.random() < config.obfuscate else text


def _loss(
    network: PostClassifier,
    rows: list[list[int]],
    chosen: np.ndarray[tuple[int], np.dtype[np.int64]],
    targets: Targets,
    weights: np.ndarray[tuple[int], np.dtype[np.float32]],
    config: TrainConfig,
    device: str,
) -> torch.Tensor:
    # Few distinct widths: the matrix library compiles a kernel for every shape, and its cache is small.
    ids, mask = padded(rows, -(-max(map(len, rows)) // _WIDTH) * _WIDTH)
    with torch.autocast(device.split(":", maxsplit=1)[0], dtype=torch.bfloat16):
        logits = network(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
    logits = Logits(*(part.float() for part in logits))
    weight = torch.from_numpy(weights[chosen]).to(device)
    labels = torch.from_numpy(targets.labels[chosen]).to(device)
    loss = (functional.cross_entropy(logits.labels, labels, reduction="none") * weight).mean()
    forms = functional.binary_cross_entropy_with_logits(
        logits.forms, torch.from_numpy(targets.forms[chosen]).to(device), reduction="none"
    ).sum(1)
    form_mask = torch.from_numpy(targets.form_mask[chosen]).to(device)
    loss = loss + config.forms_weight * (forms * form_mask * weight).mean()
    directions = torch.from_numpy(targets.directions[chosen]).to(device)
    if bool((directions >= 0).any()):
        loss = loss + config.direction_weight * functional.cross_entropy(logits.directions, directions, ignore_index=-1)
    return loss

"""Fine-tuning: labels, forms and directions at once, with soft targets and augmented texts, and on request with a pool."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from pilah_data.records import Example
from pilah_model.rows import padded, token_batches
from pilah_model.scoring import Encoded, Scores, strongest_rows
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper
from pilah_model.training.config import TrainConfig
from pilah_model.training.epochs import LabelledBatch, Preparation, epochs
from pilah_model.training.losses import LabelledLoss, SoftLoss, disagreement, moved
from pilah_model.training.network import Logits, PostClassifier
from pilah_model.training.pool import Pool
from pilah_model.training.targets import make_targets

Log = Callable[[str], None]
_Input = tuple[torch.Tensor, torch.Tensor]
"""Token ids and attention mask, both (rows, columns)."""
BATCH_TOKENS = {"cpu": 4096, "cuda": 65_536}
"""Tokens per batch without gradients, padding included, by kind of device."""

_REPORT_SECONDS = 30.0


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
        self.network, self.pre, self._device = network, text_encoder, torch.device(device)
        self.engine = "torch-fp32"

    def core(self, encoded: Encoded) -> Scores:
        """Compute all rows in batches of like length."""
        self.network.eval()
        scores = Scores.empty(len(encoded.rows))
        lengths = np.asarray([len(row) for row in encoded.rows])
        with torch.no_grad():
            for batch in token_batches(lengths, BATCH_TOKENS[self._device.type]):
                ids, mask = padded([encoded.rows[i] for i in batch], int(lengths[batch].max()))
                logits = self.network(*(moved(a, self._device) for a in (ids, mask)))
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
    *,
    pool: Pool | None = None,
    workers: int = 1,
) -> PostClassifier:
    """Train the network in place and return the one to keep: the running mean of its weights (Izmailov et al. 2018), or itself.

    With a pool, every step also learns from `pool_batch` of its pieces. `workers` prepare the texts; they decide nothing.
    """
    torch.manual_seed(config.seed)
    run = _Run(network.to(device), data, config, torch.device(device), pool)
    with closing(epochs(Preparation(data.examples, data.swapper, text_encoder, config), workers)) as coming:
        for epoch in range(1, config.epochs + 1):
            began = time.monotonic()
            losses = run.learn(next(coming), f"epoch {epoch}/{config.epochs}", log)
            log(f"epoch {epoch}/{config.epochs}  {losses}  {time.monotonic() - began:.0f} s")
            each_epoch(epoch, run.kept)
    return run.kept.eval()


class _Run:
    """What a fine-tuning run holds from step to step."""

    def __init__(
        self, network: PostClassifier, data: TrainData, config: TrainConfig, device: torch.device, pool: Pool | None
    ):
        self.network, self.config, self.device, self.examples = network, config, device, len(data.examples)
        targets = make_targets(data.examples, config.ambiguous, config.label_smoothing)
        self.labelled = LabelledLoss.of(targets, data.weights, config, device)
        self.soft = SoftLoss.of(pool.soft, config, device) if pool else None
        self.dealt = pool.batches(config.pool_batch, config.pool_noise, config.seed) if pool else None
        steps = config.epochs * -(-len(data.examples) // config.batch)
        self.optimiser = _optimiser(network, config, fused=device.type == "cuda")
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: _rate(step, steps, config.warmup)
        )
        self.mean = _RunningMean(network, config.average) if config.average else None

    @property
    def kept(self) -> PostClassifier:
        """Return the network to keep if the run ended here."""
        return self.network if self.mean is None else self.mean.network

    def learn(self, batches: Iterable[LabelledBatch], name: str, log: Log) -> str:
        """Take a step for each batch, tell of it now and then, and say what the mean losses were."""
        self.network.train()
        # On the device until the end: to read a loss is to wait for it.
        total, count = torch.zeros(2, dtype=torch.float64, device=self.device), 0
        steps = -(-self.examples // self.config.batch)
        began = said = time.monotonic()
        for batch in batches:
            total += self._step(batch)
            count += 1
            if time.monotonic() - said >= _REPORT_SECONDS:
                said = time.monotonic()
                left = (said - began) / count * (steps - count)
                log(f"{name}  step {count} of {steps}, {left / 60:.0f} min left of the epoch")
        labelled, pooled = (total / max(1, count)).tolist()
        return f"loss {labelled:.4f}" + (f"  pool {pooled:.4f}" if self.soft else "")

    def _step(self, batch: LabelledBatch) -> torch.Tensor:
        loss, pooled = self._losses(batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss + self.config.pool_weight * pooled)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        if self.mean is not None:
            self.mean.update()
        return torch.stack([loss.detach(), pooled.detach()])

    def _losses(self, batch: LabelledBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the losses of the labelled posts, consistency included, and of the pool."""
        ids, mask, chosen = (moved(a, self.device) for a in (batch.ids, batch.mask, batch.chosen))
        inputs = [(ids, mask)]
        if len(batch.twins):
            inputs.append((moved(batch.twin_ids, self.device), moved(batch.twin_mask, self.device)))
        more = next(self.dealt) if self.dealt is not None else None
        if more is not None:
            inputs.append((moved(more.ids, self.device), moved(more.mask, self.device)))
        logits, *others = self._forward(inputs)
        loss = self.labelled(logits, chosen)
        if len(batch.twins):
            twins, renamed = moved(batch.twins, self.device), others[0].labels
            loss = loss + self.config.consistency * disagreement(logits.labels[twins], renamed, len(ids))
        if more is None or self.soft is None:
            return loss, torch.zeros((), device=self.device)
        return loss, self.soft(others[-1], moved(more.chosen, self.device))

    def _forward(self, inputs: Sequence[_Input]) -> list[Logits]:
        # A GPU waits for the launch of kernels rather than for the sums, so there all rows go through the network at once.
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            if self.device.type == "cuda" and len(inputs) > 1:
                results = at_once(self.network, inputs)
            else:
                results = [self.network(*one) for one in inputs]
        return [Logits(*(part.float() for part in result)) for result in results]


def at_once(network: PostClassifier, inputs: Sequence[_Input]) -> list[Logits]:
    """Return the logits of several (ids, mask) inputs from one pass, padded to the widest."""
    width = max(ids.shape[1] for ids, _ in inputs)
    ids, mask = (
        torch.cat([functional.pad(t, (0, width - t.shape[1])) for t in side]) for side in zip(*inputs, strict=True)
    )
    sizes = [len(rows) for rows, _ in inputs]
    return [Logits(*parts) for parts in zip(*(part.split(sizes) for part in network(ids, mask)), strict=True)]


class _RunningMean:
    """The mean of a network's weights, whose memory grows with the steps, so that a short run forgets its start, too."""

    def __init__(self, network: PostClassifier, decay: float):
        self.network = copy.deepcopy(network)
        self._means = [p.detach() for p in self.network.parameters()]
        self._now = [p.detach() for p in network.parameters()]
        # Counted here and not on the device, where reading the count would stop it at every step.
        self._decay, self._steps = decay, 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights as they are now; the first ones as a whole."""
        share = 1.0 - min(self._decay, (1 + self._steps) / (10 + self._steps)) if self._steps else 1.0
        torch._foreach_lerp_(self._means, self._now, share)
        self._steps += 1


def _rate(step: int, steps: int, warmup: float) -> float:
    warm = max(1, int(steps * warmup))
    return min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _optimiser(network: PostClassifier, config: TrainConfig, *, fused: bool) -> torch.optim.AdamW:
    embeddings = list(network.encoder.get_input_embeddings().parameters())
    known = {id(p) for p in embeddings}
    encoder = [p for p in network.encoder.parameters() if id(p) not in known]
    inside = {id(p) for p in network.encoder.parameters()}
    heads = [p for p in network.parameters() if id(p) not in inside]
    # Not only left as it is: without a gradient, the way back through the encoder is spared.
    for rate, parameters in ((config.embedding_lr, embeddings), (config.learning_rate, encoder)):
        for parameter in parameters:
            parameter.requires_grad_(rate > 0)
    return torch.optim.AdamW(
        [
            {"params": embeddings, "lr": config.embedding_lr, "weight_decay": 0.0},
            {"params": encoder, "lr": config.learning_rate},
            {"params": heads, "lr": config.head_lr},
        ],
        weight_decay=config.weight_decay,
        betas=(0.9, 0.98),
        fused=fused or None,
    )

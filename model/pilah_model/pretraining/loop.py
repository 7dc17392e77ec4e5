"""The pretraining run: a budget of wall-clock minutes, resumable, the same on CPU and CUDA.

Schedule: linear warm-up, a constant rate for as long as one likes, and a final cool-down to zero
(warm-up, stable, decay; Hu et al. 2024, MiniCPM), so that a run can be prolonged from its stable checkpoint.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from pilah_data.errors import DataError
from pilah_model.folders import discard
from pilah_model.pretraining import checkpoint, exporting, starting
from pilah_model.pretraining.batches import Batch, Masker, held_out, training_batches
from pilah_model.pretraining.checkpoint import COOLING, STABLE
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.cooldown import Clock
from pilah_model.pretraining.device_batches import RowBatch, RowBatches
from pilah_model.pretraining.network import MaskedLanguageModel
from pilah_model.pretraining.objective import Objective
from pilah_model.pretraining.optimisers import build_optimisers, set_rate
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.skipgram import train_skipgram
from pilah_model.pretraining.stopping import StoppedError, stop_on_signals


def pretrain(
    config: PretrainConfig,
    packed: Packed,
    tokenizer: Tokenizer,
    folder: Path,
    budget: Budget,
    log: Callable[[str], None],
    *,
    start: Path | None = None,
) -> Path:
    """Train until the budget is used up and return the folder of the encoder in Hugging Face form.

    The resumable state lies in `folder/stable`, while cooling down in `folder/cooling` as well; the encoder after cool-down in
    `folder/encoder`. A new run begins from the encoder in the folder `start`, with its head where that was kept, instead of random
    weights; a run found in `folder` goes on. A cool-down that was cut off goes on for what is left of the minutes (and steps) that it
    was begun with, whatever the budget of this call; a call without cool-down prolongs the run from before it.

    SIGINT and SIGTERM end the run after the step, saved (StoppedError). Raises InputError or DataError before any work for what
    cannot be begun, and DataError, saving nothing, when the network has become infinite or the disk is full.
    """
    starting.check(config, budget, tokenizer, folder, start)
    torch.manual_seed(config.seed)
    # On its device before the optimiser exists: restored moments must lie where their weights lie.
    model = MaskedLanguageModel(config.shape.config(tokenizer.get_vocab_size()), untied=config.untied).to(budget.device)
    optimisers = build_optimisers(model, config, budget.device)
    fingerprint = config.fingerprint(packed)
    progress = starting.resumed(folder, model, optimisers, fingerprint, budget, log)
    if progress is not None:
        if start is not None:
            log(f"a run lies in {folder} and goes on; {start} is not begun from (option --start)")
    else:
        progress = checkpoint.Progress(fingerprint, device=torch.device(budget.device).type)
        if start is not None:
            progress.origin = starting.begin_from(start, model, packed, log)
        elif config.skipgram:
            log("training skip-gram vectors for the embeddings")
            model.start_from_vectors(skipgram_vectors(config, packed, tokenizer))
            checkpoint.save(folder / STABLE, model, optimisers, progress)
    run = _Run(config, packed, tokenizer, model, optimisers, progress, budget, log)
    run.train(folder)
    return run.export(folder)


def skipgram_vectors(
    config: PretrainConfig, packed: Packed, tokenizer: Tokenizer
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return skip-gram vectors (vocabulary, hidden) of all that a run of this configuration may learn from."""
    pieces = np.flatnonzero(~held_out(packed))
    return train_skipgram(
        packed, pieces, vocabulary=tokenizer.get_vocab_size(), dimension=config.shape.hidden, seed=config.seed
    )


class _Run:
    """One call's worth of training."""

    def __init__(
        self,
        config: PretrainConfig,
        packed: Packed,
        tokenizer: Tokenizer,
        model: MaskedLanguageModel,
        optimisers: Sequence[torch.optim.Optimizer],
        progress: checkpoint.Progress,
        budget: Budget,
        log: Callable[[str], None],
    ):
        self.config, self.packed, self.tokenizer, self.model = config, packed, tokenizer, model
        self.optimisers, self.progress, self.budget, self.log = optimisers, progress, budget, log
        self.objective = Objective(model, Masker(tokenizer, config.mask_rate), budget)
        self.losses: list[tuple[torch.Tensor, int]] = []
        """Of the steps since the last report, with their tokens."""

    def train(self, folder: Path) -> None:
        with stop_on_signals() as stop:
            batches = self._source()
            self.before = self.progress.seconds
            self.clock = Clock(self.budget, self.progress.steps, self.progress.cooldown)
            saved = said = time.monotonic()
            cool_from = self.clock.budget.cool_from
            while (used := self.clock.used(self.progress.steps)) < 1.0 and stop.signal is None:
                if used >= cool_from and self.progress.cooldown is None:
                    self._save(folder)
                    self.progress.cooldown = self.clock.cooldown(self.progress.steps, used)
                self.losses.append(self._step(next(batches), self.clock.rate(used)))
                now = time.monotonic()
                if now - saved > self.budget.checkpoint_minutes * 60:
                    self._save(folder)
                    saved = now
                if now - said >= self.budget.report_seconds:
                    self._report(now - said)
                    said = now
            if self.losses:
                self._report(time.monotonic() - said)
            if self.progress.cooldown is None or stop.signal is not None:
                place = self._save(folder)
            if stop.signal is not None:
                raise StoppedError(f"stopped by {stop.signal.name}, saved in {place}", stop.signal)
        self.progress.seconds = self.before + self.clock.seconds()

    def _source(self) -> Iterator[Batch | RowBatch]:
        # A resumed run must not see the same batches again, nor those of the run that it began from: the stream is seeded by the step
        # it starts at, and by the tokens of the origin where there is one.
        seed, config = [self.config.seed, self.progress.steps], self.config
        if before := self.progress.origin.get("tokens"):
            seed.append(before)
        if not config.rows:
            rng = np.random.default_rng(seed)
            return training_batches(self.packed, self.objective.masker, config.mixture, config.batch_tokens, rng)
        rows = RowBatches(
            self.packed, self.tokenizer, config.mixture, mask_rate=config.mask_rate, cells=config.batch_tokens,
            width=config.shape.positions, seed=seed, device=self.budget.device,
        )  # fmt: skip
        return iter(rows)

    def _step(self, batch: Batch | RowBatch, rate: float) -> tuple[torch.Tensor, int]:
        self.progress.steps += 1
        self.progress.tokens += batch.tokens
        warm = min(1.0, self.progress.steps / self.config.warmup_steps)
        set_rate(self.optimisers, self.config.learning_rate * warm * rate)
        self.model.train()
        loss = self.objective.loss(batch)
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        # Not read yet: a device would have to finish the step first.
        return loss.detach(), batch.tokens

    def _report(self, window: float) -> None:
        self._must_be_finite()
        values = torch.stack([value for value, _ in self.losses])
        loss = values[values.isfinite()].mean().item()
        rate = sum(tokens for _, tokens in self.losses) / window
        self.losses = []
        if np.isfinite(loss):
            self.progress.curve.append([self.progress.tokens, round(loss, 4), round(rate)])
        left = (1.0 - self.clock.used(self.progress.steps)) * self.clock.budget.minutes
        self.log(
            f"step {self.progress.steps}  {self.progress.tokens / 1e6:.2f} M tokens  loss {loss:.3f}  {rate:.0f} tokens/s  "
            f"{(self.before + self.clock.seconds()) / 60:.0f} min in all  {max(0.0, left):.0f} min left"
        )

    def _save(self, folder: Path) -> Path:
        """Save to the stable checkpoint, in the cool-down to that of the cool-down, and return its folder."""
        self._measure()
        self.progress.seconds = self.before + self.clock.seconds()
        if cooldown := self.progress.cooldown:
            used = self.clock.used(self.progress.steps)
            self.progress.cooldown = self.clock.cooldown(cooldown.began_after, used)
        place = folder / (COOLING if cooldown else STABLE)
        checkpoint.save(place, self.model, self.optimisers, self.progress)
        if not cooldown:
            discard(folder / COOLING)
        self.log(f"saved {place} (held-out loss {self.progress.held_out[-1]})")
        return place

    def _must_be_finite(self) -> None:
        """Stop before a network that is lost takes the place of one that was not."""
        # The first loss that is not finite makes the weights so, unless it is that of a batch in which nothing was masked.
        if not all(p.isfinite().all() for p in self.model.parameters()):
            raise self._infinite("weights are")

    def _measure(self) -> None:
        """Add the held-out loss to the record of a network that is about to be kept, which must be finite."""
        self._must_be_finite()
        found = self.objective.held_out_loss(self.packed, self.progress.tokens)
        if not np.isfinite(list(found.values())).all():
            raise self._infinite(f"held-out loss {found} is")
        self.progress.held_out.append(found)

    def _infinite(self, what: str) -> DataError:
        return DataError(
            f"{what} no longer finite after step {self.progress.steps}; nothing was saved, and the last checkpoint is as it was: go on "
            "from it, or begin anew with a lower learning_rate or more warmup_steps (option --config)"
        )

    def export(self, folder: Path) -> Path:
        """Write the encoder as it is now and give up the checkpoint of its cool-down."""
        self._measure()
        size = self.tokenizer.get_vocab_size()
        facts = {
            "config": dataclasses.asdict(self.config),
            "packed": self.packed.manifest,
            "throughput": exporting.throughput(self.config, size, self.progress, self.budget.device, self.log),
        }
        place = folder / exporting.ENCODER
        exporting.write_encoder(place, self.model, self.tokenizer, self.progress, facts)
        discard(folder / COOLING)
        self.log(f"encoder written to {place}; held-out {self.progress.held_out[-1]}")
        return place

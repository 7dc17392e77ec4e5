"""The pretraining run: a budget of wall-clock minutes, resumable, the same on CPU and CUDA.

Schedule: linear warm-up, a constant rate for as long as one likes, and a final cool-down to zero
(warm-up, stable, decay; Hu et al. 2024, MiniCPM), so that a run can be prolonged from its stable checkpoint.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional

from pilah_data.raw_texts import DOMAINS
from pilah_model.folders import empty_beside, put_in_place
from pilah_model.pretraining import checkpoint
from pilah_model.pretraining.batches import IGNORED, Batch, Masker, held_out, training_batches
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.device_batches import RowBatch, RowBatches
from pilah_model.pretraining.network import HEAD, MaskedLanguageModel, load_model
from pilah_model.pretraining.optimisers import build_optimisers, set_rate
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.skipgram import train_skipgram
from pilah_model.pretraining.throughput import flops_per_token, matmul_ceiling


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

    The resumable state lies in `folder/stable`; the encoder after cool-down in `folder/encoder`. A new run begins from the
    encoder in the folder `start`, with its head where that was kept, instead of random weights; a run found in `folder` goes on.
    """
    torch.manual_seed(config.seed)
    # On its device before the optimiser exists: restored moments must lie where their weights lie.
    model = MaskedLanguageModel(config.shape.config(tokenizer.get_vocab_size()), untied=config.untied).to(budget.device)
    optimisers = build_optimisers(model, config, budget.device)
    fingerprint, kind = config.fingerprint(packed), torch.device(budget.device).type
    stable = folder / "stable"
    if stable.exists() or stable.with_name("stable.old").exists():
        progress = checkpoint.load(stable, model, optimisers, fingerprint)
        progress.device = " and ".join(sorted({*progress.device.split(" and "), kind}))
        log(f"resuming after {progress.tokens / 1e6:.1f} M tokens, {progress.steps} steps")
    else:
        progress = checkpoint.Progress(fingerprint, device=kind)
        if start is not None:
            model.start_from(load_model(start)[0])
            progress.origin = _record_of(start)
            log(f"beginning from {start}, {progress.origin.get('tokens', 0) / 1e6:.1f} M tokens")
        elif config.skipgram:
            log("training skip-gram vectors for the embeddings")
            model.start_from_vectors(skipgram_vectors(config, packed, tokenizer))
    run = _Run(config, packed, tokenizer, model, optimisers, progress, budget, log)
    run.train(stable)
    return run.export(folder / "encoder")


def _record_of(start: Path) -> dict[str, Any]:
    """Return the tokens and held-out losses of the run that made an encoder, as far as they are known."""
    try:
        record = json.loads((start / checkpoint.RECORD).read_text(encoding="utf-8"))
        return {"tokens": checkpoint.tokens_in_all(record), "held_out": record["held_out"][-1:]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


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
        self.masker = Masker(tokenizer, config.mask_rate)
        self._rows_loss = torch.compile(self._loss_of_rows, dynamic=False) if budget.compiled else self._loss_of_rows

    def train(self, stable: Path) -> None:
        batches = self._source()
        began = saved = said = time.monotonic()
        before, first = self.progress.seconds, self.progress.steps
        losses: list[tuple[torch.Tensor, int]] = []
        cool_from = 1.0 - self.budget.cooldown_minutes / self.budget.minutes
        stable_saved = False
        while True:
            now = time.monotonic()
            used = self.budget.used(now - began, self.progress.steps - first)
            if used >= 1.0:
                break
            if used >= cool_from and not stable_saved:
                self._save(stable, before + now - began)
                stable_saved = True
            cooling = max(0.0, (used - cool_from) / max(1e-9, 1.0 - cool_from))
            losses.append(self._step(next(batches), 1.0 - cooling))
            now = time.monotonic()
            if not stable_saved and now - saved > self.budget.checkpoint_minutes * 60:
                self._save(stable, before + now - began)
                saved = now
            if now - said >= self.budget.report_seconds:
                self._report(losses, before + now - began, now - said, began + self.budget.minutes * 60 - now)
                said, losses = now, []
        self.progress.seconds = before + now - began
        if losses:
            self._report(losses, self.progress.seconds, now - said, 0.0)
        if not stable_saved:
            self._save(stable, self.progress.seconds)

    def _source(self) -> Iterator[Batch | RowBatch]:
        # A resumed run must not see the same batches again: the stream is seeded by the step it starts at.
        seed, config = [self.config.seed, self.progress.steps], self.config
        if not config.rows:
            rng = np.random.default_rng(seed)
            return training_batches(self.packed, self.masker, config.mixture, config.batch_tokens, rng)
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
        loss = self._loss(batch)
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        # Not read yet: a device would have to finish the step first.
        return loss.detach(), batch.tokens

    def _loss_of_rows(self, *inputs: torch.Tensor) -> torch.Tensor:
        ids, places, posts, positions, targets = inputs
        with torch.autocast(self.budget.device.split(":")[0], dtype=torch.bfloat16):
            logits = self.model.packed_logits(ids, places, posts, positions)
        return functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)

    def _loss(self, batch: Batch | RowBatch) -> torch.Tensor:
        device = self.budget.device
        if isinstance(batch, RowBatch):
            loss: torch.Tensor = self._rows_loss(batch.ids, batch.places, batch.posts, batch.positions, batch.targets)
            return loss
        ids, attention, positions, targets = (
            torch.from_numpy(a).to(device) for a in (batch.ids, batch.attention, batch.positions, batch.targets)
        )
        with torch.autocast(device.split(":")[0], dtype=torch.bfloat16):
            logits = self.model(ids, attention, positions)
        return functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)

    def _report(self, losses: list[tuple[torch.Tensor, int]], seconds: float, window: float, left: float) -> None:
        loss = torch.stack([value for value, _ in losses]).mean().item()
        rate = sum(tokens for _, tokens in losses) / window
        self.progress.curve.append([self.progress.tokens, round(loss, 4), round(rate)])
        self.log(
            f"step {self.progress.steps}  {self.progress.tokens / 1e6:.2f} M tokens  loss {loss:.3f}  "
            f"{rate:.0f} tokens/s  {seconds / 60:.0f} min in all  {left / 60:.0f} min left"
        )

    def _save(self, stable: Path, seconds: float) -> None:
        self.progress.seconds = seconds
        self.progress.held_out.append(self.held_out_loss())
        checkpoint.save(stable, self.model, self.optimisers, self.progress)
        self.log(f"saved {stable} (held-out loss {self.progress.held_out[-1]})")

    def held_out_loss(self, pieces_per_domain: int = 600) -> dict[str, float]:
        """Masked-language loss (nats) by domain on pieces never trained on, with a fixed mask."""
        self.model.eval()
        result: dict[str, float] = {"tokens": float(self.progress.tokens)}
        marked = held_out(self.packed)
        with torch.no_grad():
            for index, domain in enumerate(DOMAINS):
                pieces = np.flatnonzero(marked & (self.packed.domains == index))[:pieces_per_domain]
                pieces = pieces[np.argsort(self.packed.lengths[pieces], kind="stable")]
                rng = np.random.default_rng(0)
                total = count = 0.0
                for at in range(0, len(pieces), 64):
                    batch = self.masker.batch([self.packed.piece(int(i)) for i in pieces[at : at + 64]], rng)
                    predicted = int((batch.targets != IGNORED).sum())
                    total += self._loss(batch).item() * predicted
                    count += predicted
                if count:
                    result[domain] = round(total / count, 4)
        return result

    def export(self, folder: Path) -> Path:
        """Write the encoder as it is now, with its tokenizer and record, so that `--base` can take it.

        A kill in the middle leaves the encoder that was there before.
        """
        self.progress.held_out.append(self.held_out_loss())
        fresh = empty_beside(folder)
        self.model.bert.save_pretrained(fresh)
        save_file(self.model.head(), fresh / HEAD)
        self.tokenizer.save(str(fresh / "tokenizer.json"))
        record = {
            "config": dataclasses.asdict(self.config),
            "packed": self.packed.manifest,
            "throughput": self._throughput(),
            **dataclasses.asdict(self.progress),
        }
        (fresh / checkpoint.RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        put_in_place(fresh, folder)
        self.log(f"encoder written to {folder}; held-out {self.progress.held_out[-1]}")
        return folder

    def _throughput(self) -> dict[str, float]:
        """Return the median tokens per second of the run and what share of the device's matrix product that is."""
        speeds = [point[2] for point in self.progress.curve if len(point) > 2]
        if not self.budget.device.startswith("cuda") or not speeds:
            return {}
        speed = float(np.median(speeds))
        used = speed * flops_per_token(self.config.shape, self.tokenizer.get_vocab_size(), self.config.mask_rate)
        ceiling = matmul_ceiling(self.budget.device)
        self.log(
            f"{speed / 1e6:.2f} M tokens/s, {used / 1e12:.0f} of {ceiling / 1e12:.0f} TFLOP/s ({used / ceiling:.0%})"
        )
        return {"tokens_per_second": speed, "flops": used, "matmul_ceiling": ceiling, "share": used / ceiling}

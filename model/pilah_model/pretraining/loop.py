"""The pretraining run: a budget of wall-clock minutes, resumable, the same on CPU and CUDA.

Schedule: linear warm-up, a constant rate for as long as one likes, and a final cool-down to zero
(warm-up, stable, decay; Hu et al. 2024, MiniCPM), so that a run can be prolonged from its stable checkpoint.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from pilah_data.raw_texts import DOMAINS
from pilah_model.pretraining import checkpoint
from pilah_model.pretraining.batches import IGNORED, Batch, Masker, held_out, training_batches
from pilah_model.pretraining.network import MaskedLanguageModel, Shape
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.skipgram import train_skipgram


@dataclass(frozen=True)
class PretrainConfig:
    """What decides a pretraining run; times are not part of its identity."""

    shape: Shape = field(default_factory=Shape)
    mixture: dict[str, float] = field(default_factory=lambda: {"social": 0.65, "news": 0.23, "other": 0.12})
    mask_rate: float = 0.2
    batch_tokens: int = 4096
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_steps: int = 300
    seed: int = 1
    skipgram: bool = True

    def fingerprint(self, packed: Packed) -> str:
        """Identify configuration and data; a checkpoint of another fingerprint is refused."""
        text = json.dumps([dataclasses.asdict(self), packed.manifest["sha256"]], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Budget:
    """Wall-clock minutes of this call, of which the last `cooldown_minutes` lower the rate to zero (0: none).

    With `max_steps`, the call ends after that many steps if they take less than its minutes; the cool-down takes the same
    share of them. Every `report_seconds` a point is added to the curve.
    """

    minutes: float
    cooldown_minutes: float = 0.0
    checkpoint_minutes: float = 5.0
    device: str = "cpu"
    report_seconds: float = 30.0
    max_steps: int | None = None

    def used(self, seconds: float, steps: int) -> float:
        """Return which share of the budget is used up after so many seconds and steps of this call; 1 and more is all."""
        return max(seconds / (self.minutes * 60), steps / self.max_steps if self.max_steps else 0.0)


def pretrain(
    config: PretrainConfig,
    packed: Packed,
    tokenizer: Tokenizer,
    folder: Path,
    budget: Budget,
    log: Callable[[str], None],
) -> Path:
    """Train until the budget is used up and return the folder of the encoder in Hugging Face form.

    The resumable state lies in `folder/stable`; the encoder after cool-down in `folder/encoder`.
    """
    torch.manual_seed(config.seed)
    # On its device before the optimiser exists: restored moments must lie where their weights lie.
    model = MaskedLanguageModel(config.shape.config(tokenizer.get_vocab_size())).to(budget.device)
    optimiser = _optimiser(model, config)
    fingerprint, kind = config.fingerprint(packed), torch.device(budget.device).type
    stable = folder / "stable"
    if stable.exists() or stable.with_name("stable.old").exists():
        progress = checkpoint.load(stable, model, optimiser, fingerprint)
        progress.device = " and ".join(sorted({*progress.device.split(" and "), kind}))
        log(f"resuming after {progress.tokens / 1e6:.1f} M tokens, {progress.steps} steps")
    else:
        progress = checkpoint.Progress(fingerprint, device=kind)
        if config.skipgram:
            log("training skip-gram vectors for the embeddings")
            model.start_from_vectors(_vectors(config, packed, tokenizer))
    run = _Run(config, packed, tokenizer, model, optimiser, progress, budget, log)
    run.train(stable)
    return run.export(folder / "encoder")


def _vectors(
    config: PretrainConfig, packed: Packed, tokenizer: Tokenizer
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    pieces = np.flatnonzero(~held_out(packed))
    return train_skipgram(
        packed, pieces, vocabulary=tokenizer.get_vocab_size(), dimension=config.shape.hidden, seed=config.seed
    )


def _optimiser(model: MaskedLanguageModel, config: PretrainConfig) -> torch.optim.AdamW:
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    free = [p for p in model.parameters() if p.ndim < 2]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": config.weight_decay}, {"params": free, "weight_decay": 0.0}],
        lr=config.learning_rate,
        betas=(0.9, 0.98),
        eps=1e-6,
    )


class _Run:
    """One call's worth of training."""

    def __init__(
        self,
        config: PretrainConfig,
        packed: Packed,
        tokenizer: Tokenizer,
        model: MaskedLanguageModel,
        optimiser: torch.optim.AdamW,
        progress: checkpoint.Progress,
        budget: Budget,
        log: Callable[[str], None],
    ):
        self.config, self.packed, self.tokenizer, self.model = config, packed, tokenizer, model
        self.optimiser, self.progress, self.budget, self.log = optimiser, progress, budget, log
        self.masker = Masker(tokenizer, config.mask_rate)

    def train(self, stable: Path) -> None:
        # A resumed run must not see the same batches again: the stream is seeded by the step it starts at.
        rng = np.random.default_rng([self.config.seed, self.progress.steps])
        batches = training_batches(self.packed, self.masker, self.config.mixture, self.config.batch_tokens, rng)
        began = saved = said = time.monotonic()
        before, first, losses = self.progress.seconds, self.progress.steps, []
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

    def _step(self, batch: Batch, rate: float) -> tuple[float, int]:
        self.progress.steps += 1
        self.progress.tokens += batch.tokens
        warm = min(1.0, self.progress.steps / self.config.warmup_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.learning_rate * warm * rate
        self.model.train()
        loss = self._loss(batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return loss.item(), batch.tokens

    def _loss(self, batch: Batch) -> torch.Tensor:
        device = self.budget.device
        ids, attention, positions, targets = (
            torch.from_numpy(a).to(device) for a in (batch.ids, batch.attention, batch.positions, batch.targets)
        )
        with torch.autocast(device.split(":")[0], dtype=torch.bfloat16):
            logits = self.model(ids, attention, positions)
        return functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)

    def _report(self, losses: list[tuple[float, int]], seconds: float, window: float, left: float) -> None:
        loss = float(np.mean([value for value, _ in losses]))
        rate = sum(tokens for _, tokens in losses) / window
        self.progress.curve.append([self.progress.tokens, round(loss, 4), round(rate)])
        self.log(
            f"step {self.progress.steps}  {self.progress.tokens / 1e6:.2f} M tokens  loss {loss:.3f}  "
            f"{rate:.0f} tokens/s  {seconds / 60:.0f} min in all  {left / 60:.0f} min left"
        )

    def _save(self, stable: Path, seconds: float) -> None:
        self.progress.seconds = seconds
        self.progress.held_out.append(self.held_out_loss())
        checkpoint.save(stable, self.model, self.optimiser, self.progress)
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
        """Write the encoder as it is now, with its tokenizer and record, so that `--base` can take it."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.progress.held_out.append(self.held_out_loss())
        self.model.bert.save_pretrained(folder)
        self.tokenizer.save(str(folder / "tokenizer.json"))
        record = {
            "config": dataclasses.asdict(self.config),
            "packed": self.packed.manifest,
            **dataclasses.asdict(self.progress),
        }
        (folder / "pretraining.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        self.log(f"encoder written to {folder}; held-out {self.progress.held_out[-1]}")
        return folder

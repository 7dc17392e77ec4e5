"""The masked-language loss: of a batch to learn from, and on pieces never learnt from."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from pilah_data.raw_texts import DOMAINS
from pilah_model.pretraining.batches import IGNORED, Batch, Masker, held_out
from pilah_model.pretraining.config import Budget
from pilah_model.pretraining.device_batches import RowBatch
from pilah_model.pretraining.network import MaskedLanguageModel
from pilah_model.pretraining.packing import Packed


class Objective:
    """What a network is trained to lower."""

    def __init__(self, model: MaskedLanguageModel, masker: Masker, budget: Budget):
        """Compute on the device of a budget, compiled where that asks for it."""
        self.masker = masker
        self._model, self._device, self._kind = model, budget.device, torch.device(budget.device).type
        self._rows_loss = torch.compile(self._loss_of_rows, dynamic=False) if budget.compiled else self._loss_of_rows

    def loss(self, batch: Batch | RowBatch) -> torch.Tensor:
        """Return the mean loss (nats) of the masked tokens, nan where there are none."""
        if isinstance(batch, RowBatch):
            loss: torch.Tensor = self._rows_loss(batch.ids, batch.places, batch.posts, batch.positions, batch.targets)
            return loss
        ids, attention, positions, targets = (
            torch.from_numpy(a).to(self._device) for a in (batch.ids, batch.attention, batch.positions, batch.targets)
        )
        with torch.autocast(self._kind, dtype=torch.bfloat16):
            logits = self._model(ids, attention, positions)
        return functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)

    def _loss_of_rows(self, *inputs: torch.Tensor) -> torch.Tensor:
        ids, places, posts, positions, targets = inputs
        with torch.autocast(self._kind, dtype=torch.bfloat16):
            logits = self._model.packed_logits(ids, places, posts, positions)
        return functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)

    def held_out_loss(self, packed: Packed, tokens: int, pieces_per_domain: int = 600) -> dict[str, float]:
        """Return the loss by domain on pieces never trained on, with a fixed mask, after so many `tokens`."""
        self._model.eval()
        result: dict[str, float] = {"tokens": float(tokens)}
        marked = held_out(packed)
        with torch.no_grad():
            for index, domain in enumerate(DOMAINS):
                pieces = np.flatnonzero(marked & (packed.domains == index))[:pieces_per_domain]
                pieces = pieces[np.argsort(packed.lengths[pieces], kind="stable")]
                rng = np.random.default_rng(0)
                total = count = 0.0
                for at in range(0, len(pieces), 64):
                    batch = self.masker.batch([packed.piece(int(i)) for i in pieces[at : at + 64]], rng)
                    predicted = int((batch.targets != IGNORED).sum())
                    if predicted:
                        total += self.loss(batch).item() * predicted
                        count += predicted
                if count:
                    result[domain] = round(total / count, 4)
        return result

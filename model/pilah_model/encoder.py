"""The encoder as a `Scorer`: ONNX Runtime over an exported artefact, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from pilah_data.errors import DataError
from pilah_model.rows import padded, token_batches
from pilah_model.scoring import Encoded, Scores, strongest_rows
from pilah_model.tokens import TextEncoder

BATCH_TOKENS = 512
"""Tokens per computed batch, padding included: few enough to stay in the cache of a core (measured: 256 to 1,024 are alike)."""
_WIDTH = 4
"""Rows are padded to a multiple of this. With odd widths the last bits of a row's scores depend on the rows beside it."""


class OnnxScorer:
    """Scores texts with an ONNX graph: inputs `input_ids`, `attention_mask`; outputs `labels`, `forms`, `directions`."""

    def __init__(self, graph: Path, text_encoder: TextEncoder, *, engine: str, threads: int | None = None):
        """Open the graph; raises DataError when ONNX Runtime cannot read it."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no public error root
            raise DataError(f"model graph cannot be opened ({error}); restore the artefact", file=str(graph)) from error
        self.pre = text_encoder
        self._engine = engine

    @property
    def engine(self) -> str:
        """Name the engine, as records keep it."""
        return self._engine

    def core(self, encoded: Encoded) -> Scores:
        """Compute all rows in batches of like length."""
        scores = Scores.empty(len(encoded.rows))
        lengths = np.asarray([len(row) for row in encoded.rows], dtype=np.int64)
        for batch in token_batches(lengths, BATCH_TOKENS):
            scores.put(batch, self._compute([encoded.rows[i] for i in batch]))
        return scores

    def _compute(self, rows: Sequence[Sequence[int]]) -> Scores:
        """Compute a batch so that a row's scores are the same, to the last bit, whatever stands beside it."""
        width = -(-max(map(len, rows)) // _WIDTH) * _WIDTH
        # A lone row would be multiplied by other kernels than one in company, which round differently: it is computed twice.
        ids, mask = padded([*rows, *rows] if len(rows) == 1 else list(rows), width)
        outputs = self._session.run(["labels", "forms", "directions"], {"input_ids": ids, "attention_mask": mask})
        return Scores(*(output[: len(rows)] for output in outputs))

    def post(self, encoded: Encoded, scores: Scores) -> Scores:
        """Keep, for each text, the row that looks most partisan."""
        return strongest_rows(encoded, scores)

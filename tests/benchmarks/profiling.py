"""Says where the time of judging goes: reading, tokenising, the graph and the rest on one core, and the graph by operator.

Invented posts of about 30 tokens, all distinct. Shares of one run are comparable whatever else the machine does.
Run: `python tests/benchmarks/profiling.py`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / folder) for folder in ("data", "model", "api"))]

from pilah_model.artefacts import ArtefactFiles, shipped_artefact  # noqa: E402 - the paths come first
from pilah_model.classifier import Classifier  # noqa: E402
from pilah_model.encoder import BATCH_TOKENS  # noqa: E402
from pilah_model.judgement import Post  # noqa: E402
from pilah_model.rows import padded, token_batches  # noqa: E402
from pilah_model.tokens import TextEncoder  # noqa: E402
from tests.benchmarks.batch import posts  # noqa: E402

COUNT = 4096


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor seconds of a step, least of three, and its result."""
    best, result = float("inf"), None
    for _ in range(3):
        began = time.process_time()
        result = what()
        best = min(best, time.process_time() - began)
    return best, result


def stages(folder: Path, texts: Sequence[str]) -> dict[str, float]:
    """Return the share of each stage of a classification."""
    files = ArtefactFiles(folder)
    reading = TextEncoder.from_file(files.path(files.tokenizer), files.path(files.stand_ins))
    read = reading.stand_ins
    assert read is not None
    classifier = Classifier.load(folder, engine="int8", threads=1)
    given = [Post(text) for text in texts]
    whole, _ = timed(lambda: classifier.classify(given))
    normalised, _ = timed(lambda: [read(text) for text in texts])
    both, encoded = timed(lambda: reading(texts))
    graph, _ = timed(lambda: classifier.scorer.core(encoded))
    rest = max(0.0, whole - both - graph)
    parts = {
        "normalising, stand-ins": normalised,
        "tokenising, windows": both - normalised,
        "graph": graph,
        "deciding, records": rest,
    }
    return {name: round(seconds / whole, 3) for name, seconds in parts.items()}


def operators(folder: Path, texts: Sequence[str]) -> dict[str, float]:
    """Return the share of each kind of operator in the time of the int8 graph."""
    files = ArtefactFiles(folder)
    rows: Any = TextEncoder.from_file(files.path(files.tokenizer), files.path(files.stand_ins))(texts).rows
    with tempfile.TemporaryDirectory() as place:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.enable_profiling = 1, True
        options.profile_file_prefix = str(Path(place) / "ort")
        session = onnxruntime.InferenceSession(str(files.path(files.graph_int8)), options)
        for batch in token_batches(np.asarray([len(row) for row in rows]), BATCH_TOKENS):
            ids, mask = padded([rows[i] for i in batch], max(len(rows[i]) for i in batch))
            session.run(None, {"input_ids": ids, "attention_mask": mask})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    spent = Counter[str]()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"]
    return {name: round(time_ / spent.total(), 3) for name, time_ in spent.most_common(12)}


def main() -> None:
    """Print one JSON object."""
    texts = list(posts(COUNT))
    found = {"posts": COUNT, "stages": stages(shipped_artefact(), texts), "graph": operators(shipped_artefact(), texts)}
    print(json.dumps(found, indent=1))  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()

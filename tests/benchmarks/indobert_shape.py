"""Shows that `pilah train --base` takes an encoder of IndoBERT's shape: 12 layers of 768, a vocabulary of 50,000, random weights.

Not part of the tests: 124 million weights cost minutes and gigabytes. With the real weights only the download is another one:
`pilah train --base indobenchmark/indobert-base-p1`. Run it with `python tests/benchmarks/indobert_shape.py`; the last result is
recorded in tests/benchmarks/indobert_shape.json.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel

from pilah_api import cli, model_commands
from pilah_data.corpora import read_corpus, to_json_line
from pilah_data.normalise import normalise_text
from pilah_model.pretraining.vocabulary import SPECIAL

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).with_suffix(".json")
VOCABULARY = 50_000
POSTS = 24


def main() -> None:
    """Make the checkpoint and a small checkout, train for a few steps, print and record what it took."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        texts = small_checkout(place)
        os.chdir(place)  # where no public posts lie, so that the few authored ones are all there is
        weights = checkpoint(place / "indobert-shape", texts)
        setattr(model_commands, "repository_data", lambda: place / "data")  # noqa: B010 - the module offers no option for it
        (place / "few.toml").write_text("epochs = 1\nbatch = 8\n", encoding="utf-8")
        command = ["train", "--base", str(place / "indobert-shape"), "--config", str(place / "few.toml")]
        began = time.monotonic()
        code = cli.run([*command, "--out", str(place / "trained")])
        seconds = time.monotonic() - began
        if code:
            sys.exit(code)
        record = json.loads((place / "trained" / "training.json").read_text(encoding="utf-8"))
        size = (place / "trained" / "network.safetensors").stat().st_size
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "encoder_weights": weights,
        "vocabulary": VOCABULARY,
        "posts": record["posts"]["authored"],
        "steps": -(-record["posts"]["authored"] // 8),
        "seconds": round(seconds, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_memory_mb": round(used.ru_maxrss / 1024),
        "trained_mb": round(size / 1e6),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
    }
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


def small_checkout(place: Path) -> list[str]:
    """Write a data folder with few posts, none of them in a group; return their texts."""
    posts = read_corpus(ROOT / "data" / "corpora" / "umum.jsonl")
    alone = [post for post in posts if post.group is None]
    chosen = [post for split in ("train", "validation") for post in [p for p in alone if p.split == split][:POSTS]]
    (place / "data" / "corpora").mkdir(parents=True)
    lines = "\n".join(map(to_json_line, chosen)) + "\n"
    (place / "data" / "corpora" / "umum.jsonl").write_text(lines, encoding="utf-8")
    (place / "data" / "names.toml").write_bytes((ROOT / "data" / "names.toml").read_bytes())
    return [post.text for post in chosen]


def checkpoint(folder: Path, texts: list[str]) -> int:
    """Write a random encoder with its tokenizer as a Hugging Face folder has them; return the number of weights."""
    words = {word for text in texts for word in normalise_text(text).split()}
    letters = {piece for word in words for c in word for piece in (c, f"##{c}")}
    known = [*SPECIAL, *sorted(letters | words)]
    pieces = [*known, *(f"[unused{i}]" for i in range(VOCABULARY - len(known)))]
    tokenizer = Tokenizer(WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    torch.manual_seed(0)
    encoder = BertModel(BertConfig(vocab_size=VOCABULARY), add_pooling_layer=False)
    encoder.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return sum(parameter.numel() for parameter in encoder.parameters())


if __name__ == "__main__":
    main()

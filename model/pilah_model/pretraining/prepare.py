"""From the public texts to a packed folder: deduplicate, leave out the test split, normalise, train the vocabulary, pack."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from tokenizers import Tokenizer

from pilah_data.annotation import read_posts
from pilah_data.errors import InputError
from pilah_data.loading import load_readings
from pilah_data.normalise import normalise_text
from pilah_data.raw_texts import stream
from pilah_data.repeats import Exclusion, Repeats
from pilah_model.pretraining.packing import LARGEST_VOCABULARY, need_packed_folder, normalise_stream, pack
from pilah_model.pretraining.vocabulary import SPECIAL, train_vocabulary

_EVERY = {"social": 1, "news": 2, "other": 6}
"""The vocabulary is trained on every n-th text of a domain: posts decide it, verdicts and laws do not."""


def prepare(
    shared: Path,
    annotations: Path,
    out: Path,
    log: Callable[[str], None],
    *,
    vocabulary: int = 16384,
    tokenizer: Path | None = None,
    processes: int = 2,
) -> dict[str, object]:
    """Write a packed folder from the texts under `shared` and return its manifest.

    With `tokenizer` an existing vocabulary is kept. The test split of the annotations, and texts that repeat eight words of it, stay out,
    as they were written and as normalising leaves them; so do texts that repeat others. Raises InputError, before any work, for a
    vocabulary that cannot be read and for a folder that holds something else.
    """
    need_packed_folder(out)
    given = _vocabulary(tokenizer) if tokenizer else None
    ids = {reading.id for reading in load_readings(annotations) if reading.split == "test"}
    test = [post.text for post in read_posts(shared) if post.id in ids]
    excluded, repeats = Exclusion([*test, *map(normalise_text, test)]), Repeats()
    log(f"leaving out {len(test)} test posts and their near-duplicates")
    left_out = dict.fromkeys(("test", "repeated"), 0)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as normalised:
        count = 0
        for domain, text in normalise_stream(stream(shared, excluded), processes):
            # Once more: normalising brings letters back and splits hashtags, and makes texts alike that were not.
            reason = "test" if text in excluded else "" if repeats.take(text) else "repeated"
            if reason:
                left_out[reason] += 1
                continue
            normalised.write(f"{domain}\t{text}\n")
            count += 1
            if count % 200_000 == 0:
                log(f"{count} texts normalised")
        log(
            f"{count} distinct texts; normalised, {left_out['repeated']} more repeat others and {left_out['test']} a test post: "
            "left out"
        )
        if given is None:
            trained = train_vocabulary(_sampled(_rows(normalised)), vocabulary)
            log(f"vocabulary of {trained.get_vocab_size()} trained")
        else:
            trained = given
        manifest = pack(_rows(normalised), trained, out)
    log(f"packed into {out}: {manifest['tokens']} tokens")
    return manifest


def _vocabulary(path: Path) -> Tokenizer:
    try:
        tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust library raises bare Exception
        raise InputError(f"vocabulary {path} cannot be read ({error}) (option --tokenizer)") from error
    if missing := set(SPECIAL) - set(tokenizer.get_vocab()):
        raise InputError(
            f"vocabulary {path} has no {', '.join(sorted(missing))}; take one like BERT's (option --tokenizer)"
        )
    if (size := tokenizer.get_vocab_size()) > LARGEST_VOCABULARY:
        raise InputError(f"vocabulary {path} has {size} entries, more than {LARGEST_VOCABULARY} (option --tokenizer)")
    return tokenizer


def _rows(file: TextIO) -> Iterator[tuple[str, str]]:
    file.seek(0)
    for line in file:
        domain, _, text = line.rstrip("\n").partition("\t")
        yield domain, text


def _sampled(rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    seen = dict.fromkeys(_EVERY, 0)
    for domain, text in rows:
        seen[domain] += 1
        if seen[domain] % _EVERY[domain] == 0:
            yield text

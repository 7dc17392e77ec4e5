"""The posts of an office after a busy election: those that are kept, with who read them how, and tallies of those that are gone."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pilah_api.store.queue_tables import QueueRow, SketchRow
from pilah_api.store.tally_tables import TallyRow
from pilah_api.store.work_tables import JudgementRow, PostRow, ReviewRow
from pilah_api.verdicts import verdict
from pilah_data.sketches import BANDS
from pilah_data.taxonomy import Label

WEEKS, AT_ONCE = 50, 5_000
"""How far back an office goes, and rows that are written at once."""
Rows = dict[Any, list[dict[str, Any]]]
"""Rows by table."""
Models = tuple[tuple[str, str, str], tuple[str, str, str]]
"""Name, version and SHA-256 of the model before, and of the present one."""
_KEPT_DAYS = {"tinjau": 85, "butuh_konteks": 28}
"""Older posts were purged; they live on in tallies."""
_WORDS = "warga kampung jalan desa pagi kopi calon nomor dua coblos pasti menang pasar sungai kantor apel hujan ronda guru kebun kabar"
_FORMS = ((), ("B02",), ("B02", "B05"), ("B01",), ("B05",), ("B03", "B07"), ("B08",), ("B02", "B04"))


def read_posts(rng: random.Random, reviews: int, people: list[str], models: Models, now: dt.datetime) -> Iterator[Rows]:
    """Yield posts with so many reviews by these people."""
    numbers, made = itertools.count(1), 0
    while made < reviews:
        rows: Rows = defaultdict(list)
        for _ in range(AT_ONCE):
            _post(rows, next(numbers), rng, people, models, now)
        made += len(rows[ReviewRow])
        yield rows


def _post(rows: Rows, number: int, rng: random.Random, people: list[str], models: Models, now: dt.datetime) -> None:
    """Add a post as it came in within the time that its state is kept; of those of the last days some are still open."""
    post_id, queue = f"{number:032x}", "tinjau" if rng.random() < 0.7 else "butuh_konteks"
    days = rng.randrange(_KEPT_DAYS[queue])
    came = now - dt.timedelta(days=days, minutes=rng.randrange(1000))
    name, version, sha256 = models[days < 40]
    share = round(rng.uniform(0.7, 1) if queue == "tinjau" else rng.uniform(0.2, 0.7), 4)
    seen = rng.choice(_FORMS) if queue == "tinjau" else ()
    labels = rng.choices([*Label], weights=(1, 2, 5, 2), k=rng.choice((1, 2, 2, 3)))
    labels = [] if days < 9 and rng.random() < 0.6 else _read_in_turn(labels)
    ended = verdict(labels) if labels else None
    outcome = ended.outcome if ended else None
    given = rng.choice(_FORMS[1:]) if outcome == "partisan" else ()
    rows[PostRow].append(
        {
            "id": post_id,
            "state": queue,
            "text": " ".join(rng.choices(_WORDS.split(), k=20)) + f" {number}",
            "facts": {},
            "brought_by": "x",
            "created_at": came,
        }
    )
    rows[JudgementRow].append(
        {
            "id": post_id,
            "post_id": post_id,
            "label": "partisan",
            "decision": queue,
            "confidence": share,
            "probabilities": {
                "bukan_politik": 0.4 * (1 - share),
                "politik_netral": 0.6 * (1 - share),
                "partisan": share,
            },
            "partisan": share,
            "forms": [{"code": code, "probability": 0.8} for code in seen],
            "thresholds": {},
            "model_name": name,
            "model_version": version,
            "model_sha256": sha256,
            "taxonomy": "1.0",
            "engine": "e",
            "created_at": came,
        }
    )
    for turn, (label, person_id) in enumerate(zip(labels, rng.sample(people, 3), strict=False), start=1):
        rows[ReviewRow].append(
            {
                "id": f"{number:028x}{turn:04x}",
                "post_id": post_id,
                "person_id": person_id,
                "round": turn,
                "turn": 1,
                "state": "decided",
                "lease_until": came,
                "label": label,
                "forms": list(given) if label == outcome else [],
                "reason": "alasan",
                "conflict_of_interest": False,
                "decided_at": came + dt.timedelta(hours=turn),
            }
        )
    rows[QueueRow].append(
        {
            "id": post_id,
            "post_id": post_id,
            "queue": queue,
            "priority": rng.randrange(9),
            "known_on": came.date(),
            "round": None if outcome else len(labels) + 1,
            "outcome": outcome,
            "basis": "dua_sepakat" if outcome else None,
            "forms": list(given),
            "model_sha256": sha256,
            "entered_at": came,
            "closed_at": came + dt.timedelta(days=1) if outcome else None,
        }
    )
    rows[SketchRow] += [{"post_id": post_id, "band": rng.getrandbits(62)} for _ in range(BANDS)]


def tallies(rng: random.Random, now: dt.datetime) -> Iterator[Rows]:
    """Yield what is left of the posts that were purged."""
    rows: Rows = defaultdict(list)
    monday = now.date() - dt.timedelta(days=now.weekday())
    for week, queue in itertools.product(range(4, WEEKS), _KEPT_DAYS):
        if 7 * week < _KEPT_DAYS[queue]:
            continue
        read_so = {tuple(_read_in_turn([*labels])) for labels in itertools.product(Label, repeat=2)}
        for seen, read in itertools.product(_FORMS, sorted(read_so)):
            course = {
                "week": monday - dt.timedelta(weeks=week),
                "decision": queue,
                "model": "pilah-mini 0.9.0",
                "seen": ",".join(seen),
                **dict(zip(("first", "second", "third"), [*read, "", ""], strict=False)),
                "confirmed": "B02" if read == (Label.PARTISAN, Label.PARTISAN) else "",
                "posts": rng.randrange(1, 9),
            }
            rows[TallyRow].append(course)
    yield rows


def _read_in_turn(labels: list[Label]) -> list[Label]:
    """Return the labels up to the one with which a post was decided; whoever read last read no further."""
    for read in range(1, len(labels) + 1):
        if verdict(labels[:read]).outcome:
            return labels[:read]
    return labels

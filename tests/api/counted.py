"""Puts posts with judgements, reviews and cases into a store, many at once, as other parts of Pilah would have left them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy.orm import Session

from pilah_api.access import Role
from pilah_api.store.columns import Base, new_id
from pilah_api.store.units import Store
from pilah_api.store.work_tables import CaseRow, JudgementRow, PostRow, ReviewRow
from tests.api.stores import START, person

Review = tuple[int, str, tuple[str, ...]]
"""Round, label and forms."""
_numbers = count(1)


@dataclass(frozen=True)
class Brought:
    """A post that was brought in, and what became of it; `undone` are rounds whose decision was taken back."""

    decision: str = "tinjau"
    seen: tuple[str, ...] = ("B02",)
    reviews: tuple[Review, ...] = ()
    at: dt.datetime = START
    model: str = "pilah-uji"
    undone: tuple[int, ...] = ()
    case_id: str | None = None


def read(
    first: str, second: str | None = None, third: str | None = None, forms: tuple[str, ...] = ()
) -> tuple[Review, ...]:
    """Return the reviews of one post by their labels."""
    return tuple((n, label, forms) for n, label in enumerate((first, second, third), start=1) if label)


def bring(store: Store, posts: Iterable[Brought]) -> list[str]:
    """Store posts with all that is said of them; return their ids."""
    login = f"p{next(_numbers)}"
    readers = [person(store, Role.PENELAAH, login=f"{login}.{n}").id for n in range(3)]
    rows: list[Base] = []
    ids = []
    for post in posts:
        ids.append(new_id(post.at))
        rows += _rows(ids[-1], post, readers)
    # In the order of their references; the unit of work would look for it row by row.
    with Session(store.engine) as session:
        for table in (PostRow, JudgementRow, ReviewRow):
            session.add_all([row for row in rows if isinstance(row, table)])
            session.flush()
        session.commit()
    return ids


def open_cases(store: Store, *found: tuple[str, str | None, str, int]) -> list[str]:
    """Store so many cases of a unit, stage and state each; return their ids."""
    opener = person(store, login=f"k{next(_numbers)}").id
    ids = []
    with Session(store.engine) as session:
        for unit, stage, state, number in found:
            for _ in range(number):
                ids.append(new_id(START))
                session.add(
                    CaseRow(
                        id=ids[-1],
                        state=state,
                        unit=unit,
                        facts={},
                        stage=stage,
                        opened_by=opener,
                        created_at=START,
                    )
                )
        session.commit()
    return ids


def _rows(post_id: str, post: Brought, readers: Sequence[str]) -> list[Base]:
    rows: list[Base] = [
        PostRow(
            id=post_id,
            state=post.decision,
            text="teks uji",
            facts={},
            brought_by="person:x",
            created_at=post.at,
            case_id=post.case_id,
        ),
        JudgementRow(
            id=new_id(post.at),
            post_id=post_id,
            label="partisan",
            decision=post.decision,
            confidence=0.9,
            probabilities={},
            forms=[{"code": code, "probability": 0.7} for code in post.seen],
            thresholds={},
            model_name=post.model,
            model_version="1",
            model_sha256="0" * 64,
            taxonomy="1.0",
            engine="x",
            created_at=post.at,
        ),
    ]
    for turn, (number, label, forms) in enumerate(post.reviews, start=1):
        review = _review(post_id, readers[number - 1], number, turn, post.at)
        review.label, review.forms, review.state = label, list(forms), "decided"
        rows.append(review)
        if number in post.undone:
            undoing = _review(post_id, readers[number - 1], number, 10 + turn, post.at)
            undoing.reverses, undoing.state = review.id, "reversed"
            rows.append(undoing)
    return rows


def _review(post_id: str, person_id: str, number: int, turn: int, at: dt.datetime) -> ReviewRow:
    moment = at + dt.timedelta(minutes=turn)
    return ReviewRow(
        id=new_id(moment),
        post_id=post_id,
        person_id=person_id,
        round=number,
        turn=turn,
        state="leased",
        forms=[],
        conflict_of_interest=False,
        decided_at=moment,
    )

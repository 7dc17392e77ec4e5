"""Posts in a review queue, and the decisions on them that tests make."""

from __future__ import annotations

import datetime as dt

from pilah_api.access import Person
from pilah_api.services.claiming import take
from pilah_api.services.deciding import decide
from pilah_api.services.queueing import Incoming, Sent, send_to_queue
from pilah_api.store.audit import Origin
from pilah_api.store.reviews import Content, Review
from pilah_api.store.units import Store
from pilah_data.taxonomy import Label
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn
from tests.api.stores import TEST

PARTISAN = "Ayo warga kampung, coblos nomor dua demi jalan yang mulus"
ATTACK = "Makanya jangan pilih Santoso lagi, lima tahun nol besar"
UNSURE = "Lanjutkan, Pak!"
CALM = "Apel pagi lancar"

YES = Content(Label.PARTISAN, ("B02",), "partisan.ajakan")
NO = Content(Label.POLITIK_NETRAL, template="netral.informasi")
NOT_POLITICS = Content(Label.BUKAN_POLITIK, template="bukan.homonim")
MAYBE = Content(Label.PERLU_KONTEKS, template="konteks.objek")


def bring(store: Store, *texts: str, known_on: dt.date | None = None, link: str | None = None) -> Sent:
    """Put posts into the queue as an officer would."""
    judged = StandIn().classify([Post(text) for text in texts])
    posts = [
        Incoming(text, judgement, known_on=known_on, link=link) for text, judgement in zip(texts, judged, strict=True)
    ]
    with store.writing(TEST) as unit:
        return send_to_queue(unit, posts, "console")


def bring_one(store: Store, text: str = PARTISAN) -> str:
    """Put one post into the queue; return its id."""
    (post_id,) = bring(store, text).ids
    return post_id


def hold(store: Store, who: Person, post_id: str) -> Review:
    """Let somebody take a post."""
    with store.writing(by(who)) as unit:
        return take(unit, who, post_id)


def settle(store: Store, who: Person, post_id: str, content: Content) -> Review:
    """Let somebody take a post and decide on it."""
    held = hold(store, who, post_id)
    with store.writing(by(who)) as unit:
        return decide(unit, who, held.id, content)


def by(who: Person) -> Origin:
    """Return how the audit names somebody."""
    return Origin(f"person:{who.id}", "test")

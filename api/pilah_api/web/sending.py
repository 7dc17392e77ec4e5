"""Takes posts from the page *Tempel* into the review queue, by a form of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from pilah_api import permissions
from pilah_api.dependencies import JudgeHere, LanguageHere, OriginHere, SettingsHere, StoreHere
from pilah_api.gate import passage_of
from pilah_api.services.classification import InvalidPostsError, Judged, judge_posts
from pilah_api.services.pasting import Split, split_paste
from pilah_api.services.queueing import Incoming, send_to_queue
from pilah_api.services.retries import Answer, Retry, once
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store
from pilah_api.web.render import page
from pilah_api.web.texts import Texts
from pilah_data.errors import InputError
from pilah_model.judgement import Post

router = APIRouter(include_in_schema=False)

PATH = "/antrean/kirim"
_LONGEST = {"waktu": 40, "platform": 100, "tautan": 2000}
_DIGITS = 9
_SEE_OTHER = 303
Text = Annotated[str, Form()]


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """What the form says of where posts come from, as it was typed."""

    waktu: str = ""
    platform: str = ""
    tautan: str = ""
    konteks: str = ""
    diketahui: str = ""


def may_send(request: Request) -> bool:
    """Return whether who asks may put posts into the queue."""
    rule = permissions.find_rule("POST", PATH)
    return rule is not None and rule.allows(passage_of(request).caller, local=False)


def new_token() -> str:
    """Return what makes one form safe to be sent twice."""
    return secrets.token_urlsafe(16)


@router.post("/antrean/kirim")
def send(
    request: Request,
    store: StoreHere,
    judge: JudgeHere,
    settings: SettingsHere,
    language: LanguageHere,
    origin: OriginHere,
    text: Text = "",
    split: Text = Split.AUTO.value,
    nomor: Annotated[list[str] | None, Form()] = None,
    hanya: Text = "",
    sekali: Text = "",
    waktu: Text = "",
    platform: Text = "",
    tautan: Text = "",
    konteks: Text = "",
    diketahui: Text = "",
) -> Response:
    """Judge the paste again and store the chosen posts; what the page said of them is never believed."""
    texts = Texts(language)
    source = Source(waktu, platform, tautan, konteks, diketahui)
    chosen = [hanya] if hanya else nomor or []
    pasted = split_paste(text, Split(split) if split in tuple(Split) else Split.AUTO)
    try:
        picked = _picked(pasted, chosen)
        judged = judge_posts(
            judge, [Post(one, context=konteks or None) for one in picked], settings.limits, explain=False
        )
        incoming = [_incoming(item, source) for item in judged]
        retry = _retry(origin.actor, sekali, [text, split, chosen, dataclasses.astuple(source)])
        sent, passed = _keep(store, origin, incoming, retry)
    except InvalidPostsError:
        return _refused(request, texts("send.none"), text)
    except InputError:
        return _refused(request, texts("send.wrong"), text)
    return RedirectResponse(f"/antrean?kabar=terkirim&n={sent}&lolos={passed}", _SEE_OTHER)


def _picked(pasted: list[str], chosen: list[str]) -> list[str]:
    places = [int(number) for number in chosen if number.isdecimal() and len(number) <= _DIGITS]
    return [pasted[place - 1] for place in places if 0 < place <= len(pasted)]


def _keep(store: Store, origin: Origin, incoming: list[Incoming], retry: Retry | None) -> tuple[int, int]:
    def create() -> Answer:
        sent = send_to_queue(unit, incoming, origin.actor)
        counts = {"sent": len(sent.ids), "passed": sent.passed}
        return Answer(counts, counts)

    with store.writing(origin) as unit:
        counts, _ = once(unit, retry, create)
    return int(counts["sent"]), int(counts["passed"])


def _incoming(item: Judged, source: Source) -> Incoming:
    said = {name: str(getattr(source, name)).strip() for name in _LONGEST}
    if any(len(value) > _LONGEST[name] for name, value in said.items()):
        raise InputError(f"what is told of a post is too long; at most {_LONGEST}")
    facts = {name: said[name] for name in ("waktu", "platform") if said[name]}
    return Incoming(
        item.text, item.judgement, source.konteks.strip() or None, facts, said["tautan"] or None, _day(source.diketahui)
    )


def _day(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise InputError("a day is written as YYYY-MM-DD") from None


def _retry(owner: str, token: str, content: object) -> Retry | None:
    if not token:
        return None
    fingerprint = hashlib.sha256(json.dumps(content).encode("utf-8")).hexdigest()
    return Retry(owner, f"POST {PATH}", token[:100], fingerprint)


def _refused(request: Request, words: str, text: str) -> Response:
    return page(request, "belum_terkirim.html", status=422, words=words, text=text)

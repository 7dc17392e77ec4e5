"""What the pages under *Kelola* have in common: their own menu, who may change things, forms that are safe to send twice."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any

from fastapi import Form, Request, Response
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, StreamingResponse

from pilah_api.access import Role
from pilah_api.attachments import kept_as, pieces
from pilah_api.dependencies import get_language
from pilah_api.gate import passage_of
from pilah_api.security import is_local
from pilah_api.services.retries import Retry
from pilah_api.store.units import Unit
from pilah_api.web.menu import Entry, open_to
from pilah_api.web.render import page
from pilah_api.web.texts import Texts

Text = Annotated[str, Form()]
SEE_OTHER = 303
ROWS = 50
"""Rows of a list on one page."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_IN_MEMORY = 4 * 1024 * 1024

SECTIONS = (
    Entry("/kelola/orang", "manage.people"),
    Entry("/kelola/kunci", "manage.keys"),
    Entry("/kelola/ambang", "manage.thresholds"),
    Entry("/kelola/model", "manage.model"),
    Entry("/kelola/data", "manage.data"),
    Entry("/kelola/audit", "manage.audit"),
    Entry("/kelola/retensi", "manage.retention"),
    Entry("/kelola/belajar", "manage.learning"),
)
"""The pages in the order of their menu."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says at its top: a sentence, and whether it is about something that did not work."""

    words: str
    bad: bool = False


def show(request: Request, template: str, *, told: Told | None = None, status: int = 200, **values: Any) -> Response:
    """Render one of the pages; it says what was just done, as the address tells it, unless `told` says something else."""
    caller = passage_of(request).caller
    return page(
        request,
        template,
        status=status,
        sections=open_to(SECTIONS, caller, local=is_local(request.app.state.settings, request.headers)),
        may_change=caller.person is not None and Role.ADMIN in caller.person.roles,
        told=told or _told(request),
        home=_home(request),
        nonce=secrets.token_urlsafe(24),
        **values,
    )


def texts_of(request: Request) -> Texts:
    """Return the strings in the language of a request."""
    return Texts(get_language(request))


def done(path: str, what: str) -> Response:
    """Lead on to a page, which then says what was done: `what` names a sentence of `DONE`."""
    return RedirectResponse(f"{path}?kabar={what}", SEE_OTHER)


def retry_of(request: Request, nonce: str, fields: Mapping[str, object]) -> Retry | None:
    """Return what makes a form safe to send twice: its one-time mark, and what it says; None for a form without a mark.

    A form that was changed after it was sent (a browser's way back) is another one.
    """
    if not _NONCE.fullmatch(nonce):
        return None
    content = hashlib.sha256(json.dumps(fields, sort_keys=True).encode("utf-8")).hexdigest()
    route = f"{request.method} {request.scope['route'].path}"
    return Retry(passage_of(request).caller.actor, route, f"{nonce}:{content}", content)


def confirmed(yakin: str) -> bool:
    """Return whether the box that a dangerous act asks for was ticked."""
    return yakin == "ya"


def people_of(unit: Unit, references: Iterable[str]) -> dict[str, str]:
    """Return the logins of the people whom references such as `person:ID` name, as far as they have an account."""
    found = {}
    for reference in {one for one in references if one.startswith("person:")}:
        person = unit.people.seek(reference.removeprefix("person:"))
        if person is not None:
            found[reference] = person.login
    return found


def attachment(file: IO[bytes], name: str) -> Response:
    """Send a finished temporary file for keeping; it is gone once it was sent."""
    return StreamingResponse(
        pieces(file), media_type="application/x-ndjson", headers=kept_as(name), background=BackgroundTask(file.close)
    )


def written(export: Callable[[Callable[[str], object]], object]) -> IO[bytes]:
    """Return what an export writes as a file that nobody else sees; a small one stays in memory. Raises what the export raises."""
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    try:
        export(lambda text: file.write(text.encode("utf-8")))
    except BaseException:
        file.close()
        raise
    return file


DONE = {
    "diubah": "manage.done.changed",
    "ditutup": "manage.done.closed",
    "dibuka": "manage.done.opened",
    "dihapus": "manage.done.erased",
    "dicabut": "manage.done.revoked",
    "ambang": "manage.done.moved",
    "asal": "manage.done.returned",
    "model": "manage.done.model",
}
"""The sentence of each thing that was done, by the word that stands in the address afterwards."""


def _home(request: Request) -> str:
    """Return the address that shows a page: this one, or, for the answer to a form, the one of its section."""
    path = request.url.path
    if request.method == "GET":
        return path
    return next((entry.path for entry in SECTIONS if entry.is_current(path)), "/kelola")


def _told(request: Request) -> Told | None:
    key = DONE.get(request.query_params.get("kabar", ""))
    return Told(texts_of(request)(key)) if key else None

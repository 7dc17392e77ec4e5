"""What every page of a case works with: who is asking, in which language, on whose behalf the audit notes it, and the form sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from pilah_api.access import Caller, Person
from pilah_api.dependencies import AlmanacHere, CallerHere, LanguageHere, OriginHere, SignedInHere, StoreHere
from pilah_api.services.cases import Seen, see_case
from pilah_api.services.cases_clock import Almanac
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store
from pilah_api.web.texts import Texts

_LONGEST_VERSION = 9


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of a signed-in person who works on cases."""

    request: Request
    store: Store
    almanac: Almanac
    texts: Texts
    person: Person
    caller: Caller
    origin: Origin

    def see(self, case_id: str) -> Seen:
        """Return a case as far as the person may see it; a look at what is sealed is recorded. Raises NotFoundError."""
        return see_case(self.store, self.caller, case_id, self.origin)


def get_desk(
    request: Request,
    store: StoreHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
) -> Desk:
    """Return the desk of a request. Raises ForbiddenError for a program."""
    return Desk(request, store, almanac, Texts(language), signed_in[0], caller, origin)


async def get_form(request: Request) -> AsyncIterator[FormData]:
    """Yield the form of a request, read once for all; its files are closed afterwards."""
    form = await request.form()
    try:
        yield form
    finally:
        await form.close()


DeskHere = Annotated[Desk, Depends(get_desk)]
FormHere = Annotated[FormData, Depends(get_form)]


def text(form: FormData, name: str) -> str:
    """Return a field of a form that is text; an empty one if it is missing or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def version_of(form: FormData) -> int:
    """Return the version of the case that the form was made for; 0, which no case has, for anything else."""
    version = text(form, "version")
    return int(version) if version.isdecimal() and len(version) <= _LONGEST_VERSION else 0

"""The form of one section of a case; what was typed is kept when somebody else was faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from pilah_api.access import ConflictError, ForbiddenError, NotFoundError
from pilah_api.dependencies import AlmanacHere, CallerHere, LanguageHere, OriginHere, SignedInHere, StoreHere
from pilah_api.services.cases import Seen, change_case, number_of, see_case
from pilah_api.services.cases_clock import Almanac
from pilah_api.services.cases_fields import Kind, Section, of_section
from pilah_api.services.cases_states import writers
from pilah_api.services.cases_values import FieldFault, InvalidFieldsError, Value
from pilah_api.store.case_records import StaleError
from pilah_api.web.kasus import LIST, SEE_OTHER, FormHere, text
from pilah_api.web.kasus_form import blanks
from pilah_api.web.render import page
from pilah_api.web.texts import Texts

router = APIRouter(include_in_schema=False)


@router.get("/kasus/{case_id}/isi/{section}")
def show_section(
    request: Request,
    case_id: str,
    section: str,
    store: StoreHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
) -> Response:
    """Show the form with what is stored."""
    part = _section(section)
    seen = see_case(store, caller, case_id, origin)
    if not seen.unsealed or not writers(part, seen.state) & signed_in[0].roles:
        raise ForbiddenError("this section is not yours to fill now; go back to the case")
    return _form(request, seen, part, seen.values, almanac, Texts(language))


@router.post("/kasus/{case_id}/isi/{section}")
def save_section(
    request: Request,
    case_id: str,
    section: str,
    store: StoreHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
    form: FormHere,
) -> Response:
    """Save the section and go back to the case; a refusal shows the form again with all that was typed."""
    part = _section(section)
    typed = _typed(form, part)
    texts = Texts(language)
    version = text(form, "version")
    try:
        with store.writing(origin) as unit:
            number = int(version) if version.isdecimal() and len(version) < 10 else 0
            change_case(unit, signed_in[0], case_id, number, typed, almanac)
    except InvalidFieldsError as error:
        seen = see_case(store, caller, case_id, origin)
        return _form(request, seen, part, typed, almanac, texts, faults=error.faults, version=version, status=422)
    except StaleError:
        seen = see_case(store, caller, case_id, origin)
        return _form(request, seen, part, typed, almanac, texts, stored=seen.values, status=409)
    except (ConflictError, ForbiddenError):
        seen = see_case(store, caller, case_id, origin)
        if not seen.unsealed:
            raise
        return _form(request, seen, part, typed, almanac, texts, refused=texts("kasus.refused"), status=409)
    return RedirectResponse(f"{LIST}/{case_id}?kabar=saved#{part.value}", SEE_OTHER)


def _section(text: str) -> Section:
    if text not in tuple(Section):
        raise NotFoundError("there is no such section of a case")
    return Section(text)


def _typed(form: FormData, section: Section) -> dict[str, Value]:
    return {
        one.name: tuple(item for item in form.getlist(one.name) if isinstance(item, str))
        if one.kind is Kind.CHOICES
        else text(form, one.name)
        for one in of_section(section)
    }


def _form(
    request: Request,
    seen: Seen,
    section: Section,
    typed: Mapping[str, Value],
    almanac: Almanac,
    texts: Texts,
    *,
    faults: Sequence[FieldFault] = (),
    stored: Mapping[str, Value] | None = None,
    refused: str = "",
    version: str = "",
    status: int = 200,
) -> Response:
    return page(
        request,
        "kasus_isian.html",
        status=status,
        case_id=seen.case.id,
        number=number_of(seen.case),
        # After a conflict the form is for the version whose values stand beside it.
        version=version or str(seen.case.version),
        section=section.value,
        fields=blanks(section, typed, almanac, texts, faults=faults, stored=stored),
        conflict=stored is not None,
        refused=refused,
        faults=[(one.field, texts(f"kasus.field.{one.field}"), texts(f"kasus.wrong.{one.wrong}")) for one in faults],
    )

"""The form of one section of a case; what was typed is kept when somebody else was faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from pilah_api.access import ConflictError, ForbiddenError, NotFoundError
from pilah_api.services.cases import Seen, change_case, number_of
from pilah_api.services.cases_fields import Kind, Section, of_section
from pilah_api.services.cases_states import writers
from pilah_api.services.cases_values import FieldFault, InvalidFieldsError, Value
from pilah_api.store.case_records import StaleError
from pilah_api.web.kasus import LIST, SEE_OTHER
from pilah_api.web.kasus_desk import Desk, DeskHere, FormHere, text, version_of
from pilah_api.web.kasus_form import blanks
from pilah_api.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/kasus/{case_id}/isi/{section}")
def show_section(case_id: str, section: str, desk: DeskHere) -> Response:
    """Show the form with what is stored."""
    part = _section(section)
    seen = desk.see(case_id)
    if not seen.unsealed or not writers(part, seen.state) & desk.person.roles:
        raise ForbiddenError("this section is not yours to fill now; go back to the case")
    return _form(desk, seen, part, seen.values)


@router.post("/kasus/{case_id}/isi/{section}")
def save_section(case_id: str, section: str, desk: DeskHere, form: FormHere) -> Response:
    """Save the section and go back to the case; a refusal shows the form again with all that was typed."""
    part = _section(section)
    typed = _typed(form, part)
    try:
        with desk.store.writing(desk.origin) as unit:
            change_case(unit, desk.person, case_id, version_of(form), typed, desk.almanac)
    except InvalidFieldsError as error:
        seen = desk.see(case_id)
        return _form(desk, seen, part, typed, faults=error.faults, version=text(form, "version"), status=422)
    except StaleError:
        seen = desk.see(case_id)
        return _form(desk, seen, part, typed, stored=seen.values, status=409)
    except (ConflictError, ForbiddenError):
        seen = desk.see(case_id)
        if not seen.unsealed:
            raise
        return _form(desk, seen, part, typed, refused=desk.texts("kasus.refused"), status=409)
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
    desk: Desk,
    seen: Seen,
    section: Section,
    typed: Mapping[str, Value],
    *,
    faults: Sequence[FieldFault] = (),
    stored: Mapping[str, Value] | None = None,
    refused: str = "",
    version: str = "",
    status: int = 200,
) -> Response:
    texts = desk.texts
    return page(
        desk.request,
        "kasus_isian.html",
        status=status,
        case_id=seen.case.id,
        number=number_of(seen.case),
        # After a conflict the form is for the version whose values stand beside it.
        version=version or str(seen.case.version),
        section=section.value,
        fields=blanks(section, typed, desk.almanac, texts, faults=faults, stored=stored),
        conflict=stored is not None,
        refused=refused,
        faults=[(one.field, texts(f"kasus.field.{one.field}"), texts(f"kasus.wrong.{one.wrong}")) for one in faults],
    )

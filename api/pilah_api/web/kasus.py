"""The page *Kasus*: the list of cases, the form that opens one, and the page of one case. Works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from pilah_api.access import CASE_OFFICERS, ConflictError, NotFoundError
from pilah_api.dependencies import AlmanacHere, LanguageHere, StoreHere
from pilah_api.gate import passage_of
from pilah_api.services.cases import AT_OPENING, number_of, open_case, running_countdown
from pilah_api.services.cases_evidence import CHECKS, MOST_BYTES, Checked
from pilah_api.services.cases_exports import Paper
from pilah_api.services.cases_fields import BY_NAME
from pilah_api.services.cases_sources import posts_ready, values_from
from pilah_api.services.cases_states import OPEN_STATES, State
from pilah_api.services.cases_values import FieldFault, InvalidFieldsError, Value, indonesian
from pilah_api.store.units import Unit
from pilah_api.web.kasus_desk import Desk, DeskHere, FormHere, text
from pilah_api.web.kasus_form import blank
from pilah_api.web.kasus_view import case_view, date_words, left_words
from pilah_api.web.render import page
from pilah_api.web.texts import Texts

router = APIRouter(include_in_schema=False)
LIST = "/kasus"
SEE_OTHER = 303
_AT_ONCE = 30
_NO_UPLOAD: dict[str, object] = dict.fromkeys(("captured_by", "captured_at", "zone", *CHECKS), "")
NEWS = ("saved", "moved", "joined", "added", "opened", "erased")
"""What a page may say happened; anything else in the address says nothing."""


@router.get("/kasus")
def show_list(
    request: Request,
    store: StoreHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    keadaan: Annotated[str, Query(max_length=30)] = "",
    sebelum: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show cases by state, newest first; there is no search by person."""
    texts = Texts(language)
    chosen = State(keadaan) if keadaan in tuple(State) else None
    with store.reading() as unit:
        found = unit.cases.page([chosen] if chosen else OPEN_STATES, sebelum, _AT_ONCE + 1)
        counts = unit.cases.counts()
        today = unit.now.astimezone(indonesian("")).date()
    shown = found[:_AT_ONCE]
    rows = []
    for case in shown:
        count = running_countdown(case, almanac, today)
        words = left_words(count.working_left, texts, "kasus.left_working", over=count.working_over) if count else "–"
        known = date_words(case.known_on, texts) if case.known_on else "–"
        state = texts(f"kasus.state.{case.state}")
        rows.append((case, number_of(case), state, known, words, bool(count and count.is_over)))
    filters = [("", texts("kasus.filter.open"), sum(counts.get(state, 0) for state in OPEN_STATES))]
    filters += [(s.value, texts(f"kasus.state.{s.value}"), counts[s.value]) for s in State if counts.get(s.value)]
    return page(
        request,
        "kasus.html",
        rows=rows,
        filters=filters,
        chosen=chosen.value if chosen else "",
        older=shown[-1].id if len(found) > _AT_ONCE else None,
        may_open=_may_open(request),
    )


@router.get("/kasus/baru")
def show_new(desk: DeskHere, kiriman: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show the form that opens a case, and the posts from which one may be opened."""
    with desk.store.reading() as unit:
        return _new_page(desk, unit, {}, kiriman)


@router.post("/kasus/baru")
def open_by_form(desk: DeskHere, form: FormHere) -> Response:
    """Open a case and go to it; a refusal shows the form again with what was typed."""
    typed = {name: text(form, name) for name in AT_OPENING}
    post_id = text(form, "kiriman")
    try:
        with desk.store.writing(desk.origin) as unit:
            case_id = open_case(unit, desk.person, typed, desk.almanac, post_id=post_id or None)
    except (InvalidFieldsError, NotFoundError, ConflictError) as error:
        faults = error.faults if isinstance(error, InvalidFieldsError) else ()
        with desk.store.reading() as unit:
            return _new_page(desk, unit, typed, post_id, faults, status=422)
    return RedirectResponse(f"{LIST}/{case_id}?kabar=opened", SEE_OTHER)


@router.get("/kasus/{case_id}")
def show_case(case_id: str, desk: DeskHere, kabar: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show one case; each look at what is sealed is recorded."""
    return case_page(desk, case_id, news=desk.texts(f"kasus.{kabar}") if kabar in NEWS else "")


def case_page(
    desk: Desk,
    case_id: str,
    *,
    news: str = "",
    error: str = "",
    upload: dict[str, object] | None = None,
    checked: Sequence[Checked] = (),
    reason: str = "",
    status: int = 200,
) -> Response:
    """Show a case as it is now, with what happened or went wrong, and what was typed."""
    view = case_view(desk.see(case_id), desk.person, desk.almanac, desk.texts, desk.store.now(), checked)
    roles = {role.value for role in desk.person.roles}
    return page(
        desk.request,
        "kasus_satu.html",
        status=status,
        view=view,
        roles=roles,
        papers=[paper.value for paper in Paper],
        most=MOST_BYTES // 1024 // 1024,
        news=news,
        error=error,
        upload={**_NO_UPLOAD, **(upload or {})},
        adding=upload is not None,
        reason=reason,
    )


def _may_open(request: Request) -> bool:
    person = passage_of(request).caller.person
    return person is not None and bool(CASE_OFFICERS & person.roles)


def _new_page(
    desk: Desk,
    unit: Unit,
    typed: Mapping[str, Value],
    post_id: str,
    faults: tuple[FieldFault, ...] = (),
    *,
    status: int = 200,
) -> Response:
    posts = posts_ready(unit)
    if post_id in {post.id for post in posts}:
        typed = {**values_from(unit, post_id), **{name: value for name, value in typed.items() if value}}
    wrong = {fault.field: desk.texts(f"kasus.wrong.{fault.wrong}") for fault in faults}
    fields = [blank(BY_NAME[n], typed.get(n, ""), desk.almanac, desk.texts, wrong.get(n, "")) for n in AT_OPENING]
    return page(
        desk.request,
        "kasus_baru.html",
        status=status,
        fields=fields,
        posts=posts,
        used=next((post for post in posts if post.id == post_id), None),
        failed=status != 200,
    )

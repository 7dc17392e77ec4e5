"""An office in which everything is there that a page can show: people of every role, posts, cases, batches, keys, moves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from fastapi.testclient import TestClient

from pilah_api.access import Person, Role, Scope
from pilah_api.app import create_app
from pilah_api.cookies import Cookies
from pilah_api.jobs.worker import Worker
from pilah_api.services.cases_evidence import add_evidence
from pilah_api.services.cases_fields import Section
from pilah_api.services.cases_states import State
from pilah_api.services.keys import make_key
from pilah_api.services.policies import move_thresholds
from pilah_api.services.sessions import Opened
from pilah_api.services.shelf import Shelf
from pilah_api.settings import Settings
from pilah_api.store.engine import for_writing
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from pilah_api.store.work_tables import CaseRow
from tests.api.artefacts import version
from tests.api.batch_work import BOUNDS, drain, feed
from tests.api.casework import CLARIFICATION, INTAKE, RECOMMENDATION, RESULT, opened, png, upload
from tests.api.counted import Brought, open_cases, read
from tests.api.counted import bring as put_in
from tests.api.queue_posts import ATTACK, MAYBE, NO, PARTISAN, UNSURE, YES, bring, by, hold, settle
from tests.api.stand_in import StandIn
from tests.api.stores import enter, person

PUBLIC_URL = "https://pilah.example"
STAFF = {
    Role.PETUGAS: "sari",
    Role.PENELAAH: "bayu",
    Role.PENYELIA: "nur",
    Role.AUDITOR: "agus",
    Role.ADMIN: "dewi",
}
STATES = (State.MASUK, State.KLARIFIKASI, State.KEBERATAN, State.DITUTUP)
"""Where the cases stand: in these, all parts of a case's page are shown and all its sections may be filled."""
LONG = "Ayo coblos nomor dua demi jalan kampung yang mulus sampai ke ujung, kawan, jangan lupa ajak tetangga sebelah. "


@dataclass
class Office:
    """A furnished office: its store and settings, who works there, and the addresses of things by role and page."""

    settings: Settings
    store: Store
    inside: dict[Role, Opened]
    things: dict[Role, dict[str, list[str]]] = field(default_factory=dict)

    @property
    def people(self) -> dict[Role, Person]:
        return {role: opened.person for role, opened in self.inside.items()}

    def headers(self, app: object, role: Role | None) -> dict[str, str]:
        """Return what the browser of somebody sends along, as one application set its cookies."""
        if role is None:
            return {"accept": "text/html"}
        cookies: Cookies = app.state.cookies  # type: ignore[attr-defined]
        one = self.inside[role]
        cookie = cookies.setting(one.token or "", one.session.expires_at, self.store.now()).split(";")[0]
        return {"cookie": cookie, "x-csrf-token": cookies.form_token(one.session.id), "accept": "text/html"}


def furnish(home: Path) -> Office:
    """Open a store and put everything into it, by the services that officers' acts go through."""
    settings = Settings(port=0, home=home, rate_known=0, rate_anonymous=0)
    store = open_store(home, None, None)
    client = TestClient(create_app(settings, StandIn(), store), base_url="http://localhost", client=("127.0.0.1", 1))
    with client:
        office = Office(settings, store, {role: enter(store, role, login=login) for role, login in STAFF.items()})
        posts, cases = _posts(office), _cases(office)
        _upkeep(office, home)
        for role in STAFF:
            batches = _batches(client, office, role) if role in (Role.PETUGAS, Role.PENELAAH, Role.PENYELIA) else {}
            office.things[role] = _things(office, role, posts, cases) | batches
    drain(Worker(store, home, StandIn(), BOUNDS))
    _waiting(client, office)
    return office


def _posts(office: Office) -> dict[str, str]:
    """Bring posts into every state of the queue; return some by what they are."""
    store, people = office.store, office.people
    put_in(store, [Brought(reviews=read("partisan", "partisan", forms=("B02",)))] * 24 + [Brought()] * 9)
    put_in(store, [Brought("butuh_konteks", (), read("perlu_konteks", "politik_netral"))] * 12)
    mine, _, held, doubtful, split, partisan, seen = bring(
        store, LONG, f"{LONG}!", PARTISAN, UNSURE, ATTACK, f"{ATTACK}, kawan", f"{PARTISAN} dan pasar"
    ).ids
    bring(store, *(f"Lanjutkan, Pak! Kabar {n} dari pasar" for n in range(30)))
    petugas, penelaah = people[Role.PETUGAS], people[Role.PENELAAH]
    colleague = person(store, Role.PENELAAH, login="rekan")
    for who, post_id, content in (
        (petugas, doubtful, MAYBE),
        (petugas, mine, YES),
        (penelaah, seen, YES),
        (penelaah, split, YES),
        (colleague, split, NO),
        (people[Role.PENYELIA], split, YES),
        (penelaah, partisan, YES),
        (colleague, partisan, YES),
    ):
        settle(store, who, post_id, content)
    hold(store, petugas, held)
    return {"held": held, "mine": mine, "partisan": partisan, "doubtful": doubtful, "split": split, "seen": seen}


def _cases(office: Office) -> dict[State, str]:
    """Open a case in each of some states, filled as far as a form goes, with one piece of evidence."""
    store, people = office.store, {role.value: who for role, who in office.people.items()}
    values = {**INTAKE, **CLARIFICATION, **RECOMMENDATION, **RESULT}
    found = {}
    for state in STATES:
        found[state] = opened(store, people, values)
        picture = upload(png(60, 40), f"tangkapan layar {state}.png")
        add_evidence(store, office.settings.home, people["petugas"], found[state], picture, by(people["petugas"]))
    with for_writing(store.engine).begin() as connection:
        for state, case_id in found.items():
            connection.execute(sa.update(CaseRow).where(CaseRow.id == case_id).values(state=state.value))
    open_cases(
        store, ("Rumah Tahanan Negara Kelas IIB Sukamaju Timur", "T2", "masuk", 31), ("Lapas A", None, "arsip", 7)
    )
    return found


def _upkeep(office: Office, home: Path) -> None:
    """Make keys, a moved threshold, and a second model version."""
    admin, store = office.people[Role.ADMIN], office.store
    Shelf(home).add(version(home.parent / "newer", "9.9.9"))
    with store.writing(by(admin)) as unit:
        for name, scopes in (("Portal kepegawaian", {Scope.JUDGE}), ("Papan pantau", {Scope.STATS, Scope.AUDIT})):
            make_key(unit, name, frozenset(scopes), 30, f"person:{admin.id}")
        move_thresholds(unit, StandIn(), (0.2, 0.95), "uji coba di kantor", "", f"person:{admin.id}")


def _batches(client: TestClient, office: Office, role: Role) -> dict[str, list[str]]:
    """Upload two feeds as somebody: one is started, one stays a draft."""
    headers = office.headers(client.app, role)
    token = {"csrf": headers["x-csrf-token"]}
    ids = []
    for rows in (90, 20):
        file = {"file": ("umpan bulan November, semua akun dinas.csv", feed(rows, blank=7))}
        answer = client.post("/berkas", headers=headers, data=token, files=file, follow_redirects=False)
        ids.append(answer.headers["location"].split("/")[2])
    client.post(f"/berkas/{ids[0]}/pilih", headers=headers, data={**token, "aksi": "mulai"}).raise_for_status()
    pages = [f"/berkas/{ids[0]}", f"/berkas/{ids[0]}?hal=2&keputusan=tinjau"]
    return {"/berkas/{batch_id}": pages, "/berkas/{batch_id}/pilih": [f"/berkas/{ids[1]}/pilih"]}


def _waiting(client: TestClient, office: Office) -> None:
    """Leave one batch that no worker has taken yet, and show it to everybody who may see it."""
    more = _batches(client, office, Role.PENYELIA)["/berkas/{batch_id}"][0]
    for role in (Role.PENYELIA, Role.ADMIN):
        office.things[role]["/berkas/{batch_id}"] = [*office.things[role].get("/berkas/{batch_id}", ()), more]


def _things(office: Office, role: Role, posts: dict[str, str], cases: dict[State, str]) -> dict[str, list[str]]:
    """Return what stands for each name in braces, and further views of a page, as one role may see them."""
    sections = {
        **dict.fromkeys(itertools.islice(Section, 6), State.MASUK),
        Section.KLARIFIKASI: State.KLARIFIKASI,
        **(dict.fromkeys([*Section][7:], State.KEBERATAN) if role is not Role.PETUGAS else {}),
    }
    own = [posts["held"], posts["mine"]] if role is Role.PETUGAS else [posts["split"], posts["seen"]]
    return {
        "/problems/{slug}": ["/problems/not-found"],
        "/berkas/{batch_id}": [],
        "/berkas/{batch_id}/pilih": ["/berkas/" + "0" * 32 + "/pilih"],
        "/antrean": ["/antrean?lihat=partisan"],
        "/antrean/{post_id}": [f"/antrean/{post_id}" for post_id in (*own, posts["doubtful"], posts["partisan"])],
        "/kasus": ["/kasus?keadaan=arsip"],
        "/kasus/baru": [f"/kasus/baru?kiriman={posts['partisan']}"],
        "/kasus/{case_id}": [f"/kasus/{case_id}" for case_id in cases.values()],
        "/kasus/{case_id}/isi/{section}": [f"/kasus/{cases[state]}/isi/{one}" for one, state in sections.items()],
        "/kelola/orang/{person_id}": [f"/kelola/orang/{office.people[Role.PETUGAS].id}"],
        "/kelola/audit": ["/kelola/audit?jenis=case.changed", "/kelola/audit?dari=x"],
        "/kelola/ambang": ["/kelola/ambang?lolos=0.2&tinjau=0.9"],
        "/masuk/tautan": ["/masuk/tautan?kode=lama"],
    }

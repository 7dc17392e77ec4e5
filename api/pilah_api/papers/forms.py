"""The four forms of a case: report, minutes of the clarification, list of evidence, and the copy for the person concerned."""

from __future__ import annotations

import datetime as dt

from pilah_api.papers.matter import WORDS, Matter, date, form_name, moment, size, weekday
from pilah_api.papers.sheet import Heading, Sheet
from pilah_api.services.cases_evidence import CHECKS
from pilah_api.services.cases_fields import Section
from pilah_api.services.cases_values import indonesian
from pilah_api.store.case_posts import KeptJudgement
from pilah_api.store.evidence import Exhibit
from pilah_data.taxonomy import DECISIONS, Decision
from pilah_data.working_days import CLOCK_DAYS

_HINT = "Rujukan yang mungkin relevan, bukan putusan. Penilaian tetap di tangan pejabat yang berwenang."
_FORGERY = (
    "Tangkapan layar saja dapat dipalsukan. Cocokkan dengan sumber langsung, saksi, atau pengakuan. Berkas asli disimpan tidak berubah; "
    "SHA-256 dihitung saat berkas masuk dan dapat dihitung ulang kapan saja."
)
_BANDS = ((0.9, "tinggi"), (0.7, "sedang"), (0.0, "rendah"))


def report(matter: Matter) -> bytes:
    """Return the report form: formal and material conditions, evidence, stage and time limit."""
    sheet = _sheet(matter, "Formulir laporan dugaan pelanggaran netralitas ASN")
    sections = (Section.ASAL, Section.TERLAPOR, Section.AKUN, Section.PERISTIWA, Section.KIRIMAN, Section.DINAS)
    for letter, section in zip("ABCDEF", sections, strict=True):
        sheet.part(f"{letter}. {WORDS(f'kasus.section.{section.value}')}")
        sheet.fields(matter.rows(section))
    sheet.part("G. Bukti")
    _exhibits(sheet, matter)
    sheet.part("H. Tahapan dan rujukan")
    sheet.fields(matter.stage_rows())
    sheet.words(_HINT)
    sheet.part("I. Tenggat", room=105)
    sheet.fields(_deadline(matter))
    sheet.explain_signs(matter.all_text)
    sheet.signatures(matter.value("place"), ("Pelapor", "Petugas penerima"))
    return sheet.pdf()


def minutes(matter: Matter) -> bytes:
    """Return the minutes of the clarification, to be read and signed by the person concerned."""
    sheet = _sheet(matter, "Berita acara klarifikasi")
    sheet.words(_opening(matter))
    sheet.part("A. Yang dimintai klarifikasi")
    sheet.fields(matter.rows(Section.TERLAPOR))
    sheet.part("B. Yang diklarifikasi")
    names = (
        "account",
        "platform",
        "url",
        "happened_on",
        "happened_at",
        "zone",
        "description",
        "text",
        "parent",
        "picture",
    )
    sheet.fields([(WORDS(f"kasus.field.{name}"), matter.value(name)) for name in names])
    sheet.part("C. Klarifikasi")
    sheet.fields(matter.rows(Section.KLARIFIKASI))
    sheet.part("D. Hak yang telah disampaikan", room=105)
    sheet.points(
        (
            "Yang bersangkutan berhak membaca berita acara ini, meminta perbaikan, dan menolak menandatanganinya dengan alasan.",
            "Tidak seorang pun dinyatakan melanggar karena usulan mesin; keputusan diambil oleh pejabat yang berwenang.",
            "Yang bersangkutan dapat meminta salinan berkas yang menyangkut dirinya, serta mengajukan keberatan dan banding administratif.",
        )
    )
    sheet.explain_signs(matter.all_text)
    sheet.signatures(matter.value("clarified_at_place"), ("Yang memberi klarifikasi", "Petugas yang meminta", "Saksi"))
    return sheet.pdf()


def evidence_list(matter: Matter) -> bytes:
    """Return the list of evidence with its hashes, and what can be seen on each piece."""
    sheet = _sheet(matter, "Daftar bukti")
    sheet.note(_FORGERY)
    for place, exhibit in enumerate(matter.seen.exhibits, start=1):
        sheet.part(f"Bukti {place}. {exhibit.name or ''}")
        sheet.fields(_exhibit_rows(exhibit))
    if not matter.seen.exhibits:
        sheet.words("Belum ada bukti.")
    sheet.part("Cara memeriksa keutuhan")
    sheet.words(
        "Hitung SHA-256 tiap berkas, misalnya dengan perintah sha256sum pada Linux atau Get-FileHash pada Windows, lalu bandingkan "
        "dengan nilai di atas. Paket bukti memuat SHA256SUMS, sehingga sha256sum -c SHA256SUMS memeriksa semuanya sekaligus."
    )
    sheet.signatures("", ("Petugas yang menyerahkan", "Penerima"))
    return sheet.pdf()


def copy_for_person(matter: Matter) -> bytes:
    """Return the copy for the person concerned: text, reasons, evidence, roles, the model's part and how to object; no reporter."""
    sheet = _sheet(matter, "Salinan untuk yang bersangkutan")
    sheet.words(
        "Salinan ini memuat apa yang disimpan tentang Anda dalam kasus ini dan bagaimana dinilai. Identitas pelapor dan saksi tidak "
        "disertakan karena merupakan data pribadi orang lain. Petugas disebut menurut perannya."
    )
    sheet.part("A. Data Anda")
    sheet.fields(_filled(matter, Section.TERLAPOR, Section.AKUN))
    sheet.part("B. Peristiwa dan kiriman")
    sheet.fields(_filled(matter, Section.PERISTIWA, Section.KIRIMAN, Section.DINAS))
    sheet.part("C. Penilaian dan alasannya")
    _steps(sheet, matter)
    for section in (Section.KLARIFIKASI, Section.REKOMENDASI, Section.HASIL, Section.KEBERATAN):
        if rows := _filled(matter, section):
            sheet.part(WORDS(f"kasus.section.{section.value}"))
            sheet.fields(rows)
    sheet.part("D. Bukti")
    _exhibits(sheet, matter)
    sheet.part("E. Bagian mesin")
    for sentence in _model_part(matter.seen.judgement):
        sheet.words(sentence)
    sheet.part("F. Rujukan yang mungkin relevan")
    sheet.fields(matter.stage_rows())
    sheet.words(_HINT)
    sheet.part("G. Cara mengajukan keberatan")
    sheet.points(_OBJECTING)
    sheet.explain_signs(matter.all_text)
    return sheet.pdf()


_OBJECTING = (
    "Koreksi atau penghapusan: sampaikan kepada Satgas, dengan nomor kasus di atas, bagian mana yang keliru dan apa buktinya. Bila "
    "dinyatakan bukan pelanggaran, identitas Anda dihapus dari kasus ini.",
    "Keberatan: ajukan tertulis kepada atasan pejabat yang memutus, dengan alasan dan bukti, dalam tenggat yang tertulis pada keputusan.",
    "Banding administratif: untuk pemberhentian atau pemutusan hubungan perjanjian kerja, ajukan kepada BPASN menurut PP 79/2021.",
    "Sesudah upaya administratif, keputusan dapat digugat ke pengadilan tata usaha negara.",
)


def _sheet(matter: Matter, title: str) -> Sheet:
    sheet = Sheet(Heading(title, matter.number, matter.status))
    sheet.title(f"Keadaan: {WORDS(f'kasus.state.{matter.seen.state.value}')}")
    return sheet


def _filled(matter: Matter, *sections: Section) -> list[tuple[str, str]]:
    """Return what is filled and about the person concerned; witnesses are somebody else."""
    rows = [row for section in sections for row in matter.rows(section, without=frozenset({"witnesses"}))]
    return [row for row in rows if row[1]]


def _opening(matter: Matter) -> str:
    on = matter.seen.values.get("clarified_on")
    place = matter.value("clarified_at_place") or "………………………"
    if not on:
        return f"Pada hari ………………, tanggal ………………………, bertempat di {place}, diminta klarifikasi dari:"
    day = dt.date.fromisoformat(str(on))
    return f"Pada hari {weekday(day)}, tanggal {date(day)}, bertempat di {place}, diminta klarifikasi dari:"


def _deadline(matter: Matter) -> list[tuple[str, str]]:
    known_on = matter.seen.case.known_on
    if known_on is None:
        return [("Diketahui", "")]
    count = matter.almanac.countdown(known_on, known_on)
    return [
        ("Diketahui", date(known_on)),
        (f"Hari ke-{CLOCK_DAYS}", date(count.due)),
        (
            f"Hari kerja ke-{CLOCK_DAYS}",
            date(count.working_due) + ("" if count.certain else " (hari libur tahun itu belum terdaftar)"),
        ),
    ]


def _exhibits(sheet: Sheet, matter: Matter) -> None:
    rows = [
        (str(place), one.name or "", size(one.bytes), one.sha256)
        for place, one in enumerate(matter.seen.exhibits, start=1)
    ]
    if rows:
        sheet.table(("No.", "Berkas", "Ukuran", "SHA-256"), rows, (0.07, 0.36, 0.15, 0.42))
    else:
        sheet.words("Belum ada bukti.")


def _exhibit_rows(one: Exhibit) -> list[tuple[str, str]]:
    zone = indonesian(one.zone or "")
    seen = ", ".join(f"{WORDS(f'kasus.check.{name}')}: {'ya' if one.checks.get(name) else 'tidak'}" for name in CHECKS)
    return [
        ("SHA-256", one.sha256),
        ("Jenis dan ukuran", f"{one.media_type}, {size(one.bytes)} ({WORDS.whole(one.bytes)} byte)"),
        ("Diambil", f"{moment(one.captured_at, zone) if one.captured_at else ''}, oleh {one.captured_by or '–'}"),
        ("Dimasukkan", f"{moment(one.added_at, zone)}, oleh petugas {one.added_by[-6:]}"),
        ("Pemeriksaan mata", seen),
    ]


def _steps(sheet: Sheet, matter: Matter) -> None:
    zone = indonesian(str(matter.seen.values.get("zone", "")))
    rows = [
        (
            moment(step.taken_at, zone),
            f"{WORDS(f'kasus.state.{step.source}')} ke {WORDS(f'kasus.state.{step.target}')}",
            step.role,
            step.reason or "",
        )
        for step in matter.seen.steps
    ]
    if rows:
        sheet.table(("Waktu", "Langkah", "Peran", "Alasan"), rows, (0.2, 0.24, 0.12, 0.44))
    else:
        sheet.words("Belum ada langkah.")


def _model_part(judgement: KeptJudgement | None) -> list[str]:
    if judgement is None:
        return ["Kiriman ini dimasukkan oleh petugas. Tidak ada usulan mesin yang disimpan dalam kasus ini."]
    band = next(name for least, name in _BANDS if judgement.confidence >= least)
    forms = ", ".join(f"{code} {form_name(code)}" for code in judgement.forms) or "tidak ada"
    thresholds = "; ".join(f"{name} {WORDS.decimal(value)}" for name, value in sorted(judgement.thresholds.items()))
    return [
        f"Mesin mengusulkan kiriman ini untuk {DECISIONS[Decision(judgement.decision)].title.lower()} dengan keyakinan {band}. "
        f"Bentuk yang diusulkan: {forms}. Usulan mesin bukan putusan; setiap langkah di atas diputuskan oleh orang.",
        f"Model {judgement.model} versi {judgement.version}, mesin {judgement.engine}, SHA-256 {judgement.sha256}. "
        f"Ambang yang berlaku: {thresholds or 'tidak tercatat'}.",
    ]

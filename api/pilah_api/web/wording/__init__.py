"""Every string of the interface, once, in Indonesian and English; one module for each page."""

from __future__ import annotations

from pilah_api.web.wording import (
    antrean,
    berkas,
    berkas_alasan,
    berkas_baris,
    check,
    common,
    judgement,
    kasus,
    kasus_isian,
    kasus_tahap,
    kelola,
    kelola_ambang,
    kelola_audit,
    kelola_belajar,
    kelola_kartu,
    kelola_kunci,
    signing,
    summary,
    tempel,
)
from pilah_api.web.wording.pairs import Pairs

PAGES: tuple[Pairs, ...] = (
    common.TEXTS,
    signing.TEXTS,
    tempel.TEXTS,
    check.TEXTS,
    judgement.TEXTS,
    berkas.TEXTS,
    berkas_alasan.TEXTS,
    berkas_baris.TEXTS,
    antrean.TEXTS,
    summary.TEXTS,
    kasus.TEXTS,
    kasus_isian.TEXTS,
    kasus_tahap.TEXTS,
    kelola.TEXTS,
    kelola_kunci.TEXTS,
    kelola_ambang.TEXTS,
    kelola_kartu.TEXTS,
    kelola_audit.TEXTS,
    kelola_belajar.TEXTS,
)


def _joined() -> Pairs:
    joined = {key: pair for page in PAGES for key, pair in page.items()}
    if len(joined) < sum(len(page) for page in PAGES):
        raise ValueError("two pages name a string alike; give one of them another key")
    return joined


TEXTS = _joined()

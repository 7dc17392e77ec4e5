"""Strings of every page: the frame, and pages about problems."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "app.name": ("Pilah", "Pilah"),
    "app.tagline": ("memilah kiriman, manusia yang memutuskan", "sorts posts, people decide"),
    "app.skip": ("Langsung ke isi", "Skip to content"),
    "app.menu": ("Menu utama", "Main menu"),
    "app.switch": ("English", "Bahasa Indonesia"),
    "app.api": ("Dokumen API", "API documents"),
    "app.no_model": ("Model belum siap", "The model is not ready"),
    "app.model": ("Model", "Model"),
    "app.taxonomy": ("taksonomi", "taxonomy"),
    "app.engine": ("mesin", "engine"),
    "app.privacy": (
        "Teks diproses di server Pilah ini saja. Tidak disimpan, tidak dicatat, tidak dikirim ke mana pun.",
        "Texts are processed on this Pilah server only. They are not stored, not logged and not sent anywhere.",
    ),
    "app.person": (
        "Hasil Pilah adalah usulan mesin, bukan putusan. Penilaian dan keputusan tetap di tangan manusia "
        "yang membaca kiriman beserta konteksnya.",
        "What Pilah says is a machine's proposal, not a ruling. Judgement and decision stay with people "
        "who read the post in its context.",
    ),
    "problem.back": ("Kembali ke halaman Tempel", "Back to the paste page"),
    "problem.request": ("Nomor permintaan", "Request id"),
    "problem.status": ("Kode HTTP", "HTTP status"),
    "problem.index": ("Jenis masalah", "Kinds of problem"),
    "problem.index_lead": (
        "Setiap jawaban galat dari API menyebut salah satu jenis ini pada bidang type.",
        "Every error answer of the API names one of these kinds in its type.",
    ),
}

"""Strings of the page *Kelola › Kunci*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "keys.lead": (
        "Program memanggil API dengan kunci. Pilah hanya menyimpan sidiknya; teks kuncinya tampil sekali.",
        "Programs call the API with a key. Pilah keeps only its hash; the key's text is shown once.",
    ),
    "keys.none": ("Belum ada kunci.", "There is no key yet."),
    "keys.name": ("Kunci", "Key"),
    "keys.by": ("dibuat oleh", "made by"),
    "keys.scopes": ("Cakupan", "Scopes"),
    "keys.used": ("Terakhir dipakai", "Last used"),
    "keys.until": ("berlaku sampai", "lasts until"),
    "keys.expired": ("habis masa", "expired"),
    "keys.revoked": ("dicabut", "revoked"),
    "keys.revoke": ("Cabut", "Revoke"),
    "keys.sure": ("Ya, program ini langsung ditolak.", "Yes, the program is refused at once."),
    "keys.revoke_it": ("Cabut kunci", "Revoke the key"),
    "keys.new": ("Kunci baru", "New key"),
    "keys.program": ("Program yang memakainya", "Program that uses it"),
    "keys.days": ("Berlaku (hari)", "Lasts (days)"),
    "keys.make": ("Buat kunci", "Make the key"),
    "keys.made": ("Kunci baru", "New key"),
    "keys.once": (
        "Catat sekarang di tempat yang aman. Setelah halaman ini ditutup, kunci tidak dapat ditampilkan lagi.",
        "Note it down now in a safe place. Once this page is closed, the key cannot be shown again.",
    ),
    "keys.shown": (
        "Formulir ini sudah terkirim dan kuncinya sudah ditampilkan sekali. Bila belum tercatat, cabut lalu buat yang baru.",
        "This form was sent already and its key shown once. If it was not noted down, revoke it and make a new one.",
    ),
    "keys.bad": (
        "Isi nama program (paling banyak 100 karakter), 1 sampai {most} hari, dan paling sedikit satu cakupan.",
        "Give the program's name (at most 100 characters), 1 to {most} days and at least one scope.",
    ),
    "scope.judge": ("Menilai", "Judge"),
    "scope.judge_about": ("Menilai kiriman; tidak ada yang disimpan.", "Judge posts; nothing is stored."),
    "scope.batches": ("Berkas", "Batches"),
    "scope.batches_about": ("Mengunggah berkas dan mengambil hasilnya.", "Upload feeds and fetch their results."),
    "scope.reviews": ("Antrean", "Reviews"),
    "scope.reviews_about": ("Membaca dan mengisi antrean telaah.", "Read and fill the review queue."),
    "scope.cases": ("Kasus", "Cases"),
    "scope.cases_about": ("Membaca dan mengubah kasus.", "Read and change cases."),
    "scope.stats": ("Angka", "Counts"),
    "scope.stats_about": ("Membaca jumlah-jumlah saja.", "Read counts only."),
    "scope.audit": ("Audit", "Audit"),
    "scope.audit_about": ("Membaca dan memeriksa audit.", "Read and verify the audit."),
}

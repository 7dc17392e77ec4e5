"""Strings of the pages *Kelola › Audit* and *Kelola › Retensi*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "audit.lead": (
        "Setiap perbuatan tercatat dan terantai: catatan yang diubah, dihapus, atau dipindah akan ketahuan. Audit memuat rujukan, "
        "bukan nama, kiriman, atau rahasia.",
        "Every act is recorded in a chain that shows what was altered, removed or moved. It holds references, never names or posts.",
    ),
    "audit.check": ("Periksa rantai", "Verify the chain"),
    "audit.anchor": ("Jangkar", "Anchor"),
    "audit.anchor_hint": (
        "Boleh kosong. Dengan jangkar yang dulu dicatat, rantai yang dipotong seluruhnya pun ketahuan.",
        "May be empty. With an anchor noted down earlier, even a chain cut back as a whole shows.",
    ),
    "audit.check_it": ("Periksa sekarang", "Verify now"),
    "audit.whole": ("Utuh: {n} catatan", "Whole: {n} records"),
    "audit.not_whole": ("Tidak utuh", "Not whole"),
    "audit.anchor_note": (
        "Catat jangkar ini di luar komputer ini, lalu pakai pada pemeriksaan berikutnya.",
        "Note this anchor down outside of this machine and use it at the next check.",
    ),
    "audit.export": ("Ekspor", "Export"),
    "audit.export_about": (
        "Semua catatan sebagai berkas JSON Lines, yang tertua lebih dulu. Ekspornya sendiri ikut tercatat.",
        "All records as a file of JSON lines, oldest first. The export itself is recorded.",
    ),
    "audit.export_it": ("Unduh catatan", "Download the records"),
    "audit.filter": ("Saring", "Filter"),
    "audit.filter_hint": (
        "Pelaku dan perihal: nama masuk, atau rujukan seperti person:… atau key:…. Tanggal menurut WIB.",
        "Who and about: a login, or a reference such as person:… or key:…. Days are those of western Indonesia.",
    ),
    "audit.kind": ("Jenis", "Kind"),
    "audit.all": ("semua", "all"),
    "audit.who": ("Pelaku", "Who"),
    "audit.about": ("Perihal", "About"),
    "audit.since": ("Dari tanggal", "From"),
    "audit.until": ("Sampai tanggal", "Until"),
    "audit.show": ("Tampilkan", "Show"),
    "audit.clear": ("Kosongkan", "Clear"),
    "audit.bad_date": (
        "Tanggalnya tidak terbaca. Tulis sebagai 2026-11-26.",
        "The day cannot be read. Write it as 2026-11-26.",
    ),
    "audit.records": ("Catatan", "Records"),
    "audit.number": ("No.", "No."),
    "audit.when": ("Waktu", "When"),
    "audit.detail": ("Rincian", "Detail"),
    "audit.none": ("Tidak ada catatan yang cocok.", "No record matches."),
    "audit.older": ("Catatan yang lebih lama", "Older records"),
    "retention.lead": (
        "Data disimpan selama masih diperlukan, lalu dihapus. Yang lolos tidak pernah disimpan.",
        "Data is kept while it is needed, then deleted. What passed is never stored.",
    ),
    "retention.periods": ("Yang disimpan dan berapa lama", "What is kept and for how long"),
    "retention.what": ("Apa", "What"),
    "retention.how_long": ("Berapa lama", "How long"),
    "retention.due": ("Akan dihapus", "Due"),
    "retention.lolos": ("Kiriman yang lolos", "Posts that passed"),
    "retention.never": ("tidak disimpan", "not stored"),
    "retention.butuh_konteks": ("Kiriman yang butuh konteks", "Posts that need context"),
    "retention.tinjau": ("Kiriman untuk ditinjau yang belum diputus", "Posts for review, undecided"),
    "retention.days": ("{n} hari", "{n} days"),
    "retention.settled": ("Kiriman yang diputus bukan pelanggaran", "Posts found lawful"),
    "retention.minutes": ("{n} menit sesudah putusan", "{n} minutes after the decision"),
    "retention.cases": ("Kasus, kirimannya, dan buktinya", "Cases, their posts and evidence"),
    "retention.schedule": (
        "menurut jadwal retensi arsip, atau sampai dihapus",
        "by the archive schedule, or until erased",
    ),
    "retention.batches": ("Berkas unggahan dan hasilnya", "Uploaded feeds and results"),
    "retention.own_date": ("sampai tanggalnya sendiri", "until a date of their own"),
    "retention.access": ("Sesi, tautan, dan catatan gagal masuk", "Sessions, links and failed sign-ins"),
    "retention.access_days": ("sampai berakhir; paling lama dua hari", "until they end; at most two days"),
    "retention.orphans": ("Sisa berkas yang tidak dikenal", "Leftover files that nothing refers to"),
    "retention.a_day": ("satu hari", "a day"),
    "retention.ever": ("selamanya", "for good"),
    "retention.kept": (
        "Tersimpan sekarang: {posts} kiriman, {cases} kasus, {evidence} bukti.",
        "Kept now: {posts} posts, {cases} cases, {evidence} pieces of evidence.",
    ),
    "retention.purge": ("Bersihkan sekarang", "Purge now"),
    "retention.purge_about": (
        "Menghapus {n} hal yang sudah lewat waktunya. Yang terhapus tidak dapat dikembalikan, kecuali dari cadangan.",
        "Deletes {n} things that have had their time. They cannot be brought back, except from a backup.",
    ),
    "retention.sure": ("Ya, hapus yang sudah lewat waktunya.", "Yes, delete what has had its time."),
    "retention.purge_it": ("Hapus sekarang", "Delete now"),
    "retention.purged": ("Selesai: {n} hal dihapus", "Done: {n} things deleted"),
    "retention.history": ("Pembersihan terakhir", "Last purges"),
    "retention.deleted": ("Dihapus", "Deleted"),
    "retention.no_runs": ("Belum pernah ada pembersihan.", "Nothing was purged yet."),
    "retention.erasures": ("Penghapusan akun dan kasus", "Erasures of accounts and cases"),
    "retention.in_audit": ("Semuanya dalam audit", "All of them in the audit"),
}

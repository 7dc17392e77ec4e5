"""Strings of the states, moves and sections of a case, and of what keeps a field, file or step from being accepted."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

_STATES: Pairs = {
    "masuk": ("Masuk", "Received"),
    "triase": ("Triase", "Triage"),
    "butuh_konteks": ("Butuh konteks", "Needs context"),
    "telaah_1": ("Telaah 1", "Reading 1"),
    "telaah_2": ("Telaah 2", "Reading 2"),
    "klarifikasi": ("Klarifikasi", "Clarification"),
    "rekomendasi": ("Rekomendasi", "Recommendation"),
    "hasil": ("Hasil", "Result"),
    "keberatan": ("Keberatan atau banding", "Objection or appeal"),
    "ditutup": ("Ditutup: bukan pelanggaran", "Closed: no violation"),
    "arsip": ("Arsip", "Archive"),
    "dihapus": ("Dihapus", "Erased"),
}
_MOVES: Pairs = {
    "masuk.triase": ("Mulai triase", "Begin triage"),
    "masuk.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "triase.telaah_1": ("Serahkan ke telaah 1", "Hand over to reading 1"),
    "triase.butuh_konteks": ("Tandai butuh konteks", "Mark as needing context"),
    "triase.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "butuh_konteks.triase": ("Konteks lengkap, kembali ke triase", "Context found, back to triage"),
    "butuh_konteks.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "telaah_1.telaah_2": ("Cukup alasan, teruskan ke telaah 2", "Grounds enough, on to reading 2"),
    "telaah_1.triase": ("Kembalikan ke triase", "Back to triage"),
    "telaah_1.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "telaah_2.klarifikasi": ("Cukup alasan, minta klarifikasi", "Grounds enough, ask for clarification"),
    "telaah_2.triase": ("Kembalikan ke triase", "Back to triage"),
    "telaah_2.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "klarifikasi.rekomendasi": ("Susun rekomendasi", "Draw up the recommendation"),
    "klarifikasi.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "rekomendasi.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "rekomendasi.hasil": ("Rekomendasi selesai, catat hasil", "Recommendation done, note the result"),
    "hasil.keberatan": ("Catat keberatan", "Note an objection"),
    "hasil.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "hasil.arsip": ("Pindahkan ke arsip", "Archive"),
    "keberatan.hasil": ("Kembali ke hasil", "Back to the result"),
    "keberatan.ditutup": ("Tutup: bukan pelanggaran", "Close: no violation"),
    "keberatan.arsip": ("Pindahkan ke arsip", "Archive"),
    "ditutup.triase": ("Buka lagi ke triase", "Open again for triage"),
}
_SECTIONS: Pairs = {
    "asal": ("Asal laporan", "Origin"),
    "terlapor": ("Terlapor", "Reported person"),
    "akun": ("Akun dan identifikasi", "Account and identification"),
    "peristiwa": ("Peristiwa", "Event"),
    "kiriman": ("Isi kiriman", "Post"),
    "dinas": ("Kaitan dinas dan saksi", "Link to the office, witnesses"),
    "klarifikasi": ("Klarifikasi", "Clarification"),
    "rekomendasi": ("Rekomendasi", "Recommendation"),
    "hasil": ("Hasil dan penyimpanan", "Result and retention"),
    "keberatan": ("Keberatan dan banding", "Objection and appeal"),
}
_WRONG: Pairs = {
    "unknown_field": ("isian ini tidak dikenal", "this field is not known"),
    "not_text": ("harus berupa teks", "must be text"),
    "too_long": ("terlalu panjang; ringkaskan", "too long; shorten it"),
    "unreadable": ("memuat karakter yang tidak dapat disimpan", "holds characters that cannot be kept"),
    "not_a_date": ("bukan tanggal; tulis TTTT-BB-HH", "is not a date; write YYYY-MM-DD"),
    "in_future": ("tanggalnya belum terjadi", "the date lies in the future"),
    "in_past": ("tanggalnya harus sesudah hari ini", "the date must lie ahead"),
    "not_a_moment": ("bukan jam; tulis misalnya 14:30", "is not an hour; write 14:30, for example"),
    "not_offered": ("bukan salah satu pilihan", "is none of the choices"),
    "not_a_nip": (
        "bukan susunan NIP (tanggal lahir, bulan pengangkatan, jenis kelamin, nomor urut); cocokkan dengan sumbernya",
        "is not built as a NIP (birth date, month of appointment, sex, serial); compare it with the source",
    ),
    "not_a_nik": (
        "bukan susunan NIK (wilayah, tanggal lahir, nomor urut); cocokkan dengan sumbernya",
        "is not built as a NIK (region, birth date, serial); compare it with the source",
    ),
    "not_a_link": ("bukan alamat; awali dengan https://", "is not an address; begin with https://"),
    "not_a_number": ("bukan nomor kasus", "is not a case number"),
    "missing": ("belum diisi atau belum memenuhi syarat", "is not filled, or not as it must be"),
}
_FILES: Pairs = {
    "empty": ("Berkas kosong atau belum dipilih.", "The file is empty or was not chosen."),
    "too_large": (
        "Berkas terlalu besar; paling banyak {size} MiB. Potong bagian yang dipersoalkan saja.",
        "The file is too large; at most {size} MiB. Send the part in question.",
    ),
    "name": (
        "Nama berkas memuat garis miring, tanda khusus, atau karakter tersembunyi. Ganti namanya lalu unggah lagi.",
        "The file's name holds a slash, a special sign or a hidden character. Rename it and upload it again.",
    ),
    "type": (
        "Isi berkas bukan PNG, JPEG, PDF, HTML, atau MP4. Ambil ulang bukti dalam salah satu bentuk itu.",
        "The file's content is none of PNG, JPEG, PDF, HTML and MP4. Capture the evidence anew in one of them.",
    ),
    "ending": (
        "Akhiran nama berkas tidak sesuai isinya. Sesuaikan akhirannya lalu unggah lagi.",
        "The ending of the name does not fit the content. Correct it and upload it again.",
    ),
    "damaged": (
        "Berkas rusak atau berisi hal lain di dalamnya. Ambil ulang buktinya.",
        "The file is damaged or holds something else besides. Capture it anew.",
    ),
    "polyglot": (
        "Berkas ini sekaligus berkas jenis lain. Demi keamanan, ambil ulang buktinya.",
        "The file is a file of another type as well. To be safe, capture it anew.",
    ),
    "pixels": (
        "Gambar terlalu besar ukurannya. Ambil sebagian layar saja.",
        "The picture has too many points. Capture part of the screen.",
    ),
    "captured_by": ("Tulis siapa yang mengambil bukti ini.", "Say who captured this."),
    "captured_at": (
        "Tulis tanggal dan jam pengambilan yang sudah lewat.",
        "Give the date and hour of the capture, in the past.",
    ),
    "zone": ("Pilih zona waktu pengambilan.", "Choose the time zone of the capture."),
    "too_many": (
        "Kasus ini sudah memuat jumlah atau ukuran bukti terbanyak.",
        "The case holds as many files, or as much, as it may.",
    ),
    "duplicate": ("Berkas yang sama persis sudah ada di kasus ini.", "The very same file is part of the case already."),
}
_CHECKS: Pairs = {
    "url_visible": ("URL terlihat", "URL visible"),
    "time_visible": ("Jam terlihat", "Time visible"),
    "account_visible": ("Nama akun terlihat", "Account visible"),
    "direct_source": ("Diambil dari sumber langsung", "Taken from the source itself"),
}

TEXTS: Pairs = {
    **{f"kasus.state.{name}": pair for name, pair in _STATES.items()},
    **{f"kasus.move.{name}": pair for name, pair in _MOVES.items()},
    **{f"kasus.section.{name}": pair for name, pair in _SECTIONS.items()},
    **{f"kasus.wrong.{name}": pair for name, pair in _WRONG.items()},
    **{f"kasus.file.{name}": pair for name, pair in _FILES.items()},
    **{f"kasus.check.{name}": pair for name, pair in _CHECKS.items()},
    "kasus.field.evidence": ("Paling sedikit satu bukti", "At least one piece of evidence"),
}

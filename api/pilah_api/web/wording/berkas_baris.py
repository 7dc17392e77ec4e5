"""Strings of the page *Berkas*: why a row was not judged, and how a file was read, by the codes of `reason_templates`."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "reason.row.blank": (
        "Kolom {column} kosong atau hanya berisi tanda yang tidak tampak.",
        "The column {column} is blank or holds only invisible signs.",
    ),
    "reason.row.formula": (
        "Kolom {column} kosong. Bila programnya menampilkan teks di sana, itu rumus yang hasilnya tidak tersimpan: buka berkasnya di "
        "program itu, simpan, lalu unggah lagi.",
        "The column {column} is blank. If the program shows a text there, it is a formula whose result is not in the file: open "
        "the file there, save it, and upload it again.",
    ),
    "reason.row.no_text": (
        "Isian {column} tidak ada atau bukan teks.",
        "The field {column} is missing or no text.",
    ),
    "reason.row.context": ("Konteks di isian {column} bukan teks.", "The context in the field {column} is no text."),
    "reason.row.bytes": (
        "Ada huruf yang tidak dapat dibaca. Simpan berkas sebagai CSV UTF-8 atau XLSX, atau isi Pengodean huruf di Pilihan lain.",
        "There are letters that cannot be read. Save the file as CSV in UTF-8 or as XLSX, or fill in the Encoding under More options.",
    ),
    "reason.row.no_object": (
        "Bukan JSON yang benar, sehingga tidak dapat dibaca. Ekspor lagi berkasnya.",
        "No valid JSON, so that it cannot be read. Export the file again.",
    ),
    "reason.row.invalid": (
        "Baris ini tidak dapat dibaca sebagai baris tabel. Perbaiki di berkasnya, lalu unggah lagi.",
        "This cannot be read as a row of a table. Mend it in the file, and upload that.",
    ),
    "reason.row.quote": (
        "Tanda kutip yang dibuka di baris ini tidak ditutup di akhir selnya, sehingga baris {first} sampai {last} terbaca sebagai satu "
        "baris dan tidak dinilai. Tutup tanda kutipnya, atau tulis dua kali di dalam teks.",
        "A quote that opens in this row is not closed where its cell ends, so that lines {first} to {last} were read as one row "
        "and not judged. Close the quote, or double it inside a text.",
    ),
    "reason.row.quote_line": (
        "Tanda kutip yang dibuka di baris {first} tidak ditutup di akhir selnya, sehingga baris ini tidak dinilai. Tutup tanda kutipnya, "
        "atau tulis dua kali di dalam teks.",
        "A quote that opens in line {first} is not closed where its cell ends, so that it was not judged. Close the quote, or "
        "double it inside a text.",
    ),
    "reason.row.cells": (
        "Baris ini memiliki {count} sel, padahal judulnya {width} kolom.",
        "This row has {count} cells, and the header {width} columns.",
    ),
    "reason.row.unnamed": (
        "Ada isi di bawah kolom tanpa nama. Beri nama kolom itu, atau kosongkan selnya.",
        "A cell stands under a column without a name. Name the column, or empty the cell.",
    ),
    "reason.row.scored": (
        "Isian {column} seperti hasil Pilah. Hapus atau ganti namanya.",
        "The field {column} looks like a result of Pilah. Remove or rename it.",
    ),
    "reason.row.long": (
        "Teks atau konteksnya {count} karakter; yang dinilai paling banyak {most}. Bagi menjadi beberapa kiriman.",
        "The text or its context has {count} characters; at most {most} are judged. Split it.",
    ),
    "reason.note.list": (
        "Kiriman dibaca dari daftar {path}.",
        "The posts are read from the list {path}.",
    ),
    "reason.note.other_list": (
        "Daftar {path} juga memiliki kolom {column} ({count} entri) dan tidak dibaca.",
        "The list {path} has a column {column}, too ({count} entries), and is not read.",
    ),
    "reason.note.column": ("Teks dibaca dari kolom {column}.", "The text is read from the column {column}."),
    "reason.note.column_files": (
        "Dalam {count} dari {most} berkas, teks dibaca dari kolom {column}.",
        "In {count} of {most} files, the text is read from the column {column}.",
    ),
    "reason.note.sheet": (
        "Yang dibaca hanya lembar {sheet}; lembar lain: {sheets}. Untuk memeriksa lembar lain, unggah lagi dan isi Nama lembar di "
        "Pilihan lain.",
        "Only the sheet {sheet} is read; the others are {sheets}. To check another one, upload it again and fill in the Name of "
        "the sheet under More options.",
    ),
    "reason.note.day_first": (
        "Tanggal dibaca sebagai hari/bulan/tahun.",
        "Dates are read as day/month/year.",
    ),
    "reason.note.month_first": (
        "Tanggal dibaca sebagai bulan/hari/tahun.",
        "Dates are read as month/day/year.",
    ),
    "reason.note.cp1252": (
        "Berkas ini bukan UTF-8 dan dibaca sebagai Windows-1252. Bila hurufnya tampak salah, unggah lagi dan isi Pengodean huruf di "
        "Pilihan lain.",
        "The file is no UTF-8 and is read as Windows-1252. If letters look wrong, upload it again and fill in the Encoding under "
        "More options.",
    ),
    "reason.note.unnamed": ("{count} kolom tanpa nama tidak dibaca.", "{count} columns without a name are not read."),
    "reason.note.lettered": (
        "Kolom tanpa nama disebut menurut hurufnya: {columns}.",
        "Columns without a name are called by their letters: {columns}.",
    ),
    "reason.note.numbers": (
        "Ada bilangan dengan 16 angka atau lebih, yang tidak disimpan utuh oleh lembar kerja. Jangan andalkan pengenal di antaranya; "
        "ekspor sebagai teks.",
        "There are numbers of 16 digits and more, of which a spreadsheet does not keep every digit. Do not rely on ids among "
        "them; export them as text.",
    ),
    "reason.note.links": ("{count} tautan ke tempat lain dilewati.", "{count} links to other places are left out."),
    "reason.note.other_kind": (
        "{count} berkas jenis lain ({ending}) dilewati.",
        "{count} files of another kind ({ending}) are left out.",
    ),
    "reason.note.without_ending": (
        "{count} berkas tanpa akhiran nama dilewati.",
        "{count} files without an ending of their name are left out.",
    ),
    "reason.note.without_posts": (
        "{count} berkas tanpa kiriman dilewati.",
        "{count} files without posts are left out.",
    ),
    "reason.note.above": (
        "{count} baris di atas judul kolom dilewati.",
        "{count} rows above the column names are left out.",
    ),
    "reason.note.without_text": (
        "{count} entri tanpa teks (foto, media, yang dihapus) dilewati.",
        "{count} entries without a text (photos, media, deleted) are left out.",
    ),
    "reason.note.system": (
        "{count} baris dari aplikasi sendiri (anggota, enkripsi, panggilan) dilewati.",
        "{count} lines of the application itself (members, encryption, calls) are left out.",
    ),
    "reason.note.above_chat": (
        "{count} baris di atas pesan pertama dilewati.",
        "{count} lines above the first message are left out.",
    ),
    "reason.note.of_two": (
        "{count} percakapan berdua dilewati.",
        "{count} conversations of two are left out.",
    ),
}

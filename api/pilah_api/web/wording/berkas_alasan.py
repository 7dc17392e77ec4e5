"""Strings of the page *Berkas*: why a file was refused and what helps, by the codes of `reason_templates`."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "reason.empty": (
        "{file} kosong. Ekspor lagi, lalu unggah berkas yang berisi judul kolom dan kiriman.",
        "{file} is empty. Export it again, and upload a file with column names and posts.",
    ),
    "reason.no_posts": (
        "{file} tidak memuat kiriman. Unggah berkas yang berisi teks kiriman.",
        "{file} holds no posts. Upload a file with the texts of posts.",
    ),
    "reason.private": (
        "{file} memuat pesan pribadi, yang tidak dibaca dari ekspor akun. Unggah berkas kiriman atau komentarnya.",
        "{file} holds private messages, which are not read from an account's export. Upload its posts or comments.",
    ),
    "reason.other_list": (
        "{file} tidak memuat kiriman, melainkan data lain ({what}). Unggah berkas kiriman atau komentarnya.",
        "{file} holds other data ({what}), not posts. Upload the file of posts or of comments.",
    ),
    "reason.pdf": (
        "{file} adalah PDF. Minta datanya dalam bentuk tabel (CSV atau XLSX).",
        "{file} is a PDF. Ask for the data as a table (CSV or XLSX).",
    ),
    "reason.database": (
        "{file} adalah basis data. Minta tabel kirimannya sebagai CSV.",
        "{file} is a database. Ask for the table with the posts as CSV.",
    ),
    "reason.page": (
        "{file} adalah halaman web atau XML. Minta ekspornya sebagai JSON atau CSV.",
        "{file} is a web page or XML. Ask for the export as JSON or CSV.",
    ),
    "reason.packed": (
        "{file} dimampatkan dengan cara yang tidak dibaca. Buka mampatannya dahulu, atau mampatkan sebagai ZIP.",
        "{file} is packed in a way that is not read. Unpack it first, or pack it as ZIP.",
    ),
    "reason.unknown": (
        "{file} bukan jenis ekspor yang dikenal. Bila Anda tahu jenisnya, pilih Format di Pilihan lain; bila tidak, "
        "minta datanya sebagai CSV atau XLSX.",
        "{file} is no export that is known. If you know its kind, choose the Format under More options; otherwise ask for "
        "the data as CSV or XLSX.",
    ),
    "reason.alone": (
        "{file} bukan tabel dengan dua kolom atau lebih. Bila memuat kiriman, unggah berkas itu sendiri, di luar arsipnya.",
        "{file} is no table of two columns or more. If it holds posts, upload that file alone, outside its archive.",
    ),
    "reason.not_as": (
        "{file} tidak dapat dibaca sebagai {format}. Pilih Format lain di Pilihan lain, atau Otomatis.",
        "{file} cannot be read as {format}. Choose another Format under More options, or Automatic.",
    ),
    "reason.damaged": (
        "{file} rusak, terpotong, atau bukan jenis berkas yang disebut. Ekspor atau unduh lagi, lalu unggah lagi.",
        "{file} is damaged, cut off, or not the kind of file it is said to be. Export or download it again, and upload that.",
    ),
    "reason.damaged_after": (
        "{file} rusak setelah baris {row}. Ekspor atau unduh lagi, lalu unggah lagi.",
        "{file} is damaged after row {row}. Export or download it again, and upload that.",
    ),
    "reason.unreadable": (
        "{file} tidak dapat dibaca. Unggah lagi; bila terulang, ekspor lagi berkasnya.",
        "{file} cannot be read. Upload it again; if that does not help, export it again.",
    ),
    "reason.not_unpacked": (
        "{file} tidak dapat dibuka dari arsipnya. Buka arsip itu dengan program lain, lalu unggah berkasnya satu per satu.",
        "{file} cannot be unpacked. Unpack the archive with another program, and upload its files one by one.",
    ),
    "reason.encrypted": (
        "{file} dikunci dengan kata sandi. Simpan salinannya tanpa kata sandi, lalu unggah salinan itu.",
        "{file} is locked by a password. Save a copy without one, and upload the copy.",
    ),
    "reason.zero_bytes": (
        "{file} bukan berkas teks. Simpan sebagai CSV UTF-8 atau XLSX, lalu unggah lagi.",
        "{file} is no text file. Save it as CSV in UTF-8 or as XLSX, and upload that.",
    ),
    "reason.encoding": (
        "Huruf dalam {file} tidak dapat dibaca dengan pengodean yang diduga. Simpan sebagai CSV UTF-8 atau XLSX, atau isi "
        "Pengodean huruf di Pilihan lain (misalnya cp1252).",
        "The letters in {file} cannot be read in the encoding that was supposed. Save it as CSV in UTF-8 or as XLSX, or fill in "
        "the Encoding under More options (for example cp1252).",
    ),
    "reason.unknown_encoding": (
        "Pengodean huruf {encoding} tidak dikenal. Coba utf-8, utf-16, atau cp1252, atau kosongkan.",
        "The encoding {encoding} is not known. Try utf-8, utf-16 or cp1252, or leave it empty.",
    ),
    "reason.no_column": (
        "{file} tidak memiliki kolom {column}. Kolom yang ada: {columns}. Pilih salah satunya.",
        "{file} has no column {column}. Its columns are {columns}. Choose one of them.",
    ),
    "reason.no_text_column": (
        "Tidak ada kolom yang tampak berisi teks kiriman. Kolom yang ada: {columns}. Baris pertama harus berisi nama kolom.",
        "No column looks like the text of a post. The columns are {columns}. The first line must hold the names of columns.",
    ),
    "reason.which_column": (
        "Teks kiriman dapat berada di lebih dari satu kolom: {column}. Pilih kolom yang harus diperiksa.",
        "The text of a post may stand in more than one column: {column}. Choose the one to check.",
    ),
    "reason.column_twice": (
        "Dalam {file} kolom {column} muncul dua kali. Ganti nama salah satunya, lalu unggah lagi.",
        "In {file} the column {column} occurs twice. Rename one of them, and upload it again.",
    ),
    "reason.own_column": (
        "{file} memiliki kolom {column}, padahal di situ ditulis nama tiap berkas. Ganti nama kolom itu, atau unggah berkasnya sendiri.",
        "{file} has a column {column}, in which the name of each file is written. Rename that column, or upload the file alone.",
    ),
    "reason.scored": (
        "{file} memiliki kolom {column}, seperti hasil Pilah, sehingga tampaknya sudah pernah diperiksa. Unggah berkas aslinya, "
        "atau ganti nama kolom itu.",
        "{file} has a column {column} as results of Pilah have, so it looks checked already. Upload the original, or rename "
        "that column.",
    ),
    "reason.header_quote": (
        "Tanda kutip di baris pertama {file} tidak ditutup. Baris pertama harus berisi nama kolom.",
        "A quote in the first line of {file} is not closed. The first line must hold the names of columns.",
    ),
    "reason.no_object": (
        "{file} bukan JSON per baris. Pilih Format lain di Pilihan lain, atau ekspor lagi sebagai CSV.",
        "{file} is no JSON by lines. Choose another Format under More options, or export it again as CSV.",
    ),
    "reason.no_sheets": (
        "{file} bukan buku kerja dan tidak memiliki lembar. Kosongkan Nama lembar di Pilihan lain.",
        "{file} is no workbook and has no sheets. Empty the Name of the sheet under More options.",
    ),
    "reason.no_sheet": (
        "{file} tidak memiliki lembar {sheet}. Lembar yang ada: {sheets}. Isi Nama lembar di Pilihan lain.",
        "{file} has no sheet {sheet}. Its sheets are {sheets}. Fill in the Name of the sheet under More options.",
    ),
    "reason.save_again": (
        "{file} tidak dapat dibaca sebagai lembar kerja. Buka di Excel atau LibreOffice, simpan sebagai XLSX atau CSV, lalu unggah lagi.",
        "{file} cannot be read as a spreadsheet. Open it in Excel or LibreOffice, save it as XLSX or CSV, and upload that.",
    ),
    "reason.too_wide": (
        "{file} terlalu besar atau terlalu lebar untuk dibuka, atau rusak. Hapus isi yang jauh di luar tabel, atau simpan sebagai CSV.",
        "{file} is too large or too wide to be opened, or damaged. Delete what stands far outside the table, or save it as CSV.",
    ),
    "reason.no_feed": (
        "{file} tidak memuat berkas kiriman yang dapat dibaca. Yang dikenal: {kinds}.",
        "{file} holds no file of posts that can be read. Known are {kinds}.",
    ),
    "reason.no_feed_because": (
        "{file} tidak memuat berkas kiriman yang dapat dibaca. {reason}",
        "{file} holds no file of posts that can be read. {reason}",
    ),
    "reason.too_large": (
        "Isinya terlalu banyak untuk dibuka sekaligus. Unggah hanya berkas yang diperlukan, satu per satu.",
        "It holds too much to be opened at once. Upload only the files that are needed, one by one.",
    ),
    "reason.harmful": (
        "{file} tampak dibuat untuk merusak. Jangan dibuka; tanyakan kepada pengirimnya dan laporkan kepada pengelola server.",
        "{file} looks as if it was made to do harm. Do not open it; ask its sender, and tell whoever runs the server.",
    ),
    "reason.too_many_rows": (
        "Berkas ini memuat lebih dari {most} baris, batas server ini. Bagi menjadi beberapa berkas.",
        "There are more than {most} rows, the limit of this server. Send them in several files.",
    ),
    "reason.no_library": (
        "Server ini tidak dapat membaca jenis berkas {file}. Simpan sebagai CSV, atau hubungi pengelola server.",
        "This server cannot read files such as {file}. Save it as CSV, or tell whoever runs the server.",
    ),
    "reason.stopped": (
        "Pemeriksaan gagal {count} kali berturut-turut. Unggah lagi; bila terulang, hubungi pengelola server.",
        "The check failed {count} times in a row. Upload it again; if that does not help, tell whoever runs the server.",
    ),
    "reason.mixed": (
        "Model atau berkasnya berubah sebelum pemeriksaan selesai, dan dua penilaian yang berbeda tidak dicampur. Unggah lagi berkasnya.",
        "The model or the file changed before the check was finished, and judgements of two kinds are not mixed. Upload it again.",
    ),
}

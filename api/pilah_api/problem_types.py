"""The kinds of problem that the server answers with: stable slugs, and what each means, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: the slug in its `type`, the HTTP status, and its words in English and Indonesian."""

    slug: str
    status: int
    title: str
    meaning: str
    title_id: str
    meaning_id: str


# The first row of a status is the one that a bare status is translated to.
_ROWS: tuple[tuple[str, int, str, str, str, str], ...] = (
    (
        "bad-request",
        400,
        "The request cannot be understood",
        "The request breaks the HTTP protocol or the form in which it says it comes. Compare it with /docs.",
        "Permintaan tidak dipahami",
        "Permintaan tidak sesuai bentuk yang dinyatakannya. Bandingkan dengan /docs.",
    ),
    (
        "malformed-json",
        400,
        "The body is not JSON",
        "The body of the request cannot be read as JSON in UTF-8. Mend it and send it again.",
        "Isi permintaan bukan JSON",
        "Isi permintaan tidak terbaca sebagai JSON UTF-8. Perbaiki lalu kirim ulang.",
    ),
    (
        "unauthorized",
        401,
        "A valid key is needed",
        "The request carries no credentials where they are needed, or a wrong, expired or revoked key. Sign in, or send "
        "'Authorization: Bearer <key>'; on the machine itself, what stores nothing also answers without.",
        "Perlu kunci yang sah",
        "Permintaan tidak membawa kunci, atau kuncinya salah. Minta kunci kepada pengelola server ini.",
    ),
    (
        "sign-in-refused",
        401,
        "The sign-in was refused",
        "The login and the password do not belong together, or the one-time link was used or has expired.",
        "Masuk ditolak",
        "Nama masuk dan kata sandi tidak cocok, atau tautan sekali pakai sudah terpakai. Periksa lalu coba lagi.",
    ),
    (
        "forbidden",
        403,
        "This is not for your role or key",
        "The credentials are valid, but neither a role nor a scope of theirs opens this address; docs/permissions.md lists who may "
        "do what.",
        "Tidak diizinkan untuk peran Anda",
        "Peran atau kunci Anda tidak memberi akses ke sini. Hubungi pengelola bila ini keliru.",
    ),
    (
        "missing-form-token",
        403,
        "The request does not carry its session's token",
        "A request by cookie that changes something carries the token that /v1/session gives, in the header X-CSRF-Token or the form "
        "field csrf, so that no other site can act in your name. Read it anew and send the request again.",
        "Formulir kedaluwarsa",
        "Formulir ini tidak membawa tanda pengenal sesi Anda. Muat ulang halaman lalu kirim lagi.",
    ),
    (
        "cross-site",
        403,
        "The form was sent from another site",
        "The page takes its form only from itself, so that no other site can send posts in your name. Open the page and send it there.",
        "Formulir dikirim dari situs lain",
        "Halaman ini hanya menerima formulirnya sendiri. Buka halaman Tempel lalu kirim dari sana.",
    ),
    (
        "not-found",
        404,
        "There is nothing at this address",
        "No page or call has this address. The calls are listed at /docs.",
        "Alamat tidak ditemukan",
        "Tidak ada halaman di alamat ini. Kembali ke halaman Tempel.",
    ),
    (
        "method-not-allowed",
        405,
        "The address does not take this method",
        "The address exists, with other methods; the header Allow lists them.",
        "Cara akses tidak dikenal",
        "Alamat ini ada, tetapi tidak dapat dipakai dengan cara itu.",
    ),
    (
        "too-slow",
        408,
        "The body came too slowly",
        "The body of the request did not arrive within the time that the server allows (PILAH_REQUEST_SECONDS). Send it again.",
        "Kiriman terlalu lambat",
        "Isi kiriman tidak sampai dalam batas waktu. Periksa sambungan Anda lalu kirim ulang.",
    ),
    (
        "conflict",
        409,
        "What is stored stands in the way",
        "The request contradicts what is stored, such as a login that is taken; the detail says what.",
        "Bertentangan dengan data yang ada",
        "Permintaan bertentangan dengan data tersimpan. Baca keterangannya.",
    ),
    (
        "changed-meanwhile",
        412,
        "Somebody else changed it meanwhile",
        "The case has another version than the one in If-Match. Nothing was stored. Read it again, and repeat what is still right.",
        "Sudah diubah orang lain",
        "Kasus ini diubah orang lain setelah Anda membukanya. Tidak ada yang tersimpan; buka lagi lalu ulangi yang masih perlu.",
    ),
    (
        "too-large",
        413,
        "The body is too large",
        "The body is larger than the server accepts (PILAH_MAX_BODY_BYTES, for a file PILAH_MAX_UPLOAD_BYTES). Send it in parts.",
        "Kiriman terlalu besar",
        "Isi kiriman melebihi batas server. Kirim dalam beberapa bagian.",
    ),
    (
        "unsupported-media-type",
        415,
        "The body is of an unsupported type",
        "The call takes JSON, or a form with a file (multipart/form-data). Send the header Content-Type that belongs to the body.",
        "Jenis isi tidak didukung",
        "Alamat ini menerima JSON, atau formulir dengan berkas (multipart/form-data). Sertakan Content-Type yang sesuai.",
    ),
    (
        "unknown-host",
        421,
        "The server does not answer to this name",
        "A server that listens on this machine only answers to localhost, 127.0.0.1 and [::1], so that no web site can reach it under "
        "a name of its own. Use one of these in the address.",
        "Nama server tidak dikenal",
        "Server ini hanya melayani alamat localhost, 127.0.0.1, dan [::1]. Pakai salah satunya.",
    ),
    (
        "invalid-input",
        422,
        "The input cannot be judged as it is",
        "The request is well-formed, but one or more fields break a rule; errors names each by a JSON pointer and says what to do.",
        "Masukan belum dapat diperiksa",
        "Ada isian yang tidak memenuhi aturan. Periksa keterangan kesalahannya.",
    ),
    (
        "retry-mismatch",
        422,
        "The Idempotency-Key was used for another request",
        "The same key came with a different body or address before. Use a new key for a new request, and the old one only to repeat.",
        "Kunci pengulangan sudah terpakai",
        "Idempotency-Key ini sudah dipakai untuk permintaan lain.",
    ),
    (
        "version-required",
        428,
        "The version is missing",
        "A change of a case names the version it was made for: send the ETag of the case in If-Match.",
        "Versi belum disebutkan",
        "Perubahan kasus harus menyebut versinya. Buka kasusnya lagi lalu ulangi.",
    ),
    (
        "locked-out",
        429,
        "Too many failed sign-ins",
        "Too many sign-ins failed for this login or from this address. Wait as long as Retry-After says; the wait doubles each time.",
        "Terlalu sering gagal masuk",
        "Terlalu banyak percobaan masuk yang gagal. Tunggu sebentar sebelum mencoba lagi.",
    ),
    (
        "rate-limited",
        429,
        "Too many requests",
        "More requests came with these credentials, or from this address without any, than are answered in a minute "
        "(PILAH_RATE_KNOWN, PILAH_RATE_ANONYMOUS). Wait as long as Retry-After says, and put several posts into one request.",
        "Terlalu banyak permintaan",
        "Terlalu banyak permintaan dalam satu menit. Tunggu sebentar sebelum mencoba lagi.",
    ),
    (
        "head-too-large",
        431,
        "The headers are too large",
        "The request line and headers have more than 64 KiB together. Send less in them; posts belong into the body.",
        "Kepala permintaan terlalu besar",
        "Baris permintaan dan header melebihi 64 KiB. Kurangi isinya.",
    ),
    (
        "caller-gone",
        499,
        "The caller has hung up",
        "The connection was closed before the posts were judged, so they were dropped. Only the log ever shows this.",
        "Sambungan diputus",
        "Sambungan terputus sebelum hasilnya siap. Kirim ulang bila masih diperlukan.",
    ),
    (
        "internal",
        500,
        "The server failed",
        "An error that nobody foresaw. The server's log holds it under the request's id; nothing of the posts is written there.",
        "Terjadi kegagalan di server",
        "Terjadi kesalahan yang tidak terduga. Sampaikan nomor permintaan kepada pengelola.",
    ),
    (
        "not-ready",
        503,
        "The model is not ready",
        "The server runs, but its model is still loading or cannot be loaded; /readyz says which. Try again later.",
        "Model belum siap",
        "Server menyala, tetapi modelnya belum siap. Coba lagi sebentar lagi atau hubungi pengelola.",
    ),
    (
        "busy",
        503,
        "The model has too much to do",
        "So many posts wait to be judged that this request would wait longer than it should (PILAH_MAX_WAIT_MS), or the server is "
        "stopping. Nothing of it was judged; send it again after Retry-After.",
        "Server sedang sibuk",
        "Terlalu banyak kiriman sedang diperiksa. Belum ada yang diperiksa dari kiriman ini; coba lagi sebentar lagi.",
    ),
    (
        "timed-out",
        503,
        "Judging took too long",
        "The posts were not judged within the time that the server allows (PILAH_REQUEST_SECONDS). Send fewer at once, without "
        "explain if you can, or try later.",
        "Pemeriksaan terlalu lama",
        "Kiriman tidak selesai diperiksa dalam batas waktu. Kirim lebih sedikit sekaligus, atau coba lagi nanti.",
    ),
    (
        "store-unavailable",
        503,
        "The database does not answer",
        "The server runs, but its database cannot be reached or is busy. Nothing of the request was kept; send it again later.",
        "Basis data tidak menjawab",
        "Basis data sedang tidak dapat dipakai. Tidak ada yang tersimpan; coba lagi sebentar lagi.",
    ),
    (
        "storage-full",
        507,
        "There is no room for the file",
        "The disk of the server has no room for what was sent. Nothing of it was kept; tell whoever runs the server, or send less.",
        "Tempat penyimpanan penuh",
        "Penyimpanan server penuh, sehingga berkas tidak tersimpan. Hubungi pengelola server.",
    ),
)

PROBLEM_TYPES: dict[str, ProblemType] = {row[0]: ProblemType(*row) for row in _ROWS}
"""All kinds by slug, in order of status."""

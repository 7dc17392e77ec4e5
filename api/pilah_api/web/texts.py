"""Every string of the interface, once, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """A language of the interface."""

    ID = "id"
    EN = "en"

    @property
    def other(self) -> Language:
        """Return the language that the switch leads to."""
        return Language.EN if self is Language.ID else Language.ID


def language_of(asked: str | None, remembered: str | None) -> Language:
    """Choose the language asked for, else the one remembered, else Indonesian; unknown codes count as none."""
    for code in (asked, remembered):
        if code in tuple(Language):
            return Language(code)
    return Language.ID


# key: (Indonesian, English)
TEXTS: Mapping[str, tuple[str, str]] = {
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
    "signin.title": ("Masuk", "Sign in"),
    "signin.lead": (
        "Antrean, kasus, dan pengaturan hanya terbuka bagi petugas yang masuk.",
        "Queue, cases and settings are open to officers who have signed in.",
    ),
    "signin.login": ("Nama masuk", "Login"),
    "signin.password": ("Kata sandi", "Password"),
    "signin.submit": ("Masuk", "Sign in"),
    "signin.out": ("Keluar", "Sign out"),
    "signin.help": (
        "Lupa kata sandi? Minta tautan sekali pakai kepada pengelola.",
        "Forgot the password? Ask an administrator for a one-time link.",
    ),
    "signin.refused": (
        "Nama masuk dan kata sandi tidak cocok. Periksa keduanya lalu coba lagi.",
        "The login and the password do not belong together. Check both and try again.",
    ),
    "signin.locked": (
        "Terlalu banyak percobaan yang gagal. Tunggu {seconds} detik lalu coba lagi.",
        "Too many failed sign-ins. Wait {seconds} seconds and try again.",
    ),
    "signin.link_lead": (
        "Tautan ini sekali pakai: tekan tombol untuk masuk. Setelah itu tautan tidak berlaku lagi.",
        "This link works once: press the button to sign in. After that it is used up.",
    ),
    "signin.link_used": (
        "Tautan ini sudah terpakai atau kedaluwarsa. Minta tautan baru kepada pengelola.",
        "This link was used or has expired. Ask an administrator for a new one.",
    ),
    "password.title": ("Kata sandi Anda", "Your password"),
    "password.lead": (
        "Paling sedikit 12 karakter. Tiga atau empat kata yang tidak berkaitan sudah kuat dan mudah diingat.",
        "At least 12 characters. Three or four unrelated words are strong and easy to remember.",
    ),
    "password.current": ("Kata sandi sekarang", "Current password"),
    "password.new": ("Kata sandi baru", "New password"),
    "password.again": ("Kata sandi baru, sekali lagi", "New password, once more"),
    "password.submit": ("Simpan kata sandi", "Save the password"),
    "password.differ": ("Kedua isian kata sandi baru tidak sama.", "The two entries of the new password differ."),
    "password.weak": (
        "Kata sandi itu terlalu pendek atau mudah ditebak. Pakai tiga atau empat kata yang tidak berkaitan.",
        "That password is too short or easily guessed. Take three or four unrelated words.",
    ),
    "password.wrong": ("Kata sandi sekarang keliru.", "The current password is wrong."),
    "paste.title": ("Tempel kiriman", "Paste posts"),
    "paste.lead": (
        "Tempel satu atau beberapa kiriman media sosial. Pilah mengusulkan mana yang lolos, mana yang butuh konteks, "
        "dan mana yang perlu ditinjau, beserta kata-kata yang menjadi petunjuknya.",
        "Paste one or more social-media posts. Pilah proposes which ones pass, which need context and which should be "
        "reviewed, together with the words that point to it.",
    ),
    "paste.label": ("Teks kiriman", "Text of the posts"),
    "paste.hint": (
        "Pisahkan kiriman dengan baris kosong. Tanpa baris kosong, tiap baris dihitung satu kiriman. Paling banyak {limit} kiriman.",
        "Separate posts by a blank line. Without blank lines, every line counts as a post. At most {limit} posts.",
    ),
    "paste.split": ("Cara memisahkan", "How to separate"),
    "paste.split.auto": ("Otomatis", "Automatic"),
    "paste.split.baris": ("Tiap baris satu kiriman", "Every line is a post"),
    "paste.split.utuh": ("Semuanya satu kiriman", "All of it is one post"),
    "paste.submit": ("Periksa kiriman", "Check posts"),
    "paste.busy": ("Sedang memeriksa…", "Checking…"),
    "paste.shortcut": ("atau tekan Ctrl + Enter", "or press Ctrl + Enter"),
    "paste.count": ("{n} kiriman", "{n} post(s)"),
    "paste.clear": ("Kosongkan", "Clear"),
    "error.heading": ("Belum dapat diperiksa", "Cannot be checked yet"),
    "error.where": ("Kiriman ke-{n}: ", "Post {n}: "),
    "fault.no_posts": (
        "Belum ada teks yang dapat dibaca. Tempel paling sedikit satu kiriman.",
        "There is no readable text yet. Paste at least one post.",
    ),
    "fault.too_many_posts": (
        "Ada {size} kiriman; sekali periksa paling banyak {limit}. Bagi menjadi beberapa kali.",
        "There are {size} posts; at most {limit} are checked at once. Check them in several rounds.",
    ),
    "fault.blank": (
        "hanya berisi karakter yang tidak terlihat. Hapus, atau tempel teksnya.",
        "holds invisible characters only. Remove it, or paste its text.",
    ),
    "fault.too_long": (
        "panjangnya {size} karakter; paling banyak {limit}. Bagi, atau tempel bagian yang dipersoalkan saja.",
        "has {size} characters; at most {limit} are judged. Split it, or paste only the part in question.",
    ),
    "result.title": ("Hasil", "Results"),
    "result.summary": ("{n} kiriman diperiksa", "{n} post(s) checked"),
    "result.post": ("Kiriman {n}", "Post {n}"),
    "result.decision": ("Usulan", "Proposal"),
    "result.label": ("Penilaian model", "The model's reading"),
    "result.confidence": ("Keyakinan", "Confidence"),
    "result.text": ("Teks asli", "Original text"),
    "result.evidence_note": (
        "Tanpa kata-kata yang ditandai, nilai keberpihakan menurut model akan turun.",
        "Without the marked words the model's partisan score would be lower.",
    ),
    "result.mark_start": ("[petunjuk: ", "[telling words: "),
    "result.mark_end": ("]", "]"),
    "result.forms": ("Bentuk", "Forms"),
    "result.direction": ("Arah", "Direction"),
    "result.references": ("Rujukan", "References"),
    "result.reference_note": (
        "rujukan yang mungkin relevan, bukan putusan",
        "possibly relevant references, not a ruling",
    ),
    "result.truncated": (
        "Teks ini lebih panjang daripada yang dibaca model. Bagian akhirnya belum dinilai; bagi teksnya bila bagian itu penting.",
        "This text is longer than the model reads. Its end was not judged; split the text if that part matters.",
    ),
    "result.details": ("Angka dan rincian", "Figures and details"),
    "result.probabilities": ("Peluang tiap label", "Probability of each label"),
    "result.form_probabilities": ("Peluang tiap bentuk", "Probability of each form"),
    "result.column_label": ("Label", "Label"),
    "result.column_probability": ("Peluang", "Probability"),
    "result.column_form": ("Bentuk", "Form"),
    "result.column_words": ("Kata petunjuk", "Telling words"),
    "result.column_weight": (
        "Bagian peluang (odds) partisan yang hilang bila dihapus",
        "Share of the partisan odds that goes if removed",
    ),
    "result.confidence_is": ("Keyakinan pada label ini", "Confidence in this label"),
    "result.tokens": ("Panjang yang dibaca model", "Length that the model read"),
    "result.tokens_unit": ("token", "tokens"),
    "result.thresholds": ("Ambang yang berlaku", "Thresholds in force"),
    "result.threshold.lolos_below": ("lolos di bawah", "passes below"),
    "result.threshold.tinjau_from": ("tinjau mulai", "review from"),
    "band.rendah": ("rendah", "low"),
    "band.sedang": ("sedang", "medium"),
    "band.tinggi": ("tinggi", "high"),
    "problem.back": ("Kembali ke halaman Tempel", "Back to the paste page"),
    "problem.request": ("Nomor permintaan", "Request id"),
    "problem.status": ("Kode HTTP", "HTTP status"),
    "problem.index": ("Jenis masalah", "Kinds of problem"),
    "problem.index_lead": (
        "Setiap jawaban galat dari API menyebut salah satu jenis ini pada bidang type.",
        "Every error answer of the API names one of these kinds in its type.",
    ),
}


class Texts:
    """The strings of one language; an unknown key is an error, never an empty place on a page."""

    def __init__(self, language: Language):
        self.language = language
        self._column = tuple(Language).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the string, with its placeholders filled in."""
        text = TEXTS[key][self._column]
        return text.format(**values) if values else text

    def of(self, indonesian: str, english: str) -> str:
        """Choose between two given wordings, such as those of the taxonomy."""
        return (indonesian, english)[self._column]

    def whole(self, number: int) -> str:
        """Write a whole number with the thousands separator of the language."""
        return f"{number:,}".replace(",", self.of(".", ","))

    def decimal(self, number: float, digits: int = 2) -> str:
        """Write a number with the decimal separator of the language."""
        return f"{number:.{digits}f}".replace(".", self.of(",", "."))

    def percent(self, share: float) -> str:
        """Write a probability as a percentage; only certainty is called 100 %."""
        if 0.9995 <= share < 1:
            return f"> {self.decimal(99.9, 1)}%"
        if 0 < share < 0.0005:
            return f"< {self.decimal(0.1, 1)}%"
        return f"{self.decimal(share * 100, 1)}%"

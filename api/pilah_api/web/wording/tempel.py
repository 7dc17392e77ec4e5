"""Strings of the page *Tempel*, and of what keeps posts from being judged."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "paste.menu": ("Tempel", "Paste"),
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
    "paste.join": ("Jadikan satu kiriman", "Make it one post"),
    "paste.apart": ("Pisahkan lagi", "Separate again"),
    "paste.preview": ("Lihat awal tiap kiriman", "See how each post begins"),
    "facts.title": ("Keterangan kiriman (opsional)", "About the post (optional)"),
    "facts.hint": (
        "Tidak mengubah penilaian model. Berguna bagi penelaah, dan berlaku untuk semua kiriman di atas.",
        "Does not change the model's reading. It helps reviewers, and holds for all posts above.",
    ),
    "facts.konteks": ("Konteks: kiriman yang ditanggapi, gambar, acara", "Context: the post answered, picture, event"),
    "facts.waktu": ("Tanggal dan jam terbit", "Date and time of posting"),
    "facts.platform": ("Platform", "Platform"),
    "facts.platform_hint": ("misalnya Facebook, TikTok, grup WhatsApp", "for example Facebook, TikTok, WhatsApp group"),
    "facts.tautan": ("Tautan", "Link"),
    "facts.tautan_hint": ("dicatat saja, tidak dibuka", "noted only, never opened"),
    "facts.context": ("Konteks", "Context"),
    "paste.submit": ("Periksa kiriman", "Check posts"),
    "paste.busy": ("Sedang memeriksa…", "Checking…"),
    "paste.shortcut": ("atau tekan Ctrl + Enter", "or press Ctrl + Enter"),
    "paste.count": ("{n} kiriman", "{n} post(s)"),
    "paste.clear": ("Kosongkan", "Clear"),
    "error.heading": ("Belum dapat diperiksa", "Cannot be checked yet"),
    "error.where": ("Kiriman ke-{n}: ", "Post {n}: "),
    "fault.context": ("konteks ", "the context "),
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
}

"""Strings of the page *Cek dulu*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "check.menu": ("Cek dulu", "Check first"),
    "check.title": ("Cek dulu sebelum mengunggah", "Check before you post"),
    "check.lead": (
        "Tulis atau tempel naskah Anda sendiri. Pilah menunjukkan bagaimana naskah itu dapat dibaca, dan bagaimana "
        "menyampaikannya tanpa memihak.",
        "Write or paste a draft of your own. Pilah shows how it may be read, and how to say it without taking sides.",
    ),
    "check.privacy": (
        "Naskah dan hasilnya tidak disimpan, tidak dicatat, dan tidak dihitung. Tidak ada orang lain yang melihatnya.",
        "Neither the draft nor the result is stored, logged or counted. Nobody else sees them.",
    ),
    "check.label": ("Naskah Anda", "Your draft"),
    "check.context": ("Menanggapi kiriman lain? (opsional)", "Answering another post? (optional)"),
    "check.context_label": ("Kiriman yang Anda tanggapi", "The post that you answer"),
    "check.context_hint": (
        "Mesin membacanya tersendiri, untuk mengingatkan bila tanggapan singkat ikut terbaca memihak.",
        "The machine reads it by itself, to warn you if a short answer would take sides along with it.",
    ),
    "check.submit": ("Cek naskah", "Check the draft"),
    "check.clear": ("Mulai dari awal", "Start over"),
    "check.result": ("Hasil cek", "Result"),
    "check.head.lolos": ("Tidak tampak keberpihakan", "No side-taking is apparent"),
    "check.head.butuh_konteks": ("Dapat dibaca dengan dua cara", "It can be read in two ways"),
    "check.head.tinjau": ("Dapat dibaca sebagai memihak", "It may be read as taking sides"),
    "check.say.lolos": (
        "Mesin tidak melihat keberpihakan dalam kata-kata naskah ini.",
        "The machine sees no side-taking in the words of this draft.",
    ),
    "check.say.butuh_konteks": (
        "Pembaca dapat memahaminya secara biasa, dapat pula sebagai dukungan atau serangan. Sedikit kejelasan sudah menolong.",
        "Readers may take it plainly, or as support or attack. A little clarity helps.",
    ),
    "check.say.tinjau": (
        "Pembaca dapat memahaminya sebagai memihak. Anda masih dapat mengubahnya sebelum mengunggah.",
        "Readers may take it as siding with somebody. You can still change it before posting.",
    ),
    "check.machine": (
        "Ini bacaan mesin, bukan tuduhan dan bukan putusan. Mesin bisa keliru.",
        "This is a machine's reading, neither an accusation nor a ruling. The machine can be wrong.",
    ),
    "check.sure": ("Keyakinan mesin", "How sure the machine is"),
    "check.text": ("Naskah dan kata yang menonjol", "The draft and the words that stand out"),
    "check.answers": (
        "Kiriman yang Anda tanggapi dapat dibaca sebagai memihak. Tanggapan setuju, walau singkat, dapat ikut terbaca begitu.",
        "The post that you answer may be read as taking sides. Agreeing with it, however briefly, may be read so as well.",
    ),
    "check.seen": ("Yang terbaca, dan aturannya", "What it may be read as, and the rule"),
    "check.before": ("sebelum penetapan calon", "before candidates are determined"),
    "check.after": ("sesudah penetapan calon", "after candidates are determined"),
    "check.change": ("Apa yang dapat saya ubah?", "What can I change?"),
    "check.turn.lolos": (
        "Tanpa {words}, mesin tidak lagi melihat keberpihakan.",
        "Without {words} the machine no longer sees side-taking.",
    ),
    "check.turn.butuh_konteks": (
        "Tanpa {words}, naskah dapat dibaca dengan dua cara dan tidak lagi condong memihak.",
        "Without {words} the draft can be read in two ways and no longer leans to a side.",
    ),
    "check.turn.none": (
        "Menghilangkan kata yang ditandai saja tidak cukup: mesin membaca keseluruhan kalimat.",
        "Taking out marked words is not enough: the machine reads the sentence as a whole.",
    ),
    "check.disguise": (
        "Menyamarkan ejaan tidak mengubah maksud naskah, dan pembaca tetap memahaminya.",
        "Disguising the spelling does not change what a draft means, and readers understand it all the same.",
    ),
    "check.example": ("Contoh yang tidak memihak", "An example that takes no side"),
    "check.lawful": ("Yang tetap boleh", "What stays allowed"),
    "check.near": ("Mungkin ini yang Anda maksud", "Perhaps this is what you mean"),
    "check.unseen": ("Yang tidak dapat dilihat alat ini", "What this tool cannot see"),
    "check.unseen_note": (
        "Hasil tenang bukan izin. Periksa sendiri hal-hal ini; bila ragu, tanyakan kepada bagian kepegawaian atau Satgas.",
        "A calm result is no permit. Check these yourself; in doubt, ask your personnel office or the task force.",
    ),
}
"""The advice itself stands in `pilah_data/advice.toml`."""

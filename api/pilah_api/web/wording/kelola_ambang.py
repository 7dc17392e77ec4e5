"""Strings of the page *Kelola › Ambang*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "limits.lead": (
        "Dua ambang pada peluang partisan menentukan usulan: di bawah ambang pertama kiriman lolos, mulai ambang kedua "
        "kiriman ditinjau, di antaranya model tidak mengusulkan apa pun dan meminta konteks.",
        "Two thresholds on the partisan probability decide what is proposed: below the first a post passes, from the second on "
        "it goes to review, and between them the model proposes nothing and asks for context.",
    ),
    "limits.now": ("Yang berlaku", "In force"),
    "limits.source.artefact": ("Ambang model sendiri", "The model's own thresholds"),
    "limits.source.administrator": ("Digeser oleh pengelola", "Moved by an administrator"),
    "limits.own": (
        "Ambang model sendiri: lolos di bawah {lolos}, tinjau mulai {tinjau}.",
        "The model's own: passes below {lolos}, review from {tinjau}.",
    ),
    "limits.back": ("Kembali ke ambang model", "Back to the model's own"),
    "limits.holds": ("Dijamin", "Guaranteed"),
    "limits.broken": ("Tidak dijamin", "Not guaranteed"),
    "pledge.partisan_passed": (
        "dari kiriman yang lolos, paling banyak {limit} ternyata partisan",
        "of posts that pass, at most {limit} are partisan",
    ),
    "pledge.lawful_reviewed": (
        "dari kiriman yang sah, paling banyak {limit} dikirim ke tinjauan",
        "of lawful posts, at most {limit} are sent to review",
    ),
    "pledge.ambiguous_reviewed": (
        "dari kiriman yang ambigu, paling banyak {limit} dikirim ke tinjauan",
        "of ambiguous posts, at most {limit} are sent to review",
    ),
    "limits.basis": (
        "Masing-masing dengan keyakinan {confidence}, pada sebaran {posts} kiriman kalibrasi yang {partisan}-nya partisan. "
        "Pada kiriman sehari-hari, yang jauh lebih jarang partisan, angkanya berbeda.",
        "Each with {confidence} confidence, under the distribution of {posts} calibration posts of which {partisan} are "
        "partisan. On everyday posts, which are partisan far more rarely, the figures differ.",
    ),
    "limits.promise_as_written": ("Janji seperti tertulis pada model:", "The promise as the model states it:"),
    "limits.try": ("Coba ambang lain", "Try other thresholds"),
    "limits.lolos": ("Lolos di bawah", "Passes below"),
    "limits.lolos_hint": ("Lebih dari 0, paling tinggi {most}.", "Above 0, at most {most}."),
    "limits.tinjau": ("Tinjau mulai", "Review from"),
    "limits.tinjau_hint": ("Paling rendah {least}, kurang dari 1.", "At least {least}, below 1."),
    "limits.look": ("Lihat akibatnya", "See what would change"),
    "limits.ahead": ("Akibat bila digeser", "What a move would change"),
    "limits.promise": ("Janji", "Promise"),
    "limits.calibration": ("Pada kiriman kalibrasi model", "On the model's calibration posts"),
    "limits.calibration_note": (
        "Perkiraan dari {n} kiriman kalibrasi; model menyimpan jumlahnya per sepersepuluh peluang, bukan kirimannya.",
        "Estimated from {n} calibration posts; the model keeps their counts by tenths of the probability, not the posts.",
    ),
    "limits.now_column": ("Sekarang", "Now"),
    "limits.then_column": ("Sesudahnya", "Then"),
    "limits.no_reference": (
        "Model ini tidak membawa jumlah kiriman kalibrasinya, jadi tidak ada perkiraan.",
        "This model does not carry the counts of its calibration posts, so there is no estimate.",
    ),
    "limits.stored": ("Pada kiriman yang tersimpan", "On the posts that are stored"),
    "limits.stored_total": (
        "{n} dari {m} kiriman tersimpan akan mendapat usulan lain bila dinilai ulang.",
        "{n} of {m} stored posts would get another proposal if they were judged again.",
    ),
    "limits.stored_others": (
        "{n} penilaian berasal dari model lain dan tidak dihitung.",
        "{n} judgements are another model's and do not count.",
    ),
    "limits.stored_note": (
        "Yang sudah dinilai tidak berubah: setiap penilaian menyimpan ambang yang berlaku saat itu. Kiriman yang lolos tidak "
        "disimpan, jadi tidak terhitung di sini.",
        "What was judged stays as it is: every judgement keeps the thresholds of its time. Posts that passed are not stored, so "
        "they do not count here.",
    ),
    "limits.save": ("Berlakukan ambang ini", "Put these in force"),
    "limits.same": ("Ini sudah ambang yang berlaku.", "These are in force already."),
    "limits.bad": (
        "Ambang lolos harus lebih dari 0 dan paling tinggi {most}; ambang tinjau paling rendah {least} dan kurang dari 1. Di luar "
        "itu, kiriman yang dibaca partisan dapat lolos atau yang sah dikirim ke tinjauan.",
        "The first must be above 0 and at most {most}, the second at least {least} and below 1. Beyond that a post read as partisan "
        "could pass, or a lawful one be sent to review.",
    ),
    "limits.no_reason": ("Isi alasannya, paling banyak 200 karakter.", "Give the reason, in at most 200 characters."),
    "limits.meanwhile": (
        "Tidak diubah: ambangnya sudah diubah di jendela lain, atau sudah berlaku. Yang tampil di sini adalah yang terbaru.",
        "Nothing was changed: the thresholds were moved in another window, or are in force already. What is shown here is the latest.",
    ),
    "limits.history": ("Riwayat", "History"),
    "limits.no_history": ("Ambang belum pernah digeser.", "The thresholds were never moved."),
    "limits.batches": (
        "Berkas yang sedang berjalan menyelesaikan pekerjaannya dengan ambang saat dimulai. Pergeseran berlaku untuk model ini saja.",
        "A running batch goes on with the thresholds it began with. A move holds for this model only.",
    ),
}

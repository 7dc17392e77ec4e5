"""Strings that tell a judgement, on whatever page it is shown."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
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
    "result.jump": ("Lompat ke kiriman", "Jump to a post"),
    "result.jump_more": ("Nomor kiriman", "Post numbers"),
    "result.turn.title": ("Apa yang mengubah hasil", "What would change the result"),
    "result.turn.one": (
        "Tanpa {words}, usulan menjadi {decision}.",
        "Without {words} the proposal becomes {decision}.",
    ),
    "result.turn.many": (
        "Tidak ada satu kata pun yang sendirian mengubah usulan. Tanpa {words} sekaligus, usulan menjadi {decision}.",
        "No single word changes the proposal by itself. Without {words} together it becomes {decision}.",
    ),
    "result.turn.none": (
        "Usulan tidak berubah bila kata-kata yang ditandai dihilangkan; model membaca keseluruhan kalimat.",
        "The proposal stays when the marked words are left out; the model reads the sentence as a whole.",
    ),
    "result.turn.unfinished": (
        "Belum dihitung karena waktu untuk halaman ini habis. Periksa kiriman ini tersendiri untuk melihatnya.",
        "Not worked out, as the time for this page is over. Check this post by itself to see it.",
    ),
    "result.and": ("{first} dan {last}", "{first} and {last}"),
    "band.rendah": ("rendah", "low"),
    "band.sedang": ("sedang", "medium"),
    "band.tinggi": ("tinggi", "high"),
}

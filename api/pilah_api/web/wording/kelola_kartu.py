"""Strings of the pages *Kelola › Model* and *Kelola › Data*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "card.model": ("Kartu model", "Model card"),
    "card.thresholds": ("Ambang yang berlaku", "Thresholds in force"),
    "card.versions": ("Versi model", "Model versions"),
    "card.summary": ("Ringkasnya", "In short"),
    "card.for": ("Untuk apa", "What it is for"),
    "card.for_words": (
        "Memilah kiriman yang dibawa petugas agar yang penting dibaca lebih dulu. Setiap hasil adalah usulan: lolos, butuh konteks "
        "(model tidak menuduh apa pun), atau tinjau (dibaca dua orang).",
        "Sorting posts that officers bring in, so that the right ones are read first. Every result is a proposal: pass, needs "
        "context (nothing is alleged) or review (two people read it).",
    ),
    "card.not_for": ("Bukan untuk", "What it is not for"),
    "card.not_for_words": (
        "Surat, laporan, atau sanksi otomatis; menelusuri akun; menilai atau memeringkat orang; menebak pihak yang didukung; "
        "penerimaan, promosi, atau mutasi pegawai; percakapan pribadi, keluarga, dan warga binaan.",
        "Automatic letters, reports or sanctions; crawling accounts; scoring or ranking people; guessing who is favoured; hiring, "
        "promotion or transfers; private chats, families and prisoners.",
    ),
    "card.limits": ("Batasnya", "Its limits"),
    "card.limits_words": (
        "Model membaca satu teks tanpa gambar, tanggal, dan kiriman yang dijawabnya. Ironi, sandi, dan bahasa daerah dibaca kurang "
        "baik. Pada kiriman sehari-hari yang jarang partisan, ketepatannya jauh lebih rendah daripada pada data uji.",
        "The model reads one text without picture, date and the post it answers. Irony, coded speech and regional languages are read "
        "worse. On everyday posts, which are rarely partisan, precision is far lower than on test data.",
    ),
    "card.measured": ("Terukur pada {n} {set}", "Measured on {n} {set}"),
    "card.set.public": ("kiriman publik untuk uji", "public test posts"),
    "card.set.authored": ("kiriman karangan untuk uji", "authored test posts"),
    "card.figure": ("Angka", "Figure"),
    "card.value": ("Nilai", "Value"),
    "card.interval": ("Selang 95%", "95% interval"),
    "figure.macro_f1": ("F1 makro, tiga label", "Macro-F1, three labels"),
    "figure.partisan_f1": ("F1 partisan", "F1 of partisan"),
    "figure.partisan_pr_auc": ("Luas kurva presisi-recall, partisan", "Area under precision-recall, partisan"),
    "figure.ece": ("Galat kalibrasi (ECE)", "Expected calibration error"),
    "figure.partisan_of_lolos": ("Partisan di antara yang lolos", "Partisan among those passed"),
    "figure.tinjau_of_lawful": ("Kiriman sah yang ditinjau", "Lawful posts sent to review"),
    "figure.tinjau_of_neutral": ("Politik netral yang ditinjau", "Neutral political posts sent to review"),
    "figure.tinjau_of_partisan": ("Partisan yang ditinjau", "Partisan posts sent to review"),
    "figure.lolos_of_partisan": ("Partisan yang lolos", "Partisan posts that pass"),
    "figure.not_tinjau_of_ambiguous": ("Ambigu yang tidak ditinjau", "Ambiguous posts not sent to review"),
    "card.bars": (
        "Model ini memenuhi {met} dari {all} sasaran yang ditetapkan sebelumnya.",
        "The model meets {met} of {all} bars that were set beforehand.",
    ),
    "card.unmet": ("Sasaran yang belum terpenuhi ({n})", "Bars that are not met ({n})"),
    "card.full": ("Kartu lengkap (bahasa Inggris)", "The full card (English)"),
    "card.table": ("Tabel", "Table"),
    "card.other": (
        "Model ini bukan model bawaan, jadi kartu dan angka bawaan tidak berlaku untuknya. Di bawah ini catatan modelnya sendiri.",
        "This is not the model that ships, so the card and figures that ship are not about it. Below is what the model says of itself.",
    ),
    "card.facts": ("Catatan model", "What the model says of itself"),
    "card.none": ("Kartu tidak ikut terpasang.", "The card was not installed."),
    "card.data": ("Kartu data", "Data card"),
    "card.data_lead": (
        "Dari apa model bawaan belajar dan dengan apa ia diukur.",
        "What the shipped model learnt from and is measured on.",
    ),
    "card.data_what": ("Isinya", "What it holds"),
    "card.data_what_words": (
        "Bacaan atas kiriman publik yang disamarkan (labelnya saja, teksnya tidak ikut) dan kiriman yang dikarang untuk proyek ini, "
        "dengan peserta pemilu rekaan.",
        "Readings of masked public posts (labels only, never the text) and posts written for this project, with invented contestants.",
    ),
    "card.data_how": ("Cara melabeli", "How it was labelled"),
    "card.data_how_words": (
        "Setiap label adalah penilaian dengan membaca seluruh kiriman menurut pedoman tertulis, bukan hasil daftar kata atau model.",
        "Every label is a judgement made by reading the whole post under a written guide, never a word list's or a model's.",
    ),
    "card.data_limits": ("Batasnya", "Its limits"),
    "card.data_limits_words": (
        "Susunan kelasnya bukan gambaran keadaan sehari-hari. Pembacanya berlatar belakang serupa; sebagian label pasti keliru, "
        "terutama antara partisan dan perlu konteks.",
        "Its class shares are no prevalence. The readers are of like background; some labels are wrong, mostly between partisan "
        "and needs context.",
    ),
    "card.data_used": (
        "Bacaan publik yang dipakai, menurut bagian dan label",
        "Public readings in use, by split and label",
    ),
    "card.split": ("Bagian", "Split"),
    "split.train": ("latih", "training"),
    "split.validation": ("validasi", "validation"),
    "split.test": ("uji", "test"),
}

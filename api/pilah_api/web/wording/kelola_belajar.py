"""Strings of the page *Kelola › Belajar*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "learn.lead": (
        "Putusan penelaah dapat dipakai melatih model berikutnya. Tidak ada yang keluar dengan sendirinya: pengelola mengekspornya, "
        "tersamar, dengan alasan yang tercatat.",
        "What reviewers decided can train the next model. Nothing leaves by itself: an administrator exports it, masked, with a "
        "reason that is recorded.",
    ),
    "learn.export": ("Ekspor umpan balik", "Export feedback"),
    "learn.export_about": (
        "Teks tersamar (NIK, NIP, telepon, surel, akun, tautan) dengan label akhir. Nama orang di dalam kalimat tidak dapat "
        "disamarkan otomatis: baca berkasnya sebelum dibawa ke mesin lain. Yang diputus bukan politik atau politik netral segera "
        "dihapus, jadi hampir tidak ikut: latihlah selalu bersama data proyek.",
        "Masked texts (NIK, NIP, telephone, mail, handle, link) with their final label. Names within a sentence cannot be masked "
        "automatically: read the file before it goes to another machine. What was found lawful is deleted soon, so hardly any of it "
        "is there: always train together with the project's own data.",
    ),
    "learn.ready": ("Siap diekspor, paling banyak", "Ready to export, at most"),
    "learn.undecided": ("Masih ditelaah", "Still under review"),
    "learn.in_cases": ("Milik kasus, tidak ikut", "Of cases, left out"),
    "learn.repeated": (
        "Teks yang sama beberapa kali ikut satu kali saja dalam ekspor.",
        "A text that is there several times goes out once.",
    ),
    "learn.with_cases": (
        "Sertakan juga kiriman yang menjadi bagian kasus (biasanya tidak).",
        "Take posts that belong to cases, too (usually not).",
    ),
    "learn.sure": (
        "Saya berwenang membawa teks ini keluar dari Pilah untuk pelatihan.",
        "I am entitled to take these texts out of Pilah for training.",
    ),
    "learn.export_it": ("Unduh umpan balik", "Download the feedback"),
    "learn.steps": ("Dari umpan balik ke model baru", "From feedback to a new model"),
    "learn.step_train": (
        "Latih dan ekspor di mesin pelatihan (docs/training.md):",
        "Train and export on a training machine (docs/training.md):",
    ),
    "learn.step_gate": (
        "Uji di gerbang: calon dibandingkan dengan model yang dipakai. Yang tidak lulus ditolak dengan alasannya; yang lulus langsung "
        "dipakai dari folder data:",
        "Pass the gate: the candidate is compared with the model in use. One that fails is refused with reasons; one that passes is "
        "put in use from the data folder:",
    ),
    "learn.step_use": (
        "Bila server ada di mesin lain, bawa folder model beserta laporannya ke sana:",
        "Where the server is another machine, take the model's folder and its report there:",
    ),
    "learn.step_back": (
        "Bila hasilnya mengecewakan, kembalilah ke model sebelumnya, di halaman ini atau dengan:",
        "If it disappoints, go back to the model before, on this page or with:",
    ),
    "learn.history": ("Riwayat", "History"),
    "learn.no_history": (
        "Belum ada ekspor atau pergantian model.",
        "Nothing was exported and no model changed yet.",
    ),
    "versions.title": ("Versi model", "Model versions"),
    "versions.about": (
        "Model dimuat dan diperiksa dulu, lalu server ini dan pekerjanya beralih seketika; permintaan yang sedang berjalan selesai "
        "dengan model lama. Berkas yang belum selesai dinilai gagal dan perlu diunggah lagi, sebab penilaian dua model tidak dicampur. "
        "Server dan pekerja di mesin lain beralih saat dimulai ulang.",
        "A model is loaded and checked first, then this server and its workers switch at once; requests under way finish with the old "
        "one. Unfinished batches fail and are to be uploaded again, for judgements of two models are not mixed. Servers and workers "
        "on other machines switch when they start anew.",
    ),
    "versions.by_setting": (
        "Model server ini ditentukan oleh pengaturan (PILAH_MODEL atau --model):",
        "The model of this server is fixed by a setting (PILAH_MODEL or --model):",
    ),
    "versions.version": ("Versi", "Version"),
    "versions.gate": ("Gerbang", "Gate"),
    "versions.use": ("Pakai", "Use"),
    "versions.roll_back": ("Kembali ke versi ini", "Roll back to this one"),
    "versions.shipped": ("bawaan", "shipped"),
    "versions.loaded": ("dipakai", "in use"),
    "versions.waiting": ("dipilih; berlaku setelah server dimulai ulang", "chosen; in use once the server starts anew"),
    "versions.before": ("sebelumnya", "the one before"),
    "versions.kept": ("disimpan", "kept"),
    "versions.is_damaged": ("rusak; tidak dapat dipakai", "damaged; cannot be used"),
    "versions.passed": ("lulus", "passed"),
    "versions.no_report": ("tanpa laporan", "no report"),
    "versions.with_program": ("ikut program", "came with the program"),
    "versions.sure": (
        "Ya, penilaian berikutnya memakai model ini.",
        "Yes, further judgements use this model.",
    ),
    "versions.use_it": ("Pakai model ini", "Use this model"),
    "versions.fixed": (
        "Tidak diubah: pengaturan menentukan model server ini.",
        "Nothing was changed: a setting fixes the model of this server.",
    ),
    "versions.meanwhile": (
        "Tidak diubah: model lain sudah dipilih di jendela lain, atau model ini sudah dipakai.",
        "Nothing was changed: another model was chosen in another window, or this one is in use already.",
    ),
    "versions.damaged": (
        "Tidak diubah: model itu rusak atau dibuat untuk versi Pilah lain.",
        "Nothing was changed: that model is damaged or was made for another version of Pilah.",
    ),
    "versions.unknown": ("Model itu tidak ada di sini.", "That model is not kept here."),
}

"""Strings of the page *Ringkasan*."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "summary.privacy": (
        "Yang tersimpan di sini hanya jumlah, tanpa teks dan tanpa nama, di server Pilah ini saja.",
        "Only counts are kept here, without texts and names, on this Pilah server only.",
    ),
    "summary.menu": ("Ringkasan", "Summary"),
    "summary.title": ("Ringkasan", "Summary"),
    "summary.lead": (
        "Jumlah untuk seluruh kantor, tidak pernah untuk satu orang. Angka 1 sampai 4 disembunyikan, begitu pula angka lain "
        "yang akan membocorkannya.",
        "Counts for the whole office, never for one person. Counts from 1 to 4 are hidden, and so are others that would give them away.",
    ),
    "summary.as_of": ("Keadaan {moment} WIB", "As of {moment} WIB (UTC+7)"),
    "summary.download": ("Unduh", "Download"),
    "summary.print": (
        "Untuk mencetak satu halaman, pakai perintah cetak peramban.",
        "To print one page, use the browser's print command.",
    ),
    "summary.posts": ("Kiriman dalam telaah", "Posts brought to review"),
    "summary.decided": ("Sudah diputus penelaah", "Decided by reviewers"),
    "summary.cases": ("Kasus", "Cases"),
    "summary.precision": ("Ketepatan tanda Tinjau", "Precision of the Review mark"),
    "summary.few": ("kurang dari 5", "fewer than 5"),
    "summary.hidden": ("disembunyikan", "hidden"),
    "summary.none": (
        "Belum cukup data untuk ditampilkan. Angka muncul mulai dari lima.",
        "There is too little to show yet. Figures appear from five on.",
    ),
    "summary.table": ("Tabel", "Table"),
    "summary.total": ("Jumlah", "Total"),
    "summary.other": ("Lainnya (digabung karena sedikit)", "Others (put together as they are few)"),
    "summary.weeks": ("Kiriman per pekan menurut usulan model", "Posts per week by the model's proposal"),
    "summary.weeks_note": (
        "Kiriman yang lolos tidak disimpan sehingga tidak terhitung. Pekan yang sepi digabung dengan pekan berikutnya.",
        "Posts that passed are not stored and so not counted. Quiet weeks are joined to the next.",
    ),
    "summary.week": ("Pekan", "Week"),
    "summary.outcomes": ("Usulan model dan keputusan penelaah", "The model's proposal and the reviewers' decision"),
    "summary.proposal": ("Usulan model", "Proposal"),
    "summary.open": ("belum diputus", "undecided"),
    "summary.precision_title": ("Ketepatan model sejauh ini", "The model's precision so far"),
    "summary.precision_say": (
        "Dari {checked} kiriman bertanda Tinjau yang dibaca dua penelaah, {confirmed} dinilai partisan oleh keduanya.",
        "Of {checked} posts marked Review that two reviewers read, {confirmed} were called partisan by both.",
    ),
    "summary.precision_hidden": (
        "Dari {checked} kiriman bertanda Tinjau yang dibaca dua penelaah, hampir semua atau hampir tidak ada yang dinilai "
        "partisan oleh keduanya; jumlah persisnya disembunyikan.",
        "Of {checked} posts marked Review that two reviewers read, nearly all or nearly none were called partisan by both; "
        "the exact count is hidden.",
    ),
    "summary.interval": (
        "Garis menunjukkan rentang 95 persen (Wilson).",
        "The line shows the 95 per cent interval (Wilson).",
    ),
    "summary.agreement": ("Kesepakatan penelaah", "Agreement of reviewers"),
    "summary.agreed": (
        "{pairs} kiriman dibaca dua penelaah; {agreed} di antaranya diberi label yang sama.",
        "{pairs} posts were read by two reviewers; {agreed} of them got the same label from both.",
    ),
    "summary.kappa": ("Kappa, semua label", "Kappa, all labels"),
    "summary.kappa_partisan": ("Kappa, partisan atau bukan", "Kappa, partisan or not"),
    "summary.kappa_note": (
        "Kappa Cohen dari dua putusan pertama atas kiriman yang sama: 0 seperti kebetulan, 1 selalu sepakat; garis menunjukkan "
        "rentang 95 persen (bootstrap).",
        "Cohen's kappa of the first two decisions on a post: 0 is as by chance, 1 is always alike; the line shows the 95 per cent "
        "interval (bootstrap).",
    ),
    "summary.kappa_few": (
        "Kappa belum dihitung: terlalu sedikit kiriman, atau hampir semua putusan sama.",
        "Kappa is not worked out yet: too few posts, or nearly all decisions are alike.",
    ),
    "summary.forms": ("Bentuk keberpihakan", "Forms of partisanship"),
    "summary.form": ("Bentuk", "Form"),
    "summary.seen": ("menurut model", "by the model"),
    "summary.confirmed": ("menurut penelaah", "by reviewers"),
    "summary.forms_note": ("Satu kiriman dapat memuat beberapa bentuk.", "A post may show several forms."),
    "summary.units": ("Kasus menurut unit dan tahapan", "Cases by unit and stage"),
    "summary.units_note": (
        "Bagan memuat {n} unit dengan kasus terbanyak.",
        "The chart shows the {n} units with the most cases.",
    ),
    "summary.unit": ("Unit", "Unit"),
    "summary.states": ("Kasus menurut status", "Cases by state"),
    "summary.state": ("Status", "State"),
    "summary.stage.T0": ("di luar tahapan", "outside any stage"),
    "summary.stage.T1": ("bakal calon", "nomination"),
    "summary.stage.T2": ("kampanye", "campaign"),
    "summary.stage.T3": ("masa tenang", "quiet days"),
    "summary.stage.T4": ("pemungutan suara", "voting"),
    "summary.stage.T5": ("sesudahnya", "afterwards"),
    "summary.stage.unknown": ("belum diisi", "not filled in"),
}

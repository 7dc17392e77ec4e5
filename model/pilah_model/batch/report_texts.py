"""The words and the looks of a report, in Indonesian and English."""

from __future__ import annotations

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}"
    "main{max-width:46rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:#1a1a1a}"
    "table{border-collapse:collapse;margin-top:.5rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;font-size:.85rem;color:#444;padding-bottom:.25rem}"
    "th,td{padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd;text-align:left;font-weight:normal}"
    "thead th{font-weight:600}td{text-align:right}"
    "dl{display:grid;grid-template-columns:max-content max-content;gap:.2rem 1.5rem}dd{margin:0;text-align:right}"
    "footer{margin-top:2.5rem;font-size:.85rem;color:#444;overflow-wrap:anywhere}"
    "@media print{main{max-width:none}section{break-inside:avoid}}"
)
"""The only style sheet; nothing is loaded from anywhere."""

TEXTS: dict[str, dict[str, str]] = {
    "id": {
        "title": "Ringkasan penilaian",
        "note": (
            "Halaman ini hanya memuat jumlah unggahan. Model memilah; manusia yang memutuskan. "
            "Tanda “tinjau” bukan bukti pelanggaran dan bukan putusan."
        ),
        "rows": "Baris dibaca",
        "judged": "Unggahan dinilai",
        "problems": "Baris yang tidak dapat dinilai",
        "decisions": "Keputusan",
        "decisions_head": "Keputusan",
        "forms": "Bentuk yang mungkin",
        "forms_head": "Bentuk",
        "forms_note": "Hanya unggahan berkeputusan tinjau; satu unggahan dapat menyentuh beberapa bentuk.",
        "no_forms": "Tidak ada unggahan berkeputusan tinjau.",
        "confidence": "Keyakinan model",
        "confidence_head": "Peluang label",
        "confidence_note": "Peluang terkalibrasi dari label yang dipilih model.",
        "time": "Menurut waktu",
        "time_head": "Periode",
        "time_note": (
            "Periode yang tidak dirinci digambar kelabu. Hari dihitung menurut WIB (UTC+7) bila zona waktunya diketahui, "
            "selain itu seperti tertulis."
        ),
        "order_dmy": "Tanggal seperti 01/02/2024 dibaca hari/bulan/tahun.",
        "order_mdy": "Tanggal seperti 01/02/2024 dibaca bulan/hari/tahun.",
        "order_both": (
            "Kolom tanggal memakai hari/bulan dan bulan/hari sekaligus; tanggal yang dapat dibaca dua cara dihitung "
            "tidak diketahui."
        ),
        "order_each": (
            "Tanggal seperti 01/02/2024 dibaca menurut kolomnya: di satu kolom hari/bulan/tahun, di kolom lain tidak."
        ),
        "undated": "tidak diketahui",
        "count": "Jumlah",
        "small": (
            "Jumlah di bawah {least} tidak ditampilkan (“–”) dan tidak dirinci; bila perlu, satu jumlah lain ikut "
            "disembunyikan agar yang pertama tidak dapat dihitung."
        ),
        "model": "Model",
    },
    "en": {
        "title": "Summary of judgements",
        "note": (
            "This page holds counts of posts only. The model sorts; people decide. "
            "“Review” is neither proof of a breach nor a ruling."
        ),
        "rows": "Rows read",
        "judged": "Posts judged",
        "problems": "Rows that could not be judged",
        "decisions": "Decisions",
        "decisions_head": "Decision",
        "forms": "Possible forms",
        "forms_head": "Form",
        "forms_note": "Posts to review only; one post may touch several forms.",
        "no_forms": "There is no post to review.",
        "confidence": "Confidence of the model",
        "confidence_head": "Probability of the label",
        "confidence_note": "The calibrated probability of the label that the model chose.",
        "time": "Over time",
        "time_head": "Period",
        "time_note": (
            "A period that is not broken down is drawn in grey. Days are counted in WIB (UTC+7) where the zone of a time "
            "is known, else as they are written."
        ),
        "order_dmy": "Dates such as 01/02/2024 are read as day/month/year.",
        "order_mdy": "Dates such as 01/02/2024 are read as month/day/year.",
        "order_both": (
            "The column of dates has both day/month and month/day; dates that can be read in two ways count as unknown."
        ),
        "order_each": (
            "Dates such as 01/02/2024 are read by the other dates of their column: day/month/year in one, not in another."
        ),
        "undated": "unknown",
        "count": "Count",
        "small": (
            "Counts below {least} are not shown (“–”) and not broken down; where needed, one more count is hidden "
            "so that the first cannot be worked out."
        ),
        "model": "Model",
    },
}
"""The words of a report by language."""

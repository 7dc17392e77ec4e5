"""Strings of the page *Antrean*, of the page of one post in review, and of sending posts there."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "queue.menu": ("Antrean", "Queue"),
    "queue.title": ("Antrean telaah", "Review queue"),
    "queue.lead": (
        "Nilai kiriman dari teksnya sendiri. Pendapat model baru terlihat setelah keputusan Anda tersimpan.",
        "Judge a post by its own text. What the model thinks is shown once your decision is saved.",
    ),
    "queue.lead_watch": (
        "Keadaan semua kiriman. Siapa menilai apa terlihat setelah telaah selesai.",
        "The state of all posts. Who decided what is shown once the review is over.",
    ),
    "queue.privacy": (
        "Kiriman dalam antrean disimpan tersamar di server ini saja, dan dihapus begitu dinilai bukan pelanggaran.",
        "Posts in the queue are stored, masked, on this server only, and deleted once they are found to be no violation.",
    ),
    "queue.next": ("Ambil berikutnya", "Take the next one"),
    "queue.number": ("{n} kiriman menunggu Anda", "{n} post(s) wait for you"),
    "queue.urgent": (
        "{n} kiriman di antrean tersisa paling banyak 2 hari kerja",
        "{n} post(s) in the queue have at most 2 working days left",
    ),
    "queue.none": (
        "Tidak ada kiriman yang menunggu Anda. Terima kasih.",
        "No post waits for you. Thank you.",
    ),
    "queue.held": ("Sedang Anda pegang", "In your hands"),
    "queue.go_on": ("Lanjutkan", "Go on"),
    "queue.waiting": ("Yang menunggu", "Waiting"),
    "queue.waiting_hint": (
        "Urut menurut tanggal diketahui. Teks terbuka setelah kiriman diambil.",
        "In the order in which they became known. The text opens once a post is taken.",
    ),
    "queue.take": ("Ambil", "Take"),
    "queue.post": ("Kiriman", "Post"),
    "queue.known": ("Diketahui", "Known since"),
    "queue.left": ("Sisa waktu", "Time left"),
    "queue.left.days": ("{n} hari kerja", "{n} working day(s)"),
    "queue.left.last": ("hari terakhir", "last day"),
    "queue.left.over": ("lewat 7 hari kerja", "7 working days are over"),
    "queue.own": ("Keputusan terakhir Anda", "Your latest decisions"),
    "queue.decided_at": ("Diputuskan", "Decided"),
    "queue.decision": ("Keputusan", "Decision"),
    "queue.may_undo": ("dapat diurungkan sampai {until}", "can be taken back until {until}"),
    "queue.all": ("Semua kiriman", "All posts"),
    "queue.state": ("Keadaan", "State"),
    "queue.view.terbuka": ("Terbuka", "Open"),
    "queue.view.selesai": ("Selesai", "Closed"),
    "queue.view.partisan": ("Partisan", "Partisan"),
    "queue.view.perlu_konteks": ("Perlu konteks", "Needs context"),
    "queue.view.none": ("Tidak ada kiriman di sini.", "There is no post here."),
    "queue.more": ("Berikutnya", "Next page"),
    "queue.round.1": ("Telaah pertama", "First review"),
    "queue.round.2": ("Telaah kedua", "Second review"),
    "queue.round.3": ("Telaah ketiga", "Third review"),
    "queue.waits": ("menunggu", "waiting"),
    "queue.held_by": ("dipegang {who} sampai {until}", "held by {who} until {until}"),
    "queue.basis.satu_penelaah": ("satu penelaah", "one reviewer"),
    "queue.basis.dua_sepakat": ("dua penelaah sepakat", "two reviewers agree"),
    "queue.basis.mayoritas": ("mayoritas dari tiga", "majority of three"),
    "queue.basis.tiga_berbeda": ("tiga pendapat berbeda, di penyelia", "three opinions, with the supervisor"),
    "queue.outcome.lapsed": ("kedaluwarsa tanpa keputusan", "lapsed without a decision"),
    "queue.calendar": (
        "Hari libur dihitung dari daftar yang belum diperiksa instansi; cocokkan tenggat yang penting.",
        "Holidays come from a list that the agency has not checked; verify deadlines that matter.",
    ),
    "queue.notice.terkirim": ("{n} kiriman masuk antrean.", "{n} post(s) went into the queue."),
    "queue.notice.lolos": ("{n} lolos dan tidak disimpan.", "{n} passed and were not stored."),
    "queue.notice.lepas": (
        "Kiriman dilepas. Isian Anda disimpan bila Anda mengambilnya lagi.",
        "The post was given back. What you filled in is kept in case you take it again.",
    ),
    "queue.notice.hubungan": (
        "Terima kasih atas keterbukaan Anda. Kiriman itu dikembalikan dan tidak akan diberikan kepada Anda lagi.",
        "Thank you for being open. The post went back and will not be given to you again.",
    ),
    "queue.notice.kosong": ("Tidak ada lagi yang menunggu Anda.", "Nothing waits for you any more."),
    "queue.notice.not_open": (
        "Kiriman itu tidak terbuka untuk Anda. Ambil yang berikutnya.",
        "That post is not open to you. Take the next one.",
    ),
    "queue.notice.held": (
        "Kiriman itu baru saja diambil rekan Anda. Ambil yang berikutnya.",
        "A colleague has just taken that post. Take the next one.",
    ),
    "queue.notice.lost": (
        "Waktu Anda untuk kiriman itu habis dan rekan lain mengambilnya. Isian Anda disimpan sebagai draf.",
        "Your time with that post was over and a colleague took it. What you filled in is kept as a draft.",
    ),
    "queue.notice.too_late": (
        "Keputusan itu tidak dapat diurungkan lagi: waktunya habis atau telaah berikutnya sudah dimulai.",
        "That decision can no longer be taken back: its time is over or the next review has begun.",
    ),
    "review.title": ("Telaah kiriman {name}", "Review of post {name}"),
    "review.title_decided": ("Keputusan tersimpan", "Decision saved"),
    "review.back": ("Ke antrean", "To the queue"),
    "review.post": ("Kiriman {name}", "Post {name}"),
    "review.until": ("Anda pegang sampai {until}", "Yours until {until}"),
    "review.masked": (
        "Nomor, nama akun, dan tautan disamarkan.",
        "Numbers, handles and links are masked.",
    ),
    "review.context": ("Kiriman yang ditanggapi", "The post it answers"),
    "review.text": ("Teks kiriman", "Text of the post"),
    "review.label": ("Label", "Label"),
    "review.forms": ("Bentuk", "Forms"),
    "review.forms_hint": (
        "Wajib bila partisan; boleh bila perlu konteks.",
        "Needed for partisan; optional where context is needed.",
    ),
    "review.reason": ("Alasan", "Reason"),
    "review.reasons_hint": ("Pilih alasan, atau tulis sendiri di bawah.", "Choose a reason, or write your own below."),
    "review.words": ("Catatan", "Note"),
    "review.words_hint": (
        "Wajib bila tidak ada alasan yang dipilih. Jangan menulis nama orang.",
        "Needed if no reason is chosen. Do not write people's names.",
    ),
    "review.reference": ("Rujukan", "Reference"),
    "review.reference_auto": ("menurut bentuk atau alasan", "by the forms or the reason"),
    "review.declaration": (
        "Dengan menyimpan saya menyatakan tidak punya hubungan keluarga, perselisihan, atau atasan-bawahan dengan penulis "
        "maupun yang dibicarakan.",
        "By saving I declare that I have no kinship, quarrel or superior relation with the author or with whom it speaks of.",
    ),
    "review.save": ("Simpan keputusan", "Save the decision"),
    "review.keep": ("Simpan draf", "Keep the draft"),
    "review.release": ("Lepaskan", "Give back"),
    "review.conflict": ("Saya punya hubungan dengan mereka", "I am related to them"),
    "review.conflict_words": (
        "Kiriman dikembalikan, dan Anda tidak akan menerimanya lagi. Pernyataan ini dicatat.",
        "The post goes back, and you will not get it again. This declaration is recorded.",
    ),
    "review.conflict_send": ("Nyatakan dan kembalikan", "Declare and give back"),
    "review.relation.keluarga": ("Keluarga", "Kinship"),
    "review.relation.perselisihan": ("Perselisihan atau persaingan", "Quarrel or rivalry"),
    "review.relation.atasan_bawahan": ("Atasan atau bawahan", "Superior or subordinate"),
    "review.fault_heading": ("Belum dapat disimpan", "Cannot be saved yet"),
    "review.fault.label": ("Pilih satu label.", "Choose a label."),
    "review.fault.forms": ("Pilih paling sedikit satu bentuk.", "Choose at least one form."),
    "review.fault.no_forms": (
        "Bentuk hanya untuk partisan atau perlu konteks; kosongkan.",
        "Forms go with partisan or needs context only; clear them.",
    ),
    "review.fault.reason": (
        "Pilih alasan yang sesuai dengan label, atau tulis catatan.",
        "Choose a reason that goes with the label, or write a note.",
    ),
    "review.fault.too_long": ("Catatan paling panjang 2.000 karakter.", "A note has at most 2,000 characters."),
    "review.fault.relation": ("Pilih hubungan yang dinyatakan.", "Choose the relation that you declare."),
    "review.own": ("Keputusan Anda", "Your decision"),
    "review.model": ("Usulan model", "The model's proposal"),
    "review.agree": ("Anda dan model sependapat.", "You and the model agree."),
    "review.differ": (
        "Anda dan model berbeda. Keputusan Anda yang berlaku.",
        "You and the model differ. Your decision stands.",
    ),
    "review.model_abstained": (
        "Model tidak cukup yakin dan tidak menduga apa pun.",
        "The model was not sure enough and alleged nothing.",
    ),
    "review.precision": (
        "Dari {n} kiriman yang ditandai tinjau oleh model ini dan selesai ditelaah, {m} dinilai partisan oleh dua penelaah "
        "(95%: {low} sampai {high}).",
        "Of {n} posts that this model marked for review and whose review is over, two reviewers found {m} partisan "
        "(95%: {low} to {high}).",
    ),
    "review.precision_none": (
        "Belum ada telaah yang selesai atas kiriman yang ditandai tinjau oleh model ini.",
        "No review of a post that this model marked is over yet.",
    ),
    "review.others": ("Keputusan lain", "Other decisions"),
    "review.evidence": ("Tampilkan kata petunjuk model", "Show the model's telling words"),
    "review.outcome": ("Hasil", "Outcome"),
    "review.open": (
        "Telaah belum selesai; keputusan terlihat setelah selesai.",
        "The review is not over; decisions are shown once it is.",
    ),
    "review.gone": (
        "Teks kiriman ini sudah dihapus. Yang tersisa hanya hasilnya, untuk hitungan.",
        "The text of this post was deleted. Only its outcome is left, for counts.",
    ),
    "review.shut": (
        "Teks terbuka setelah kiriman diambil. Kiriman yang dipegang rekan, sudah Anda nilai, atau bukan untuk peran Anda "
        "tidak dapat diambil.",
        "The text opens once the post is taken. A post that a colleague holds, that you decided on or that is not for your role "
        "cannot be taken.",
    ),
    "review.undo": ("Urungkan", "Take back"),
    "review.undo_until": ("Dapat diurungkan sampai {until}.", "Can be taken back until {until}."),
    "review.alike": ("Kiriman yang hampir sama", "Posts that are nearly the same"),
    "review.alike_words": (
        "Baca dahulu. Keputusan Anda diterapkan hanya pada yang Anda pilih; masing-masing dicatat sendiri.",
        "Read them first. Your decision is applied only to those you choose; each is recorded by itself.",
    ),
    "review.alike_send": ("Terapkan keputusan saya", "Apply my decision"),
    "review.notice.draf": ("Draf tersimpan.", "The draft is kept."),
    "review.notice.holds_another": (
        "Anda masih memegang kiriman ini. Putuskan atau lepaskan dulu.",
        "You still hold this post. Decide on it or give it back first.",
    ),
    "review.notice.serupa": (
        "Keputusan diterapkan pada kiriman yang dipilih.",
        "The decision was applied to the chosen posts.",
    ),
    "review.notice.decided": (
        "Anda sudah memutuskan kiriman itu. Urungkan dulu bila ingin mengubahnya.",
        "You have decided on that post already. Take that back first to change it.",
    ),
    "review.ended": (
        "Sesi Anda berakhir. Tekan Simpan: Anda diminta masuk dan isian ikut dibawa.",
        "Your session has ended. Press Save: you are asked to sign in and what you filled in goes along.",
    ),
    "review.offline": (
        "Server tidak menjawab. Isian tetap ada di halaman ini; coba lagi sebentar lagi.",
        "The server does not answer. What you filled in stays on this page; try again in a moment.",
    ),
    "shortcut.title": ("Pintasan papan ketik", "Keyboard shortcuts"),
    "shortcut.switch": ("Pakai pintasan satu tombol", "Use single-key shortcuts"),
    "shortcut.next": ("ambil atau lanjut ke berikutnya", "take or go on to the next"),
    "shortcut.move": ("naik-turun di daftar", "up and down the list"),
    "shortcut.label": ("pilih label", "choose the label"),
    "shortcut.form": ("lalu angka: pilih bentuk", "then a digit: choose a form"),
    "shortcut.reason": ("pilih alasan", "choose the reason"),
    "shortcut.note": ("tulis catatan (Esc kembali)", "write a note (Esc leaves it)"),
    "shortcut.save": ("simpan (Ctrl + Enter dari catatan)", "save (Ctrl + Enter from the note)"),
    "shortcut.undo": ("urungkan keputusan", "take the decision back"),
    "shortcut.release": ("lepaskan kiriman", "give the post back"),
    "shortcut.help": ("buka atau tutup daftar ini", "open or close this list"),
    "send.title": ("Kirim ke antrean telaah", "Send to the review queue"),
    "send.lead": (
        "Yang dikirim disimpan tersamar untuk ditelaah manusia. Yang lolos tidak disimpan.",
        "What is sent is stored, masked, for people to review. What passed is not stored.",
    ),
    "send.posts": ("Kiriman yang dikirim", "Posts to send"),
    "send.known": ("Diketahui tanggal", "Known since"),
    "send.known_hint": (
        "Kosong berarti hari ini. Tautan disimpan terenkripsi untuk kasus dan tidak terlihat penelaah.",
        "Empty means today. A link is stored encrypted, for a case, and hidden from reviewers.",
    ),
    "send.all": ("Kirim ke antrean", "Send to the queue"),
    "send.one": ("Kirim kiriman ini ke antrean", "Send this post to the queue"),
    "send.refused": ("Belum terkirim", "Not sent yet"),
    "send.none": (
        "Pilih paling sedikit satu kiriman, lalu kirim lagi.",
        "Choose at least one post, then send again.",
    ),
    "send.wrong": (
        "Tanggal diketahui tidak boleh di masa depan atau lebih dari setahun lalu, dan keterangan tidak boleh terlalu panjang. "
        "Perbaiki lalu kirim lagi.",
        "The day it became known is neither in the future nor more than a year ago, and what is told of it is not too long. Mend that "
        "and send again.",
    ),
    "send.text": ("Teks yang Anda tempel", "The text that you pasted"),
    "send.back": ("Kembali ke Tempel", "Back to Paste"),
}

"""The rows behind the taxonomy: wording as data. All examples are invented, and so are their contestants."""

from __future__ import annotations

# code, title, English title, definition, English definition, two examples, two look-alikes that are not it, predicted
LABEL_ROWS: tuple[tuple[str, str, str, str, str, tuple[str, str], tuple[str, str], bool], ...] = (
    (
        "bukan_politik",
        "Bukan politik",
        "Not political",
        "Tidak ada peserta pemilu, partai, pemilu, kebijakan, atau pejabat yang dibicarakan; termasuk homonim dan pemilihan privat.",
        "No contestant, party, public election, policy or official is talked about; homonyms and private elections included.",
        ("Pilih nomor 1 apa nomor 2 guys? yang matcha atau taro", "Piket malam blok C aman terkendali, kopi mana kopi"),
        ("Jangan lupa tanggal 27 nyoblos ya", "Foto bareng tim, salam dua jari #SantosoHebat"),
        True,
    ),
    (
        "politik_netral",
        "Politik, netral",
        "Political, neutral",
        "Pemilu, partai, kebijakan, atau pejabat dibicarakan tanpa memihak peserta mana pun: berita, ajakan ke TPS, ikrar netralitas, "
        "tugas, pendapat tentang kebijakan (sekeras apa pun), pengaduan pelanggaran, ucapan resmi.",
        "Elections, parties, policy or officials are talked about without taking a side between contestants: news, turnout calls, "
        "neutrality pledges, duty, views on policy of any strength, reports of violations, official congratulations.",
        (
            "Kami netral, kami melayani. Tidak mendukung calon mana pun",
            "Harga beras naik terus, kebijakan impor tolong dievaluasi",
        ),
        ("Netral sih netral, tapi hati tetap #SantosoHebat", "Makanya jangan pilih Santoso lagi"),
        True,
    ),
    (
        "partisan",
        "Partisan",
        "Partisan",
        "Pembacaan wajarnya memihak: (1) peserta, bakal calon, partai, atau timnya dapat dikenali, (2) kata, simbol, atau pilihan bahan "
        "menguntungkan atau merugikannya sebagai peserta, dan (3) itu perbuatan penulis sendiri.",
        "The natural reading takes sides: (1) a contestant, would-be contestant, party or team is identifiable, (2) words, symbols or "
        "material favour or disfavour it as a contestant, and (3) it is the author's own act.",
        ("Gas coblos nomor 2, Santoso pasti menang", "Jangan mau dibohongi Santoso lagi, lima tahun nol besar, ganti!"),
        (
            "Ada yang kirim 'wajib coblos nomor 2' di grup dinas, sudah saya laporkan",
            "KPU tetapkan tiga pasangan calon",
        ),
        True,
    ),
    (
        "perlu_konteks",
        "Perlu konteks",
        "Needs context",
        "Pembacaan partisan dan pembacaan biasa sama-sama wajar dari teks yang ada: objek tidak disebut, ironi, simbol tanpa objek, "
        "foto yang tidak disertakan.",
        "A partisan and a harmless reading are both natural from what is given: object missing, irony, a symbol without object, "
        "a photo that is not supplied.",
        ("Lanjutkan Pak!", "Yang paham paham saja"),
        ("Lanjutkan Pak Santoso, dua periode!", "Semoga terpilih pemimpin yang amanah"),
        False,
    ),
)

# code, name, English title, definition, exclusion, rules before determination, rules after it, severity (1-5)
FORM_ROWS: tuple[tuple[str, str, str, str, str, str, str, int], ...] = (
    (
        "B01",
        "dukungan",
        "endorsement",
        "Dukungan, pujian sebagai peserta, harapan menang, atau pengakuan sebagai pendukung.",
        "Pujian kerja pejabat tanpa kaitan pencalonan; ucapan selamat resmi setelah penetapan hasil.",
        "SKB 2022 A2/A4; PP 42/2004 ps. 11 c",
        "SKB 2022 B2/B6/B8; PP 94/2021 ps. 5 n 5-6",
        2,
    ),
    (
        "B02",
        "ajakan_memilih",
        "call to vote",
        "Ajakan, permintaan, atau perintah memilih, tidak memilih, atau memilih kotak kosong untuk/melawan pilihan yang dikenali.",
        "Ajakan datang ke TPS tanpa memihak; simulasi surat suara.",
        "SKB 2022 A2/A6",
        "SKB 2022 B8; PP 94/2021 ps. 5 n 6; UU 7/2017 ps. 283",
        3,
    ),
    (
        "B03",
        "serangan",
        "attack",
        "Serangan, ejekan, atau upaya menjatuhkan peserta atau partai yang dikenali sebagai peserta.",
        "Berita faktual; kritik kebijakan atau kinerja jabatan tanpa kaitan pencalonan; pelaporan pelanggaran.",
        "SKB 2022 A2/A4; PP 42/2004 ps. 11 c",
        "SKB 2022 B2/B6/B8; PP 94/2021 ps. 5 n 5-6",
        2,
    ),
    (
        "B04",
        "sebar_materi",
        "spreading campaign material",
        "Menyebarkan bahan kampanye: poster, visi-misi, unggahan tim, twibbon, tagar kampanye, tautan grup pemenangan.",
        "Tautan berita media; bahan resmi KPU tentang semua peserta; kutipan untuk membantah.",
        "SKB 2022 A2/A4; PP 42/2004 ps. 11 c",
        "SKB 2022 B2/B6/B8; PP 94/2021 ps. 5 n 5-6",
        3,
    ),
    (
        "B05",
        "simbol_nomor",
        "symbol or ballot number",
        "Nomor urut, salam jari, emoji, warna, atau kata sandi yang konteksnya menunjuk peserta.",
        "Simbol tanpa objek.",
        "SKB 2022 A5",
        "SKB 2022 B7 (dengan tujuan dukungan)",
        2,
    ),
    (
        "B06",
        "foto_atribut",
        "photo or attribute",
        "Keterangan menyebut foto bersama peserta, tim, alat peraga, atau atribut secara mendukung.",
        "Tugas resmi; foto pasangan suami-istri tanpa simbol; foto lama.",
        "SKB 2022 A5",
        "SKB 2022 B7 (dengan tujuan dukungan); UU 10/2016 ps. 71",
        3,
    ),
    (
        "B07",
        "ikut_kegiatan",
        "taking part",
        "Ikut deklarasi, kampanye, rapat tim, konvoi, atau syukuran kemenangan sebagai pendukung.",
        "Hadir pasif untuk mendengar; pengamanan dan tugas.",
        "SKB 2022 A3/A6",
        "SKB 2022 B4/B8; PP 94/2021 ps. 5 n 1-2",
        3,
    ),
    (
        "B08",
        "anggota_tim_partai",
        "team or party member",
        "Menyatakan atau merekrut peran dalam tim sukses, relawan, konsultan, saksi, atau keanggotaan partai.",
        "Peran orang lain; peran lama sebelum menjadi ASN.",
        "SKB 2022 B9; B5",
        "SKB 2022 B10; B5; UU 7/2017 ps. 280(3)/494; UU 20/2023 ps. 52(3) j",
        4,
    ),
    (
        "B09",
        "mobilisasi_jabatan",
        "mobilising by office",
        "Memakai jabatan, bawahan, keluarga pegawai, warga binaan, seragam, kendaraan, grup kantor, waktu, "
        "atau barang dinas untuk peserta.",
        "Perintah resmi untuk netral.",
        "SKB 2022 B8",
        "PP 94/2021 ps. 5 n 3-4, 6; UU 7/2017 ps. 282-283; UU 10/2016 ps. 71",
        5,
    ),
    (
        "B10",
        "keputusan_pencalonan",
        "decision or candidacy",
        "Keputusan layanan yang menguntungkan/merugikan peserta, pengumpulan KTP dukungan, atau pendekatan sendiri sebagai bakal calon.",
        "Pencalonan orang lain; layanan rutin.",
        "SKB 2022 B3/B11",
        "PP 94/2021 ps. 5 n 5, 7; SKB 2022 B11/B12; UU 10/2016 ps. 71/188",
        4,
    ),
    (
        "B11",
        "interaksi",
        "interaction (recorded only)",
        "Suka, ikut, atau bergabung grup pemenangan; hanya dicatat petugas beserta bukti, tidak pernah diprediksi.",
        "Interaksi dapat tidak disengaja.",
        "SKB 2022 A4",
        "SKB 2022 B6",
        1,
    ),
)

SUBTYPE_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("N1", "Berita dan informasi", "news and information", "Berita, jadwal, atau hasil tanpa keberpihakan sendiri."),
    (
        "N2",
        "Ajakan memilih netral dan edukasi",
        "turnout and voter education",
        "Ajakan ke TPS dan pendidikan pemilih tanpa memihak.",
    ),
    ("N3", "Ikrar dan sosialisasi netralitas", "neutrality pledge", "Pernyataan, ikrar, atau penyuluhan netralitas."),
    ("N4", "Tugas kedinasan", "duty", "Pengamanan, logistik, TPS khusus, dan tugas lain."),
    (
        "N5",
        "Pendapat kebijakan dan kinerja",
        "policy view",
        "Pujian atau kritik kebijakan dan jabatan tanpa kaitan pencalonan.",
    ),
    (
        "N6",
        "Ulasan hukum dan akademik",
        "legal or academic comment",
        "Analisis hukum, akademik, survei, atau hitungan tanpa sorak.",
    ),
    (
        "N7",
        "Pengaduan pelanggaran dan anti-hoaks",
        "denouncing and anti-hoax",
        "Mengutip untuk melaporkan, mengecam, atau membantah.",
    ),
    ("N8", "Pemilihan lain", "other elections", "Pilkades, RT/RW, OSIS, Korpri, koperasi, pemilu negara lain."),
    (
        "N9",
        "Homonim dan kiasan",
        "homonym",
        "Kata yang mirip: coblos, pilih, nomor 1, warna, menyala, dalam arti lain.",
    ),
    (
        "N10",
        "Ucapan resmi",
        "official congratulation",
        "Ucapan selamat atau duka resmi setelah penetapan atau pelantikan.",
    ),
    (
        "N11",
        "Penyebutan keluarga yang sah",
        "lawful family mention",
        "Menyebut keluarga yang menjadi peserta tanpa ajakan atau simbol.",
    ),
)

# code, title, English title, explanation, English explanation
DECISION_ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "lolos",
        "Lolos",
        "Pass",
        "Tidak tampak keberpihakan. Tidak perlu tindakan.",
        "No partisanship is apparent. Nothing to do.",
    ),
    (
        "butuh_konteks",
        "Butuh konteks",
        "Needs context",
        "Model tidak cukup yakin. Tidak ada yang dituduhkan; manusia perlu membaca beserta konteksnya.",
        "The model is not sure enough. Nothing is alleged; a person reads it with its context.",
    ),
    (
        "tinjau",
        "Tinjau",
        "Review",
        "Tampak keberpihakan. Perlu ditinjau dua penelaah; ini bukan putusan.",
        "Partisanship is apparent. Two reviewers look at it; this is not a ruling.",
    ),
)

DIRECTION_ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    ("dukung", "Mendukung", "Support", "Menguntungkan suatu peserta.", "Favours a contestant."),
    ("serang", "Menyerang", "Attack", "Merugikan suatu peserta.", "Disfavours a contestant."),
    (
        "campuran",
        "Campuran",
        "Mixed",
        "Menguntungkan satu dan merugikan yang lain.",
        "Favours one and disfavours another.",
    ),
)

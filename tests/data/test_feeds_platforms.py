"""Account and chat exports: each format's true shape, what is left out, and that no name of a person is kept."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.feeds import Feed, FeedError, FeedOptions, FeedRow, NoPostsError, RowProblem, open_feed
from pilah_data.feeds.mojibake import repaired
from tests.data import exports
from tests.data.exports import TEXTS

Write = Callable[[str, bytes | str], Path]
Read = Callable[..., tuple[Feed, list[FeedRow | RowProblem]]]


@pytest.fixture
def read(write: Write) -> Read:
    def _read(name: str, content: bytes | str, **options: str) -> tuple[Feed, list[FeedRow | RowProblem]]:
        feed, opened = open_feed(write(name, content), FeedOptions(**options))
        with opened:
            return feed, list(feed.rows)

    return _read


def texts(rows: list[FeedRow | RowProblem]) -> list[str]:
    assert all(isinstance(row, FeedRow) for row in rows)
    return [row.text for row in rows if isinstance(row, FeedRow)]


ACCOUNTS = {
    "tweets.js": (exports.x_tweets(), list(TEXTS)),
    "note-tweet.js": (exports.x_notes(), list(TEXTS[:2])),
    "your_posts_1.json": (exports.facebook_posts(), list(TEXTS)),
    "comments.json": (exports.facebook_comments(), [TEXTS[1]]),
    "your_uncategorized_photos.json": (exports.facebook_media("other_photos_v2"), [TEXTS[2]]),
    "your_videos.json": (exports.facebook_media("videos_v2"), [f"Judul\n{TEXTS[2]}"]),
    "0.json": (exports.facebook_album(), [TEXTS[2], TEXTS[1]]),
    "your_reels.json": (exports.facebook_reels(), [TEXTS[2]]),
    "posts_1.json": (exports.instagram_posts(), [*TEXTS, "Dua gambar, satu keterangan"]),
    "post_comments_1.json": (exports.instagram_comments(), [TEXTS[1]]),
    "user_data.json": (exports.tiktok(), [*TEXTS, "Judul video"]),
    "result.json": (exports.telegram_chat(), [*TEXTS, "Baca https://contoh.go.id ya"]),
    "android_id.txt": (exports.WHATSAPP_ANDROID_ID, ["Apel pukul 07.00: jangan terlambat\nbawa topi", "Siap 👍"]),
    "android_en.txt": (exports.WHATSAPP_ANDROID_EN, ["Apel pagi", "Siap"]),
    "ios_id.txt": (exports.WHATSAPP_IOS_ID, ["Apel pagi\nbaris dua", "Selamat tahun baru"]),
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_the_posts_of_an_export_are_read_whatever_its_file_is_called(read: Read, name: str) -> None:
    content, expected = ACCOUNTS[name]
    assert texts(read(name, content)[1]) == expected
    assert texts(read("unduhan.dat", content)[1]) == expected


@pytest.mark.parametrize("name", ACCOUNTS)
def test_no_name_of_a_person_is_kept(read: Read, name: str) -> None:
    feed, rows = read(name, ACCOUNTS[name][0])
    kept = json.dumps([dict(row.fields) for row in rows if isinstance(row, FeedRow)], ensure_ascii=False).lower()
    assert "rekaan" not in kept
    assert "orang lain" not in kept
    assert not {"author", "from", "title", "name"} & set(feed.columns)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_row_has_the_columns_of_its_feed(read: Read, name: str) -> None:
    feed, rows = read(name, ACCOUNTS[name][0])
    assert all(tuple(row.fields) == feed.columns for row in rows if isinstance(row, FeedRow))
    assert not feed.ragged


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_cut_export_is_an_error_or_loses_its_end_only(read: Read, name: str) -> None:
    content, expected = ACCOUNTS[name]
    for cut in range(len(content) // 4, len(content) - 2, max(len(content) // 15, 1)):
        try:
            found = read(name, content[:cut])[1]
        except FeedError as error:
            assert name in str(error)  # noqa: PT017 - a cut chat is still a chat
        else:
            assert name.endswith(".txt")
            assert len(found) <= len(expected) + 1  # a placeholder that is cut looks like a text


def test_a_tweet_keeps_its_id_and_the_signs_that_were_seen(read: Read) -> None:
    _, (row,) = read("tweets.js", exports.x_tweets(("A & B <3",)))
    assert isinstance(row, FeedRow)
    assert (row.id, row.text, row.fields["kind"]) == ("9000", "A & B <3", "post")


@pytest.mark.parametrize("kind", ["direct_messages", "follower", "like", "account"])
def test_what_is_no_post_in_an_x_archive_is_not_read(read: Read, kind: str) -> None:
    with pytest.raises(NoPostsError, match=r"not posts; choose data/tweets\.js"):
        read("a.js", exports.x_tweets(kind=kind))


@pytest.mark.parametrize("content", [exports.facebook_messages(), exports.messenger_encrypted()])
def test_private_messages_of_an_account_are_not_read(read: Read, content: str) -> None:
    with pytest.raises(NoPostsError, match="private messages"):
        read("message_1.json", content)


@pytest.mark.parametrize("name", ["notifications_v2", "friends_v2", "reactions_v2"])
def test_the_other_lists_of_an_account_are_no_posts(read: Read, name: str) -> None:
    entries = [{"timestamp": 1700000000, "unread": True, "href": "https://x", "text": "Orang Lain menyebut Anda"}]
    with pytest.raises(NoPostsError, match=f"holds '{name}', not posts"):
        read("notifications.json", json.dumps({name: entries}))


@pytest.mark.parametrize("depth", [0, 1])
def test_a_conversation_is_not_read_whoever_exported_it(read: Read, depth: int) -> None:
    # Its participants stand behind more messages than sniffing looks at.
    said: object = {"messages": [{"who": "Orang", "text": "rahasia " * 20}] * 1000, "participants": ["Orang", "Lain"]}
    with pytest.raises(NoPostsError, match="messages of a conversation"):
        read("Budi_2.json", json.dumps({"chat": said} if depth else said))


def test_messages_of_which_nobody_is_named_are_read(read: Read) -> None:
    assert texts(read("a.json", '{"messages": [{"text": "Apel pagi"}], "channel": "Umum"}')[1]) == ["Apel pagi"]


def test_a_whole_telegram_account_gives_groups_but_no_conversations_of_two(read: Read) -> None:
    feed, rows = read("result.json", exports.telegram_account())
    assert [row.id for row in rows if isinstance(row, FeedRow)] == ["42-2", "42-3", "42-4", "42-5"]
    assert "1 conversations of two left out" in feed.notes.lines()


def test_what_is_left_out_is_counted(read: Read) -> None:
    assert read("a.json", exports.facebook_posts())[0].notes.lines() == [
        "1 entries without text (photos, shares, links) left out"
    ]
    assert "1 service messages left out" in read("r.json", exports.telegram_chat())[0].notes.lines()


def test_a_wrong_entry_is_a_problem_row_and_the_rest_goes_on(read: Read) -> None:
    content = exports.x_tweets().replace("[\n", "[ 7,\n", 1)
    _, rows = read("tweets.js", content)
    assert rows[0] == RowProblem(1, "not a JSON object")
    assert len(rows) == 1 + len(TEXTS)


def test_bytes_that_are_no_text_cost_an_entry(read: Read) -> None:
    content = exports.telegram_chat().encode().replace(b"halaman", b"hal\xffman")
    _, rows = read("result.json", content)
    assert [type(row) for row in rows].count(RowProblem) == 1
    assert len(rows) == 4


def test_a_column_that_an_export_lacks_is_refused(read: Read) -> None:
    with pytest.raises(FeedError, match="there is no column 'isi'; its columns are kind, created_at, text"):
        read("a.json", exports.facebook_posts(), text_column="isi")


@pytest.mark.parametrize("text", ["kafé", "Selamat 🎉", "Ä", "“petik”"])
def test_harmed_text_is_repaired_and_sound_text_kept(text: str) -> None:
    assert repaired(text.encode().decode("latin-1")) == text
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Selamat 🎉 pagi 🎉".encode()[:-2], "Selamat 🎉 pagi \ufffd"),
        ("Selamat 🎉 pagi 🎉".encode()[:-1], "Selamat 🎉 pagi \ufffd"),
        ("siap — kafé".encode()[:-1], "siap — kaf\xc3"),
        ("kafé".encode("latin-1"), "kafé"),
        ("«déjà»".encode("latin-1"), "«déjà»"),
    ],
    ids=["half", "last byte", "a byte alone", "sound", "sound with quotes"],
)
def test_what_can_be_repaired_is_where_a_letter_was_cut(written: bytes, meant: str) -> None:
    assert repaired(written.decode("latin-1")) == meant


def test_times_are_iso_in_utc(read: Read) -> None:
    _, rows = read("posts_1.json", exports.instagram_comments())
    assert [row.fields["created_at"] for row in rows if isinstance(row, FeedRow)] == ["2023-11-14T22:13:20+00:00"]


@pytest.mark.parametrize(
    ("written", "kept"), [('"1700000000"', "2023-11-14T22:13:20+00:00"), (f'"{"9" * 5000}"', "9" * 5000)]
)
def test_a_time_that_is_none_stays_as_it_was_written(read: Read, written: str, kept: str) -> None:
    entries = f'[{{"timestamp":1700000000,"data":[{{"post":"a"}}]}},{{"timestamp":{written},"data":[{{"post":"b"}}]}}]'
    _, rows = read("posts.json", entries)
    assert [row.fields["created_at"] for row in rows if isinstance(row, FeedRow)][-1] == kept


@pytest.mark.parametrize(
    ("name", "start", "key"),
    [("posts.json", '{"posts":', "posts"), ("user_data.json", '{"TikTok Live":', "x"), ("a.json", '{"a":', "a")],
)
def test_an_export_that_nests_without_end_is_refused(read: Read, name: str, start: str, key: str) -> None:
    entry = '[{"timestamp":1700000000,"data":[{"post":"a"}]}]'
    content = start + f'{{"{key}":' * 5000 + entry + "}" * 5001
    with pytest.raises(FeedError, match="more than 500 levels deep"):
        read(name, content)


def test_takeout_comments_are_unwrapped_and_keep_their_columns(read: Read) -> None:
    feed, rows = read("comments.csv", exports.takeout_comments())
    assert texts(rows[:3]) == ["Selamat pagi", "Terima kasih semua", "Apa adanya, tanpa kurung"]
    assert [row.id for row in rows[:3] if isinstance(row, FeedRow)] == ["c1", "c2", "c3"]
    assert isinstance(rows[0], FeedRow)
    assert rows[0].fields["Comment text"] == "Selamat pagi"
    assert feed.columns == tuple(next(csv.reader([exports.TAKEOUT_HEADER])))
    assert isinstance(rows[3], RowProblem)


@pytest.mark.parametrize(
    ("column", "ids"), [(None, ["c1", "c2", "c3"]), ("Parent comment ID", ["2", "c1", "4"]), ("Video ID", ["v1"] * 3)]
)
def test_wrapped_and_plain_texts_of_takeout_have_ids_of_one_column(
    read: Read, column: str | None, ids: list[str]
) -> None:
    # A newer export also names the post of the channel, in a column that elsewhere identifies the row.
    lines = exports.takeout_comments().splitlines(keepends=True)
    newer = [f"{named},{line}" for named, line in zip(["Post ID", *"pqrs"], lines, strict=True)]
    for content in (lines, newer):
        _, rows = read("comments.csv", "".join(content), **({"id_column": column} if column else {}))
        assert [row.id for row in rows if isinstance(row, FeedRow)] == ids


@pytest.mark.parametrize("content", [exports.CROWDTANGLE, exports.BRANDWATCH, exports.APIFY_CSV])
def test_exports_of_tools_are_known_by_their_columns(read: Read, content: str) -> None:
    assert texts(read("a.csv", content)[1]) == [TEXTS[0]]


def test_a_named_column_wins_in_the_export_of_a_tool(read: Read) -> None:
    assert texts(read("a.csv", exports.BRANDWATCH, text_column="Snippet")[1]) == ["Cuplikan"]


# --- WhatsApp -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "moments"),
    [
        ("android_id.txt", ["2023-12-31T09:15:00", "2023-12-31T09:17:00"]),
        ("android_en.txt", ["2023-12-31T21:15:00", "2024-01-02T00:06:00"]),
        ("ios_id.txt", ["2023-12-31T09:11:22", "2024-01-01T00:00:59"]),
    ],
)
def test_dates_of_both_languages_are_understood(read: Read, name: str, moments: list[str]) -> None:
    _, rows = read(name, ACCOUNTS[name][0])
    assert [row.fields["created_at"] for row in rows if isinstance(row, FeedRow)] == moments


def test_a_chat_in_which_no_date_tells_its_order_is_read_day_first_and_says_so(read: Read) -> None:
    feed, rows = read("chat.txt", "01/02/2024 09.15 - A: satu\n02/02/2024 09.15 - B: dua\n")
    assert [row.fields["created_at"] for row in rows if isinstance(row, FeedRow)] == [
        "2024-02-01T09:15:00",
        "2024-02-02T09:15:00",
    ]
    assert "dates are read as day/month/year" in feed.notes.lines()


def test_a_date_that_is_none_stays_as_it_was_written(read: Read) -> None:
    _, rows = read("chat.txt", "31/12/2023 09.15 - A: satu\n99/99/2023 09.15 - B: dua\n")
    assert [row.fields["created_at"] for row in rows if isinstance(row, FeedRow)][-1] == "99/99/2023 09:15"


def test_lines_of_the_system_are_counted_and_rows_have_the_number_of_their_line(read: Read) -> None:
    feed, rows = read("chat.txt", exports.WHATSAPP_ANDROID_ID)
    assert [row.number for row in rows] == [3, 7]
    assert feed.notes.lines()[1:] == [
        "3 lines of the system (members, encryption, calls) left out",
        "2 messages without text (media, deleted) left out",
    ]


def test_a_message_that_quotes_a_date_within_is_one_message(read: Read) -> None:
    _, rows = read(
        "chat.txt", "31/12/2023 09.15 - A: rapat pada\n  31/12/2023 10.00 - ruang dua\n31/12/2023 09.16 - B: siap\n"
    )
    assert len(rows) == 2


def test_a_sender_called_like_a_system_word_is_a_sender(read: Read) -> None:
    _, rows = read("chat.txt", "31/12/2023 09.15 - Tim Keluar Masuk: satu\n31/12/2023 09.16 - B: dua\n")
    assert texts(rows) == ["satu", "dua"]


def test_a_chat_from_an_iphone_whose_first_line_has_no_mark_is_no_json(read: Read) -> None:
    content = "".join(exports.WHATSAPP_IOS_ID.splitlines(keepends=True)[1:])
    assert content.startswith("[")
    for name in ("_chat.txt", "unduhan.dat"):
        assert texts(read(name, content)[1]) == ["Apel pagi\nbaris dua", "Selamat tahun baru"]


@pytest.mark.parametrize(
    "placeholder", ["IMG-20231231-WA0001.jpg (file terlampir)", "\u200eIMG-1.jpg (file attached)", "<terlampir: 1.jpg>"]
)
def test_the_caption_of_a_file_is_read_without_its_name(read: Read, placeholder: str) -> None:
    _, rows = read("chat.txt", f"31/12/2023 09.15 - A: {placeholder}\nApel pagi\n\ndua\n31/12/2023 09.16 - B: siap\n")
    assert texts(rows) == ["Apel pagi\n\ndua", "siap"]


@pytest.mark.parametrize(
    "said",
    [
        "Pesan dan panggilan kemarin soal enkripsi perlu dibahas",
        "Pesan dan panggilan terenkripsi secara end-to-end, kata siapa?",
        "Panggilan suara tak terjawab terus dari kantor",
        "Lokasi: https://maps.google.com/?q=1,2 jangan lupa",
        "\u200ePOLLING:\nSiapa yang keluar?\n\u200eOPSI: A (\u200e2 suara)",
        "Surat no.2 \u200egambar tidak disertakan",
        "\u200eSemua keluar rumah \u200egambar tidak disertakan",
        "Harga naik • apa kata warga? \u200e<terlampir: 1-PHOTO.jpg>",
    ],
)
def test_what_only_resembles_a_line_of_the_application_is_a_message(read: Read, said: str) -> None:
    _, rows = read("chat.txt", f"31/12/2023 09.15 - A: {said}\n31/12/2023 09.16 - B: siap\n")
    (first, second) = texts(rows)
    assert first.split()[0].lstrip("\u200e") == said.split(maxsplit=1)[0].lstrip("\u200e")
    assert "disertakan" not in first
    assert "terlampir" not in first
    assert second == "siap"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("\u200ePesan dan panggilan terenkripsi secara end-to-end. Tidak seorang pun di luar chat ini.", "lines of"),
        (
            "Pesan ke chat ini dan panggilan sekarang diamankan dengan enkripsi end-to-end. Ketuk untuk info.",
            "lines of",
        ),
        ("Messages to this group are now secured with end-to-end encryption. Tap for more info.", "lines of"),
        ("\u200ePanggilan suara tak terjawab", "lines of"),
        ("\u200eMissed video call. \u200eTap to call back", "lines of"),
        ("\u200ePanggilan video, \u200eTidak dijawab", "lines of"),
        ("Surat.pdf • \u200e2 halaman \u200edokumen tidak disertakan", "messages without text"),
        ("Surat edaran • \u200e12 pages \u200edocument omitted", "messages without text"),
        ("Surat.pdf • \u200e2 halaman \u200e<terlampir: 00000001-Surat.pdf>", "messages without text"),
        ("\u200epesan video tidak disertakan", "messages without text"),
        ("\u200ePesan ini dihapus oleh admin Orang Rekaan.", "messages without text"),
        ("\u200eLokasi: https://maps.google.com/?q=-6.2,106.8", "messages without text"),
    ],
)
def test_what_nobody_wrote_is_counted(read: Read, said: str, kind: str) -> None:
    feed, rows = read("chat.txt", f"[31/12/23 09.15.22] A: {said}\n[31/12/23 09.16.22] B: siap\n")
    assert texts(rows) == ["siap"]
    assert any(line.startswith(f"1 {kind}") for line in feed.notes.lines())


@pytest.mark.parametrize(
    ("first", "moment"),
    [
        ("05/11/24 9.15 AM", "2024-11-05T09:15:00"),
        ("05/11/24 9.15\u202fPM", "2024-11-05T21:15:00"),
        ("5/11/24, 9:15 PM", "2024-05-11T21:15:00"),
    ],
)
def test_a_dot_in_the_time_tells_that_the_day_comes_first(read: Read, first: str, moment: str) -> None:
    _, (row, _) = read("chat.txt", f"{first} - A: satu\n{first} - B: dua\n")
    assert isinstance(row, FeedRow)
    assert row.fields["created_at"] == moment


@pytest.mark.parametrize("lines", [25, 400])
def test_a_chat_that_begins_with_a_long_message_is_a_chat(read: Read, lines: int) -> None:
    long = "\n".join(f"baris {n}" for n in range(lines))
    _, rows = read("chat.txt", f"20/11/24 09.15 - A: {long}\n20/11/24 09.16 - B: siap\n")
    assert texts(rows) == [long, "siap"]


def test_a_document_that_quotes_two_messages_is_no_chat(read: Read) -> None:
    quoted = "20/11/24 09.15 - A: satu\n20/11/24 09.16 - B: dua\n"
    with pytest.raises(FeedError, match="no export that is known"):
        read("notulen.txt", "Notulen rapat\n" * 30 + quoted + "Demikian\n" * 30)


def test_a_text_may_begin_in_the_line_below_its_sender(read: Read) -> None:
    _, rows = read("chat.txt", "20/11/24 09.15 - A:\nApel: pagi\n20/11/24 09.16 - B: \nsiap\n")
    assert texts(rows) == ["Apel: pagi", "siap"]

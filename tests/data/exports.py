"""Invented exports in each format's true shape, for the tests of the readers and their benchmark; no text is anyone's post."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

TEXTS = ("Apel pagi di halaman kantor", "Rapat anggaran ditunda — besok siang", "Selamat hari guru 🎉")


def harmed(value: Any) -> Any:
    """Return a value with its texts written as Facebook and Instagram write them: a character for each byte."""
    if isinstance(value, str):
        return value.encode("utf-8").decode("latin-1")
    if isinstance(value, dict):
        return {key: harmed(inner) for key, inner in value.items()}
    return [harmed(inner) for inner in value] if isinstance(value, list) else value


def x_tweets(texts: tuple[str, ...] = TEXTS, kind: str = "tweets") -> str:
    entries = [
        {
            "tweet": {
                "edit_info": {"initial": {"editTweetIds": [str(9000 + n)], "isEditEligible": False}},
                "retweeted": False,
                "source": '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
                "entities": {"hashtags": [], "user_mentions": [{"name": "Nama Rekaan", "screen_name": "rekaan"}]},
                "favorite_count": "0",
                "id_str": str(9000 + n),
                "created_at": "Tue Nov 21 08:15:00 +0000 2023",
                "full_text": text.replace("&", "&amp;").replace("<", "&lt;"),
                "lang": "in",
            }
        }
        for n, text in enumerate(texts)
    ]
    return f"window.YTD.{kind}.part0 = {json.dumps(entries, indent=2, ensure_ascii=False)}"


def x_notes() -> str:
    entries = [
        {"noteTweet": {"noteTweetId": "7", "createdAt": "2024-01-02T03:04:05.000Z", "core": {"text": TEXTS[0]}}},
        {"noteTweet": {"noteTweetId": "8", "noteTweetResults": {"text": TEXTS[1]}}},
    ]
    return "window.YTD.note_tweet.part0 = " + json.dumps(entries)


def facebook_posts(texts: tuple[str, ...] = TEXTS) -> str:
    entries: list[dict[str, Any]] = [
        {
            "timestamp": 1700000000 + n,
            "attachments": [{"data": [{"media": {"uri": "posts/media/1.jpg", "description": "Keterangan gambar"}}]}],
            "data": [{"post": text}, {"update_timestamp": 1700000500}],
            "title": "Orang Rekaan memperbarui statusnya.",
        }
        for n, text in enumerate(texts)
    ]
    entries.append({"timestamp": 1700000900, "data": [], "title": "Orang Rekaan menambahkan foto."})
    return json.dumps(harmed(entries), indent=2)


def facebook_comments() -> str:
    return json.dumps(
        harmed(
            {
                "comments_v2": [
                    {
                        "timestamp": 1700000000,
                        "data": [{"comment": {"timestamp": 1700000000, "comment": TEXTS[1], "author": "Orang Rekaan"}}],
                        "title": "Orang Rekaan mengomentari kiriman.",
                    }
                ]
            }
        )
    )


def _facebook_medium(title: str) -> dict[str, Any]:
    metadata = {"photo_metadata": {"exif_data": [{"upload_ip": "192.0.2.1"}]}}
    entry = {"uri": "posts/media/1.jpg", "creation_timestamp": 1700000000, "media_metadata": metadata}
    return entry | {"title": title, "description": TEXTS[2]}


def facebook_media(key: str) -> str:
    bare = {"uri": "posts/media/2.jpg", "creation_timestamp": 1700000001, "title": "", "description": ""}
    return json.dumps(harmed({key: [_facebook_medium("Judul"), bare]}))


def facebook_album() -> str:
    said = {"timestamp": 1700000000, "comment": "Kata orang lain", "author": "Orang Rekaan"}
    photo = _facebook_medium("Foto Seluler") | {"comments": [said]}
    album = {"name": "Foto Seluler", "photos": [photo], "cover_photo": photo, "last_modified_timestamp": 1700000000}
    return json.dumps(
        harmed(album | {"comments": [{"timestamp": 1, "data": [{"comment": said}]}], "description": TEXTS[1]})
    )


def facebook_reels() -> str:
    reel = {"timestamp": 1700000000, "attachments": [{"data": [{"media": _facebook_medium("")}]}]}
    return json.dumps(harmed({"lasso_videos_v2": [reel]}))


def facebook_messages() -> str:
    return json.dumps(
        {
            "participants": [{"name": "Orang Rekaan"}, {"name": "Orang Lain"}],
            "messages": [{"sender_name": "Orang Rekaan", "timestamp_ms": 1700000000000, "content": "pesan pribadi"}],
        }
    )


def messenger_encrypted() -> str:
    said = {"isUnsent": False, "media": [], "reactions": [], "senderName": "Orang Rekaan", "text": "pesan pribadi"}
    chat = {"participants": ["Orang Rekaan", "Orang Lain"], "threadName": "OrangLain_2"}
    return json.dumps(chat | {"messages": [said | {"timestamp": 1700000000000, "type": "text"}]})


def instagram_posts(texts: tuple[str, ...] = TEXTS) -> str:
    entries: list[dict[str, Any]] = [
        {"media": [{"uri": f"media/{n}.jpg", "creation_timestamp": 1700000000 + n, "title": text}]}
        for n, text in enumerate(texts)
    ]
    two = [{"uri": "media/a.jpg", "creation_timestamp": 1700000100, "title": ""}] * 2
    entries.append({"media": two, "title": "Dua gambar, satu keterangan", "creation_timestamp": 1700000100})
    entries.append({"media": two, "title": "", "creation_timestamp": 1700000200})
    return json.dumps(harmed(entries))


def instagram_comments() -> str:
    data = {
        "Comment": {"value": TEXTS[1]},
        "Media Owner": {"value": "akun_rekaan"},
        "Time": {"timestamp": 1700000000},
    }
    return json.dumps(harmed([{"media_list_data": [{"uri": ""}], "string_map_data": data}]))


def tiktok(texts: tuple[str, ...] = TEXTS) -> str:
    comments = [
        {"date": "2024-01-02 03:04:05", "comment": text, "photo": "N/A", "url": "https://www.tiktok.com/v/1"}
        for text in texts
    ]
    return json.dumps(
        {
            "Your Activity": {"Watch History": {"VideoList": [{"Date": "2024-01-01 00:00:00", "Link": "https://x/1"}]}},
            "Comment": {"Comments": {"App": 1, "CommentsList": comments}},
            "Direct Message": {"Chat History": {"ChatHistory": {"Chat with rekaan:": [{"Content": "pribadi"}]}}},
            "Post": {
                "Posts": {
                    "VideoList": [
                        {"Date": "2024-01-03 00:00:00", "Link": "https://x/2", "Likes": "3", "Title": "Judul video"},
                        {"Date": "2024-01-04 00:00:00", "Link": "https://x/3", "Likes": "3", "Title": ""},
                    ]
                }
            },
        },
        ensure_ascii=False,
    )


def telegram_messages(texts: tuple[str, ...] = TEXTS) -> list[dict[str, Any]]:
    entities: list[Any] = ["Baca ", {"type": "link", "text": "https://contoh.go.id"}, " ya"]
    said: list[Any] = [*texts, entities, ""]
    messages = [
        {
            "id": n,
            "type": "message",
            "date": "2024-01-02T03:04:05",
            "date_unixtime": "1704139445",
            "from": "Orang Rekaan",
            "from_id": "user1",
            "text": text,
            "text_entities": [{"type": "plain", "text": "x"}],
        }
        for n, text in enumerate(said, start=2)
    ]
    service = {
        "id": 1,
        "type": "service",
        "date": "2024-01-02T03:04:05",
        "actor": "Orang Rekaan",
        "action": "create_group",
    }
    return [service, *messages]


def telegram_chat(texts: tuple[str, ...] = TEXTS) -> str:
    chat = {"name": "Grup", "type": "private_group", "id": 42, "messages": telegram_messages(texts)}
    return json.dumps(chat, indent=1, ensure_ascii=False)


def telegram_account() -> str:
    chats = [
        {"name": "Orang Lain", "type": "personal_chat", "id": 1, "messages": telegram_messages()},
        {"name": "Grup", "type": "public_supergroup", "id": 42, "messages": telegram_messages()},
    ]
    about = "Here is the data you requested. Remember: …"
    return json.dumps({"about": about, "personal_information": {"user_id": 1}, "chats": {"about": "", "list": chats}})


TAKEOUT_HEADER = "Comment ID,Channel ID,Comment create timestamp,Price,Parent comment ID,Video ID,Comment text\r\n"


def takeout_comments() -> str:
    return (
        TAKEOUT_HEADER
        + 'c1,UC1,2024-01-02T03:04:05+00:00,0,,v1,"{""takeoutSegments"":[{""text"":""Selamat ""},{""text"":""pagi""}]}"\r\n'
        + 'c2,UC1,2024-01-02T03:04:06+00:00,0,c1,v1,"{""text"":""Terima kasih ""},{""text"":""semua""}"\r\n'
        + 'c3,UC1,2024-01-02T03:04:07+00:00,0,,v1,"Apa adanya, tanpa kurung"\r\n'
        + 'c4,UC1,2024-01-02T03:04:08+00:00,0,,v1,"{""text"":""\\n""}"\r\n'
    )


WHATSAPP_ANDROID_ID = (
    "31/12/2023 09.10 - Pesan dan panggilan terenkripsi secara end-to-end. Hanya orang di chat ini yang dapat membaca.\n"
    '31/12/2023 09.11 - Orang Rekaan membuat grup "Rapat: pagi"\n'
    "31/12/2023 09.15 - Orang Rekaan: Apel pukul 07.00: jangan terlambat\n"
    "bawa topi\n"
    "\n"
    "31/12/2023 09.16 - +62 812-0000-0000: <Media tidak disertakan>\n"
    "31/12/2023 09.17 - Orang Lain: Siap 👍 <Pesan ini diedit>\n"
    "31/12/2023 09.18 - Orang Lain: Pesan ini dihapus\n"
    "31/12/2023 09.19 - Orang Lain keluar\n"
)
WHATSAPP_ANDROID_EN = (
    "12/31/23, 9:10\u202fPM - Messages and calls are end-to-end encrypted. Only people in this chat can read them.\n"
    "12/31/23, 9:15\u202fPM - Orang Rekaan: Apel pagi\n"
    "1/2/24, 12:05\u202fAM - Orang Lain: IMG-1.jpg (file attached)\n"
    "1/2/24, 12:06\u202fAM - Orang Lain: Siap\n"
)
WHATSAPP_IOS_ID = (
    "\u200e[31/12/23 09.10.01] Grup: \u200ePesan dan panggilan terenkripsi secara end-to-end.\r\n"
    "[31/12/23 09.11.22] ~ Orang Rekaan: Apel pagi\r\n"
    "baris dua\r\n"
    "\u200e[31/12/23 09.12.00] Orang Lain: \u200egambar tidak disertakan\r\n"
    "[31/12/23 09.13.00] Orang Lain: \u200eOrang Lain menambahkan Orang Ketiga\r\n"
    "[01/01/24 00.00.59] Orang Lain: Selamat tahun baru\r\n"
)

CROWDTANGLE = (
    "Page Name,User Name,Facebook Id,Page Category,Post Created,Type,Total Interactions,Likes,URL,Message,Link,Final Link,"
    "Image Text,Link Text,Description\r\n"
    '"Halaman Rekaan",rekaan,100,GOVERNMENT,"2024-01-02 03:04:05 WIB",Photo,"1,234",12,https://contoh/1,'
    f'"{TEXTS[0]}",,,Teks gambar,,Bukan ini\r\n'
)
BRANDWATCH = (
    'Report:,"Bulk Mentions Download",,\r\n'
    "Brand:,Kementerian Rekaan,,\r\n"
    'From:,"Mon Jan 01 00:00:00 WIB 2024",,\r\n'
    'To:,"Tue Jan 02 00:00:00 WIB 2024",,\r\n'
    "Label:,Contoh,,\r\n"
    "\r\n"
    "Query Id,Query Name,Date,Title,Snippet,Url,Full Text\r\n"
    f"1,Contoh,2024-01-01 00:00:00.0,Judul,Cuplikan,https://contoh/1,{TEXTS[0]}\r\n"
)
APIFY_CSV = f"id,authorMeta/name,text,createTimeISO,diggCount\n1,akun_rekaan,{TEXTS[0]},2024-01-02T03:04:05.000Z,5\n"


def apify_json(texts: tuple[str, ...] = TEXTS) -> str:
    items = [
        {"id": str(n), "caption": text, "ownerUsername": "akun_rekaan", "likesCount": n, "hashtags": ["a"]}
        for n, text in enumerate(texts)
    ]
    return json.dumps(items, ensure_ascii=False)


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()

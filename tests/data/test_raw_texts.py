"""Unlabelled texts: reading compressed files, deduplication, and keeping the test split out."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from pilah_data.errors import DataError, InputError
from pilah_data.raw_texts import DOMAINS, is_verdict, open_lines, stream
from pilah_data.repeats import Exclusion


def packed(text: str) -> bytes:
    return zstandard.ZstdCompressor().compress(text.encode("utf-8"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("satu\ndua\n", ["satu", "dua"]),
        ("satu\ndua", ["satu", "dua"]),
        ("satu\n\ndua\n", ["satu", "", "dua"]),
        ("", []),
        ("café 🔥\n", ["café 🔥"]),
        ("a\rb\u2028c\n", ["a\rb\u2028c"]),
    ],
)
def test_lines_of_a_compressed_file(tmp_path: Path, text: str, lines: list[str]) -> None:
    (tmp_path / "a.zst").write_bytes(packed(text))
    assert list(open_lines(tmp_path / "a.zst")) == lines


def test_a_long_file_is_read_whole(tmp_path: Path) -> None:
    expected = [f"baris {number} 🔥 {number * number}" for number in range(60_000)]
    (tmp_path / "a.zst").write_bytes(packed("\n".join(expected)))
    assert list(open_lines(tmp_path / "a.zst")) == expected


def test_a_file_of_several_frames_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(packed("satu\ndu") + packed("a\ntiga\n"))
    assert list(open_lines(tmp_path / "a.zst")) == ["satu", "dua", "tiga"]


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_file_that_was_cut_short_is_damaged(tmp_path: Path, keep: float) -> None:
    whole = packed("".join(f"baris {number} {number * 7919 % 1009}\n" for number in range(50_000)))
    (tmp_path / "a.zst").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match="ends too early"):
        list(open_lines(tmp_path / "a.zst"))


@pytest.mark.parametrize("content", [b"bukan zstd", zstandard.ZstdCompressor().compress(b"caf\xe9\n")])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zst").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.zst is damaged"):
        list(open_lines(tmp_path / "a.zst"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is missing"):
        list(open_lines(tmp_path / "a.zst"))


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unreadable"):
        list(open_lines(tmp_path))


@pytest.fixture
def small_shared(tmp_path: Path) -> Path:
    """A folder like `shared`, of a few lines."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "corpus").mkdir()
    rows = [
        "id\ttext\tsource\tfile\tyear\tplatform\tform",
        "1\tapel pagi di kantor\ts\tf\t2024\tTwitter\traw",
        "2\tsudah dipotong kata\ts\tf\t2024\tTwitter\tcleaned",
        "3\tHuruf kecil semua\ts\tf\t2024\tTwitter\tlower-cased",
        "4\trahasia bagian uji\ts\tf\t2024\tTwitter\traw",
    ]
    (tmp_path / "posts" / "posts.tsv.zst").write_bytes(packed("\n".join(rows) + "\n"))
    texts = {
        "social": "APEL pagi, di kantor!\npendek\n",
        "news": "berita pemilu hari ini\n",
        "other": "pasal lima huruf n\n",
    }
    for domain, text in texts.items():
        (tmp_path / "corpus" / f"{domain}.txt.zst").write_bytes(packed(text))
    return tmp_path


def test_the_stream_gives_each_raw_text_once_and_no_test_text(small_shared: Path) -> None:
    assert list(stream(small_shared, Exclusion(["Rahasia bagian uji"]))) == [
        ("social", "apel pagi di kantor"),
        ("social", "Huruf kecil semua"),
        ("news", "berita pemilu hari ini"),
        ("other", "pasal lima huruf n"),
    ]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("menimbang bahwa terdakwa mengerti dan tidak mengajukan keberatan", True),
        ("1 satu buah tas warna hitam dirampas untuk dimusnahkan", True),
        ("_unk_ beserta kunci kontak sepeda motor", True),
        ("Menimbang bahwa terdakwa mengerti dan tidak mengajukan keberatan", False),
        ("menimbang bahwa terdakwa mengerti, dan tidak mengajukan keberatan.", False),
        ("adalah penyediaan kemudahan bagi penerima", False),
    ],
)
def test_verdicts_are_told_by_their_writing(line: str, verdict: bool) -> None:
    assert is_verdict(line) is verdict


def test_verdicts_are_left_out_of_the_corpus_that_holds_them_and_of_no_other(small_shared: Path) -> None:
    line = "bahwa saksi kenal dengan terdakwa"
    for domain in ("other", "social"):
        (small_shared / "corpus" / f"{domain}.txt.zst").write_bytes(packed(f"{line} di {domain}\n"))
    texts = list(stream(small_shared, Exclusion([])))
    assert ("social", f"{line} di social") in texts
    assert not [text for domain, text in texts if domain == "other"]


@pytest.mark.parametrize("row", ["5\tteks\ts", "5\tteks\ts\tf\t2024\tTwitter\traw\tlebih", ""])
def test_a_row_without_its_seven_columns_is_named(small_shared: Path, row: str) -> None:
    path = small_shared / "posts" / "posts.tsv.zst"
    head = "\n".join(list(open_lines(path))[:2])
    path.write_bytes(packed(f"{head}\n{row}\n6\tt\ts\tf\t2024\tTwitter\traw\n"))
    with pytest.raises(DataError, match=r"posts\.tsv\.zst, line 3: . columns? instead of 7"):
        list(stream(small_shared, Exclusion([])))


def test_the_stream_names_a_missing_part(small_shared: Path) -> None:
    (small_shared / "corpus" / "news.txt.zst").unlink()
    with pytest.raises(InputError, match=r"news\.txt\.zst is missing"):
        list(stream(small_shared, Exclusion([])))


@pytest.mark.shared
@pytest.mark.parametrize("domain", DOMAINS)
def test_the_pretraining_texts_are_there(shared: Path, domain: str) -> None:
    assert next(open_lines(shared / "corpus" / f"{domain}.txt.zst"))

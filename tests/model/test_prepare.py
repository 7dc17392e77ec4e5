"""From public texts to a packed folder: what stays out, and what the folder holds."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard
from tokenizers import Tokenizer

from pilah_data.annotation import COLUMNS
from pilah_data.normalise import normalise_text
from pilah_model.pretraining.packing import load_packed
from pilah_model.pretraining.prepare import prepare

TEST = "Ayo warga sekampung besok pagi coblos nomor dua #DesaMajuJaya demi jalan yang mulus"
KEPT = {
    "social": ["apel pagi di lapas berjalan tertib dan aman sampai selesai tadi", "gas kopi dulu kawan kawan semua"],
    "news": ["kpu menetapkan jadwal pemungutan suara di seluruh daerah pada bulan depan nanti"],
    "other": ["pasal lima huruf n mengatur larangan memberikan dukungan kepada calon"],
}
LEFT_OUT = [
    TEST,
    TEST.upper(),
    "dua desa maju jaya demi jalan yang mulus dan terang",  # eight words of it, once its hashtag is split
    TEST.replace("a", "\u0430"),  # letters that only look alike
    "KPU menetapkan jadwal pemungutan suara di seluruh daerah pada bulan depan nanti!!!",
    "Katanya KPU menetapkan jadwal pemungutan suara di seluruh daerah pada bulan depan nanti",
    "apel p\u0430gi di lapas berj\u0430lan tertib dan aman sampai selesai tadi",
]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder laid out as the public texts: one test post, and texts of which some repeat it or others."""
    posts = ["id\ttext\tsource\tfile\tyear\tplatform\tform", f"{'0' * 12}\t{TEST}\ts\tf\t2024\tp\traw"]
    for name, lines in {
        "posts/posts.tsv.zst": posts,
        "corpus/social.txt.zst": KEPT["social"],
        "corpus/news.txt.zst": KEPT["news"],
        "corpus/other.txt.zst": [*KEPT["other"], *LEFT_OUT],
    }.items():
        path = tmp_path / "shared" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zstandard.ZstdCompressor().compress(("\n".join(lines) + "\n").encode()))
    return tmp_path / "shared"


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """A reading that puts the post into the test split."""
    folder = tmp_path / "readings"
    folder.mkdir()
    row = ("0" * 12, "partisan", "B02", "+", "-", "-1", "-1", "test", "s", "r")
    (folder / "labels_1.tsv").write_text("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n", encoding="utf-8")
    return folder


def test_the_test_split_and_repetitions_stay_out_as_normalised_too(
    shared: Path, readings: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    manifest = prepare(shared, readings, tmp_path / "packed", said.append, vocabulary=400, processes=1)
    packed = load_packed(tmp_path / "packed")
    tokenizer = Tokenizer.from_file(str(tmp_path / "packed" / "tokenizer.json"))
    pieces = [packed.piece(i).tolist() for i in range(len(packed.lengths))]
    kept = [normalise_text(text) for texts in KEPT.values() for text in texts]
    assert pieces == [one.ids for one in tokenizer.encode_batch(kept, add_special_tokens=False)]
    assert manifest["pieces"] == {domain: len(kept) for domain, kept in KEPT.items()}
    assert "4 distinct texts" in said[1]
    assert "normalised, 2 more repeat others and 1 a test post" in said[1]


def test_a_vocabulary_that_is_there_is_kept(shared: Path, readings: Path, tmp_path: Path) -> None:
    said: list[str] = []
    first = prepare(shared, readings, tmp_path / "first", said.append, vocabulary=400, processes=1)
    kept = tmp_path / "first" / "tokenizer.json"
    again = prepare(shared, readings, tmp_path / "again", said.append, tokenizer=kept, processes=1)
    assert again == first
    assert (tmp_path / "again" / "tokenizer.json").read_bytes() == kept.read_bytes()

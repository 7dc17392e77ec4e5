from __future__ import annotations

import random

from pilah_data.neighbours import THRESHOLD, shingles, similarity
from pilah_data.sketches import BANDS, sketch

TEXT = "ayo warga sekampung besok pagi kita datang ke balai desa membawa payung dan bekal secukupnya untuk ronda"


def test_like_posts_share_a_band_and_others_do_not() -> None:
    like = f"{TEXT.upper()} 🔥🔥 @USER"
    assert set(sketch(TEXT)) & set(sketch(like))
    assert not set(sketch(TEXT)) & set(sketch("panen bawang tahun ini lumayan, harga di pasar naik sejak kemarin sore"))


def test_a_sketch_is_small_stable_and_fits_a_database() -> None:
    numbers = sketch(TEXT)
    assert len(numbers) == BANDS
    assert all(0 <= number < 2**63 for number in numbers)
    # Stored sketches stay comparable only while these numbers do not change.
    assert numbers[0] == sketch(TEXT)[0] == FIRST
    assert len(sketch("")) == len(sketch("🔥")) == BANDS


def test_nearly_all_near_duplicates_are_found() -> None:
    rng = random.Random(7)
    words = [f"kata{number}" for number in range(400)]
    found = tried = 0
    for _ in range(300):
        text = rng.choices(words, k=40)
        other = text[:-2] + rng.choices(words, k=2)
        one, two = " ".join(text), " ".join(other)
        if similarity(shingles(one), shingles(two)) >= THRESHOLD:
            tried += 1
            found += bool(set(sketch(one)) & set(sketch(two)))
    assert tried > 200
    assert found >= tried - 1


FIRST = 5748311994788725585

"""Ids of public posts: stable under everything that is not a letter or a digit."""

from __future__ import annotations

import hashlib
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.annotation import read_posts
from pilah_data.records import text_id


def test_an_id_is_the_head_of_a_sha256_over_letters_and_digits() -> None:
    assert text_id("Coblos no. 2!") == hashlib.sha256(b"coblosno2").hexdigest()[:12]


@pytest.mark.parametrize(
    "same",
    [
        "kampanye damai, RT 05",
        "KAMPANYE DAMAI RT 05!!!",
        "kampanye  damai\nRT05",
        "@USER kampanye damai RT 05 HTTPURL",
        "kampanye damai RT 05 🔥",
        "ｋａｍｐａｎｙｅ damai RT ０５",
    ],
)
def test_dress_does_not_change_an_id(same: str) -> None:
    assert text_id(same) == text_id("Kampanye damai RT 05")


@pytest.mark.parametrize(("one", "other"), [("nomor 1", "nomor 2"), ("mak2", "mak"), ("dukung", "tidak dukung")])
def test_words_and_digits_change_an_id(one: str, other: str) -> None:
    assert text_id(one) != text_id(other)


def test_only_the_exact_masks_are_left_out() -> None:
    assert text_id("HTTPURL") == text_id("")
    assert text_id("httpurl") != text_id("")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_has_an_id_of_twelve_hex_digits(text: str) -> None:
    assert len(text_id(text)) == 12
    assert set(text_id(text)) <= set("0123456789abcdef")


def test_a_lone_surrogate_has_an_id() -> None:
    assert len(text_id("halo \ud83d")) == 12


@pytest.mark.shared
def test_the_rule_gives_the_ids_of_the_public_posts(shared: Path) -> None:
    posts = list(islice(read_posts(shared), 2000))
    assert [post.id for post in posts if text_id(post.text) != post.id] == []

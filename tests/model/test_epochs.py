"""Epochs of fine-tuning: what they hold is decided by the seed and their number, not by who prepares them."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from pilah_data.corpora import to_example
from pilah_data.errors import InputError
from pilah_data.records import AuthoredPost
from pilah_model.material import Material
from pilah_model.tokens import TextEncoder
from pilah_model.training import epochs as module
from pilah_model.training.augment import NameSwapper
from pilah_model.training.config import TrainConfig
from pilah_model.training.epochs import LabelledBatch, Preparation, epochs
from pilah_model.training.losses import disagreement
from pilah_model.training.run import train

CONFIG = TrainConfig(epochs=3, batch=16, obfuscate=0.5, swap=1.0)


@pytest.fixture
def preparation(few: Material, tiny_tokenizer: Tokenizer) -> Preparation:
    examples = few.split("train")[1]
    return Preparation(examples, NameSwapper(few.authored), TextEncoder(tiny_tokenizer), CONFIG)


def held(preparation: Preparation, workers: int) -> list[list[LabelledBatch]]:
    return [list(batches) for batches in epochs(preparation, workers)]


def test_every_post_comes_once_an_epoch(preparation: Preparation) -> None:
    for batches in held(preparation, 1):
        chosen = np.concatenate([batch.chosen for batch in batches])
        assert sorted(chosen.tolist()) == list(range(len(preparation.examples)))
        assert all(batch.ids.shape == batch.mask.shape and batch.ids.shape[1] % 8 == 0 for batch in batches)
        assert all(len(batch.chosen) == len(batch.ids) <= CONFIG.batch for batch in batches)


def test_epochs_differ_in_order_and_texts(preparation: Preparation) -> None:
    first, second, _ = held(preparation, 1)
    assert [b.chosen.tolist() for b in first] != [b.chosen.tolist() for b in second]
    rows = [
        {int(i): ids.tolist() for b in part for i, ids in zip(b.chosen, b.ids, strict=True)} for part in (first, second)
    ]
    assert sum(rows[0][i] != rows[1][i] for i in rows[0]) > len(rows[0]) / 3


def test_an_epoch_does_not_depend_on_the_ones_before(preparation: Preparation) -> None:
    third = held(preparation, 1)[2]
    alone = preparation.batches(
        3, [row for key in preparation.tasks() if key[0] == 3 for row in preparation.chunk(key)]
    )
    for one, other in zip(third, alone, strict=True):
        np.testing.assert_array_equal(one.ids, other.ids)


def test_workers_change_nothing(preparation: Preparation) -> None:
    for one, other in zip(held(preparation, 1), held(preparation, 2), strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a.ids, b.ids)
            np.testing.assert_array_equal(a.mask, b.mask)
            np.testing.assert_array_equal(a.chosen, b.chosen)


def test_chunks_join_in_order(preparation: Preparation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK", 7)
    assert preparation.chunks == -(-len(preparation.examples) // 7)
    for batches in held(preparation, 1):
        chosen = np.concatenate([batch.chosen for batch in batches])
        assert sorted(chosen.tolist()) == list(range(len(preparation.examples)))


def test_training_ends_the_same_with_workers(tiny_encoder: Path, few: Material, tmp_path: Path) -> None:
    material = Material([], few.authored[:60])
    for workers in (1, 2):
        config = TrainConfig(epochs=2)
        train(str(tiny_encoder), material, config, tmp_path / str(workers), lambda _: None, workers=workers)
    one, two = (load_file(tmp_path / str(workers) / "network.safetensors") for workers in (1, 2))
    assert one.keys() == two.keys()
    for name, weights in one.items():
        np.testing.assert_array_equal(weights, two[name])


class _Deadly:
    """What ends the process that unpacks it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def test_a_worker_that_dies_is_reported(preparation: Preparation) -> None:
    doomed = Preparation(preparation.examples[:5], NameSwapper([]), _Deadly(), CONFIG)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"has died .*--workers"):
        held(doomed, 2)


def test_a_run_that_is_left_early_ends_its_workers(preparation: Preparation) -> None:
    coming = epochs(preparation, 2)
    next(next(coming))
    coming.close()
    assert next(coming, None) is None


def test_posts_with_names_come_a_second_time_with_others_when_consistency_is_asked_for(
    authored: list[AuthoredPost], tiny_tokenizer: Tokenizer
) -> None:
    posts = [to_example(post) for post in authored[:200]]
    text_encoder = TextEncoder(tiny_tokenizer)
    plain = TrainConfig(epochs=1, batch=16, swap=0, swap_known=0, obfuscate=0)
    without, with_twins = (
        list(next(epochs(Preparation(posts, NameSwapper(authored), text_encoder, config))))
        for config in (plain, dataclasses.replace(plain, consistency=1.0))
    )
    assert not any(len(batch.twins) for batch in without)
    named = {i for i, post in enumerate(authored[:200]) if post.names}
    seen = 0
    for one, other in zip(without, with_twins, strict=True):
        np.testing.assert_array_equal(one.ids, other.ids)
        assert {int(other.chosen[t]) for t in other.twins} <= named
        assert len(other.twin_ids) == len(other.twin_mask) == len(other.twins)
        seen += len(other.twins)
    # A name may have been exchanged for one that reads the same.
    assert seen > 0.9 * len(named)


def test_disagreement_is_nothing_between_equals_and_symmetric() -> None:
    one, other = torch.randn(5, 3), torch.randn(5, 3)
    assert disagreement(one, one, 5).item() == 0
    assert disagreement(one, other, 5).item() > 0
    torch.testing.assert_close(disagreement(one, other, 5), disagreement(other, one, 5))

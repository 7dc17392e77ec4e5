"""A tiny but real model: a two-layer BERT with a small vocabulary, fine-tuned and exported once per session."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from pilah_data.corpora import read_corpora
from pilah_data.normalise import normalise_text
from pilah_data.records import AuthoredPost
from pilah_model.classifier import Classifier
from pilah_model.material import Material
from pilah_model.pretraining.network import MaskedLanguageModel, Shape
from pilah_model.pretraining.vocabulary import train_vocabulary
from pilah_model.release import release
from pilah_model.thresholds import Promise
from pilah_model.training.config import TrainConfig
from pilah_model.training.run import train

TINY = Shape(layers=2, hidden=32, heads=2, intermediate=64)
LENIENT = Promise(partisan_among_lolos=0.9, lawful_sent_to_tinjau=0.9, ambiguous_sent_to_tinjau=0.9)


@pytest.fixture(scope="session")
def authored(root: Path) -> list[AuthoredPost]:
    return read_corpora(root / "data" / "corpora")


@pytest.fixture(scope="session")
def few(authored: list[AuthoredPost]) -> Material:
    """Some 300 authored posts of all splits."""
    by_split = []
    for split, wanted in (("train", 200), ("validation", 60), ("test", 60)):
        posts = [post for post in authored if post.split == split]
        by_split.append(posts[:: max(1, len(posts) // wanted)])
    return Material([], [dataclasses.replace(p, group=None) for part in by_split for p in part])


@pytest.fixture(scope="session")
def tiny_tokenizer(few: Material) -> Tokenizer:
    return train_vocabulary((normalise_text(p.text) for p in few.authored), 400, alphabet=80)


@pytest.fixture(scope="session")
def tiny_encoder(tiny_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random two-layer encoder, as `pilah pretrain` leaves it."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encoder")
    MaskedLanguageModel(TINY.config(tiny_tokenizer.get_vocab_size())).bert.save_pretrained(folder)
    tiny_tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def tiny_trained(tiny_encoder: Path, few: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines: list[str] = []
    out = tmp_path_factory.mktemp("trained")
    train(str(tiny_encoder), few, TrainConfig(epochs=3), out, lines.append)
    assert any("epoch 3/3" in line for line in lines)
    return out


@pytest.fixture(scope="session")
def tiny_artefact(tiny_trained: Path, few: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artefact") / "pilah-tiny"
    return release(tiny_trained, few, folder, name="pilah-tiny", version="0", log=lambda _: None, promise=LENIENT)


@pytest.fixture(scope="session")
def tiny_classifier(tiny_artefact: Path) -> Classifier:
    return Classifier.load(tiny_artefact, threads=1)

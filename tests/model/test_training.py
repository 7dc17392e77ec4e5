"""Targets, augmentation, configuration and the base model, piece by piece."""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
import tomllib
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from transformers import (
    AlbertConfig,
    AlbertModel,
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    GPT2Config,
    GPT2Model,
    PreTrainedModel,
)

from pilah_data.errors import DataError, InputError
from pilah_data.names import Names
from pilah_data.normalise import normalise_text
from pilah_data.records import AuthoredPost, Example, NameRole, NameType
from pilah_data.taxonomy import Direction, Label
from pilah_model.export import round_weights
from pilah_model.material import Material
from pilah_model.training.augment import TRICKS, NameSwapper, obfuscate
from pilah_model.training.config import TrainConfig
from pilah_model.training.network import PostClassifier, load_encoder
from pilah_model.training.run import load_tokenizer, load_trained, train
from pilah_model.training.targets import make_targets


def example(label: Label, forms: tuple[str, ...] = (), direction: Direction | None = None) -> Example:
    return Example("x", "t", label, forms, direction, None, (), "train", "s")


def test_soft_targets_for_ambiguous_posts_only() -> None:
    posts = [
        example(Label.PARTISAN, ("B02",), Direction.SERANG),
        example(Label.PERLU_KONTEKS),
        example(Label.POLITIK_NETRAL),
    ]
    targets = make_targets(posts, (0.1, 0.5, 0.4))
    expected: list[list[float]] = [[0, 0, 1], [0.1, 0.5, 0.4], [0, 1, 0]]
    np.testing.assert_allclose(targets.labels, expected)
    assert targets.forms[0].tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert targets.form_mask.tolist() == [1, 0, 1]
    assert targets.directions.tolist() == [1, -1, -1]


def test_smoothing_keeps_a_distribution() -> None:
    targets = make_targets([example(Label.PARTISAN)], (0.1, 0.5, 0.4), smoothing=0.06)
    np.testing.assert_allclose(targets.labels[0], [0.02, 0.02, 0.96], atol=1e-6)


@pytest.mark.parametrize("trick", ["leet", "look_alike", "stretched", "spelled", "zero_width"])
def test_the_normaliser_undoes_most_tricks(trick: str) -> None:
    words = ["kampanye", "bersama", "pemimpin", "sekolah", "menang", "gubernur", "coblos", "jangan", "dukung", "rakyat"]
    undone = sum(normalise_text(obfuscate(w, random.Random(i), 1.0, trick)) == w for i, w in enumerate(words))
    assert undone >= 8


@pytest.mark.parametrize("trick", list(TRICKS))
def test_no_trick_touches_short_words_numbers_or_marks(trick: str) -> None:
    assert obfuscate("no 2 ya 👍 #1", random.Random(0), 1.0, trick) == "no 2 ya 👍 #1"


def test_swapping_names_keeps_the_rest_and_the_identity_of_a_name(authored: list[AuthoredPost]) -> None:
    swapper = NameSwapper(authored)
    posts = [p for p in authored if p.names][:200]
    changed = 0
    for post in posts:
        new = swapper.swap(post.id, post.text, random.Random(post.id))
        changed += new != post.text
        outside, at = [], 0
        for name in sorted(post.names, key=lambda n: n.start):
            outside.append(post.text[at : name.start])
            at = max(at, name.end)
        for piece in outside:
            assert piece in new
    assert changed > 150


def test_known_contestants_are_exchanged_in_the_case_they_had(authored: list[AuthoredPost], names: Names) -> None:
    swapper = NameSwapper(authored, names)
    text = "debat prabowo, PRABOWO dan Prabowo soal rakyat"
    for seed in range(20):
        new = swapper.swap_known(text, random.Random(seed))
        found = re.fullmatch(r"debat (.+), (.+) dan (.+) soal rakyat", new)
        assert found, new
        low, high, plain = found.groups()
        assert low == plain.lower()
        assert high == plain.upper()
    fillings = {swapper.swap_known("debat Prabowo", random.Random(seed)) for seed in range(300)}
    assert "debat Ganjar" in fillings
    assert {f"debat {person.address}" for person in names.invented.persons} & fillings
    assert not {f"debat {name}" for name in names.measured_only} & fillings
    assert swapper.swap_known("harga beras naik", random.Random(0)) == "harga beras naik"


def test_a_tag_that_attacks_is_never_filled_with_a_listed_one(authored: list[AuthoredPost], names: Names) -> None:
    listed = set(names.pool(NameType.TAGAR)) - {
        p.text[n.start : n.end] for p in authored for n in p.names if n.type is NameType.TAGAR
    }
    attacking = [
        dataclasses.replace(
            p, names=tuple(n for n in p.names if n.type is NameType.TAGAR and n.role is NameRole.SERANG)
        )
        for p in authored
    ]
    swapper = NameSwapper(attacking, names)
    changed = 0
    for post in attacking:
        new = swapper.swap(post.id, post.text, random.Random(0))
        changed += new != post.text
        assert not any(tag in new and tag not in post.text for tag in listed if len(tag) > 12)
    assert changed > 20


def test_a_text_without_slots_stays(authored: list[AuthoredPost]) -> None:
    assert NameSwapper(authored).swap("unknown", "apa adanya", random.Random(0)) == "apa adanya"


def test_configuration_names_an_unknown_setting(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("epochs = 2\nambiguous = [0.2, 0.4, 0.4]\n")
    assert TrainConfig.from_file(path).ambiguous == (0.2, 0.4, 0.4)
    path.write_text("epoch = 2\n")
    with pytest.raises(InputError, match="unknown setting 'epoch'"):
        TrainConfig.from_file(path)
    with pytest.raises(InputError, match="cannot be read"):
        TrainConfig.from_file(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "line",
    [
        "epochs = 0",
        "epochs = 2.5",
        "epochs = true",
        'batch = "32"',
        "batch = -1",
        "learning_rate = -1",
        "embedding_lr = -1e-3",
        "head_lr = nan",
        "weight_decay = inf",
        "warmup = 1.5",
        "dropout = 1.0",
        "head_dropout = -0.1",
        "ambiguous = 0.5",
        "ambiguous = [0.5, 0.5]",
        "ambiguous = [0.2, 0.4, 0.5]",
        "ambiguous = [-0.1, 0.6, 0.5]",
        'ambiguous = ["a", "b", "c"]',
        "label_smoothing = 2",
        "forms_weight = -1",
        "direction_weight = [1]",
        "authored_weight = -0.5",
        "obfuscate = 1.1",
        "swap = -0.1",
        "swap_known = false",
        "average = 1",
        "pool_batch = 0",
        "pool_weight = -1",
        "pool_noise = 1",
        "seed = -1",
    ],
)
def test_configuration_names_a_setting_of_a_wrong_type_or_range(tmp_path: Path, line: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(line)
    ((name, value),) = tomllib.loads(line).items()
    shown = tuple(value) if name == "ambiguous" and isinstance(value, list) else value
    with pytest.raises(InputError) as caught:
        TrainConfig.from_file(path)
    assert str(caught.value).startswith(f"configuration {path}: setting {name} = {shown!r} must be ")


def test_numbers_on_the_edge_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("swap = 1\nwarmup = 0\naverage = 0\nambiguous = [0, 0.3333333, 0.6666667]\nlearning_rate = 1\n")
    assert TrainConfig.from_file(path).swap == 1


def test_every_setting_has_a_range() -> None:
    for field in dataclasses.fields(TrainConfig):
        with pytest.raises(InputError, match=rf"setting {field.name} = 'x' must be "):
            dataclasses.replace(TrainConfig(), **{field.name: "x"})  # type: ignore[arg-type]  # that is the point


def test_the_shipped_configuration_is_valid(root: Path) -> None:
    assert TrainConfig.from_file(root / "model" / "configs" / "mini.toml").epochs >= 1


def test_any_hugging_face_bert_is_a_base(tmp_path: Path) -> None:
    shape = BertConfig(vocab_size=100, hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48)
    BertModel(shape).save_pretrained(tmp_path)
    network = PostClassifier(load_encoder(str(tmp_path), 0.0)).eval()
    ids = torch.randint(5, 100, (3, 7))
    mask = torch.ones_like(ids)
    logits = network(ids, mask)
    assert [tuple(part.shape) for part in logits] == [(3, 3), (3, 10), (3, 3)]
    # Padding changes nothing.
    wider = torch.nn.functional.pad(ids, (0, 4)), torch.nn.functional.pad(mask, (0, 4))
    torch.testing.assert_close(network(*wider).labels, logits.labels, atol=1e-5, rtol=1e-4)


def test_a_base_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, few: Material, tmp_path: Path) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="nowhere/none"):
        train("nowhere/none", few, TrainConfig(epochs=1), tmp_path, lambda _: None)


SMALL = {
    "vocab_size": 100,
    "hidden_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 48,
}


@pytest.fixture(scope="module")
def whole_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    BertModel(BertConfig(**SMALL)).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("config.json", None, "cannot be loaded"),
        ("config.json", b"{", "cannot be loaded"),
        ("config.json", b"[]", "cannot be loaded"),
        ("config.json", b'{"model_type": "nonsense"}', "cannot be loaded"),
        ("model.safetensors", None, "cannot be loaded"),
        ("model.safetensors", b"nonsense", "cannot be loaded"),
        ("model.safetensors", b"", "cannot be loaded"),
    ],
)
def test_a_damaged_encoder_is_named(
    whole_base: Path, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    base = shutil.copytree(whole_base, tmp_path / "base")
    (base / name).unlink() if content is None else (base / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"base model '{base}' {reason} \(.+\)$"):
        load_encoder(str(base), 0.1)


def test_an_encoder_that_lacks_weights_is_named(whole_base: Path, tmp_path: Path) -> None:
    base = shutil.copytree(whole_base, tmp_path / "base")
    weights = load_file(base / "model.safetensors")
    del weights["encoder.layer.0.attention.self.query.weight"]
    save_file(weights, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match=rf"'{base}' lacks 1 of its weights, .*query\.weight"):
        load_encoder(str(base), 0.1)


def test_weights_of_another_shape_are_named(whole_base: Path, tmp_path: Path) -> None:
    base = shutil.copytree(whole_base, tmp_path / "base")
    BertConfig(**{**SMALL, "intermediate_size": 64}).save_pretrained(base)
    with pytest.raises(InputError, match=rf"'{base}' cannot be loaded"):
        load_encoder(str(base), 0.1)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (
            DistilBertModel(DistilBertConfig(vocab_size=9, dim=8, n_layers=1, n_heads=2, hidden_dim=8)),
            "is a distilbert; only",
        ),
        (
            GPT2Model(GPT2Config(vocab_size=9, n_embd=8, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0)),
            "is a gpt2; only",
        ),
        (AlbertModel(AlbertConfig(**SMALL, embedding_size=8)), r"another width \(8\) than its layers \(24\)"),
        (BertModel(BertConfig(**SMALL, max_position_embeddings=64)), "reads 64 tokens at a time; 128 are needed"),
    ],
)
def test_an_encoder_that_is_no_bert_is_named(model: PreTrainedModel, reason: str, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    with pytest.raises(InputError, match=rf"base model '{tmp_path}' .*{reason}"):
        load_encoder(str(tmp_path), 0.1)


def test_an_encoder_with_the_tokenizer_of_another_is_named(whole_base: Path) -> None:
    load_encoder(str(whole_base), 0.1, vocabulary=100)
    with pytest.raises(InputError, match=r"knows 100 tokens, its tokenizer 101; they do not belong together"):
        load_encoder(str(whole_base), 0.1, vocabulary=101)


@pytest.mark.parametrize("content", [b"", b"{", b"nonsense", b"[]"])
def test_a_damaged_tokenizer_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(InputError, match=rf"base model '{tmp_path}' has no readable fast tokenizer \(.+\)$"):
        load_tokenizer(str(tmp_path))


def test_a_folder_without_a_tokenizer_is_named(whole_base: Path) -> None:
    with pytest.raises(InputError, match=rf"base model '{whole_base}' has no vocabulary"):
        load_tokenizer(str(whole_base))


@pytest.mark.parametrize("token", ["[CLS]", "[SEP]", "[PAD]"])
def test_a_tokenizer_without_a_special_token_is_named(tmp_path: Path, token: str) -> None:
    names = [name for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "kata") if name != token]
    Tokenizer(WordPiece({name: i for i, name in enumerate(names)}, unk_token="[UNK]")).save(
        str(tmp_path / "tokenizer.json")
    )
    with pytest.raises(InputError, match=rf"base model '{tmp_path}': its tokenizer knows no {re.escape(token)}"):
        load_tokenizer(str(tmp_path))


def test_a_tokenizer_that_pads_with_another_id_is_named(tmp_path: Path) -> None:
    names = ("[UNK]", "[PAD]", "[CLS]", "[SEP]", "kata")
    Tokenizer(WordPiece({name: i for i, name in enumerate(names)}, unk_token="[UNK]")).save(
        str(tmp_path / "tokenizer.json")
    )
    with pytest.raises(InputError, match=r"gives \[PAD\] the id 1, and rows are padded with 0"):
        load_tokenizer(str(tmp_path))


def test_a_folder_that_was_not_trained_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pilah train"):
        load_trained(tmp_path)


def test_rounding_is_stable_and_small(tiny_trained: Path) -> None:
    network, _, _ = load_trained(tiny_trained)
    before = network.encoder.get_input_embeddings().weight.detach().clone()
    round_weights(network)
    once = {k: v.clone() for k, v in network.state_dict().items()}
    round_weights(network)
    for key, value in network.state_dict().items():
        torch.testing.assert_close(value, once[key], atol=2e-6, rtol=1e-3)
    step = before.abs().max(dim=1).values / 127
    assert bool(((before - once["encoder.embeddings.word_embeddings.weight"]).abs() <= step[:, None]).all())


def test_two_rivals_never_become_one(authored: list[AuthoredPost], names: Names) -> None:
    swapper = NameSwapper(authored, names)
    for seed in range(200):
        words = swapper.swap_known("pilih prabowo jangan ganjar", random.Random(seed)).split()
        assert words[1] != words[3]


@pytest.mark.parametrize("trick", list(TRICKS))
def test_no_trick_touches_the_masks(trick: str) -> None:
    for seed in range(20):
        assert obfuscate("@USER HTTPURL", random.Random(seed), 1.0, trick) == "@USER HTTPURL"


def test_a_short_run_forgets_where_it_started(tiny_encoder: Path, few: Material, tmp_path: Path) -> None:
    """The running mean of a run of few steps must not be the untrained network."""
    for average in (0.0, 0.998):
        train(str(tiny_encoder), few, TrainConfig(epochs=3, average=average), tmp_path / str(average), lambda _: None)
    last, mean = (load_trained(tmp_path / str(average))[0] for average in (0.0, 0.998))
    torch.manual_seed(TrainConfig().seed)
    start = PostClassifier(load_encoder(str(tiny_encoder), 0.1))
    moved = (last.labels.weight - start.labels.weight).norm()
    assert (mean.labels.weight - start.labels.weight).norm() > 0.5 * moved


class KilledError(Exception):
    """Stands for a process that ends at this point."""


def test_an_encoder_whose_rate_is_nought_stays_as_it_is(tiny_encoder: Path, few: Material, tmp_path: Path) -> None:
    config = TrainConfig(epochs=1, learning_rate=0, embedding_lr=0, average=0)
    network, _, _ = load_trained(train(str(tiny_encoder), few, config, tmp_path / "t", lambda _: None))
    before = load_encoder(str(tiny_encoder), 0.0).state_dict()
    after = network.encoder.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    torch.manual_seed(config.seed)
    fresh = PostClassifier(load_encoder(str(tiny_encoder), 0.0))
    assert not torch.equal(fresh.labels.weight, network.labels.weight)


def test_a_killed_run_leaves_the_network_of_its_last_whole_epoch(
    tiny_encoder: Path, few: Material, tmp_path: Path
) -> None:
    seen: list[str] = []

    def log(line: str) -> None:
        seen.append(line)
        if line.startswith("epoch 2/"):
            raise KilledError

    with pytest.raises(KilledError):
        train(str(tiny_encoder), few, TrainConfig(epochs=3), tmp_path / "trained", log)
    _, _, record = load_trained(tmp_path / "trained")
    assert record["epochs_done"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["trained"]


def test_a_folder_that_holds_something_else_is_not_overwritten(
    tiny_encoder: Path, few: Material, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"no trained network; name an empty or new folder \(option --out\)"):
        train(str(tiny_encoder), few, TrainConfig(epochs=1), tmp_path, lambda _: None)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"

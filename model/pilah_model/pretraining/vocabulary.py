"""Trains the WordPiece vocabulary on normalised texts (Wu et al. 2016, as in BERT; Devlin et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PLACEHOLDERS = ("httpurl", "@user", "@email", "@telepon", "@nik", "@nip", "@npwp")
"""What the normaliser writes for masked identifiers, lower-cased; each stays one token."""


def train_vocabulary(texts: Iterable[str], size: int, *, alphabet: int = 700) -> Tokenizer:
    """Return a WordPiece tokenizer of at most `size` entries; the texts must be normalised already.

    The tokenizer does not normalise: `pilah_data.normalise` is the only place where a text changes.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=64))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size - len(PLACEHOLDERS),
        min_frequency=4,
        limit_alphabet=alphabet,
        special_tokens=list(SPECIAL),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    # Only after training: the trainer forgets tokens that were added before it.
    tokenizer.add_tokens([AddedToken(p, normalized=False) for p in PLACEHOLDERS])
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)],
    )
    return tokenizer

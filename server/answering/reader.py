"""How well a sentence answers a question: a small network over the token vectors that retrieval has at hand.

Every token of the question looks for what meets it in the sentence, the tokens then look at each other, and each says
how far it is answered; nothing is embedded again (decomposable attention, Parikh et al. 2016, over the late
interaction of `index/late.py`). The weights are fitted by `python -m eval.fit_reader` on sentences and questions
written for it, none of them of a report that ships or is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.late import Asked

LONGEST = 40
"""Tokens of a question that are read."""
MODEL = "model"
"""The array of the weights file that names the embedding model."""
_HEADS = 4


class Text(NamedTuple):
    """A text's token vectors, and what the reader makes of each by itself (`Reader.text`).

    `scale` makes a unit vector of it, and `known` is what is added up of it, as often as it is met.
    """

    vectors: Vectors
    scale: NDArray[np.float32]
    known: Vectors

    def part(self, tokens: slice | NDArray[np.intp]) -> Text:
        """Some of its tokens."""
        return Text(self.vectors[tokens], self.scale[tokens], self.known[tokens])


class Reader:
    """The fitted network."""

    def __init__(self, model: str, weights: Mapping[str, NDArray[np.floating]]) -> None:
        """`model` is the embedding model whose token vectors the weights were fitted on; others cannot be read."""
        self.model = model
        self._weights = w = {name: array.astype(np.float32) for name, array in weights.items()}
        self._first = _First(w)
        self._layer = _Layer(w)

    def text(self, vectors: Vectors) -> Text:
        """What is read of a text, which depends on it alone."""
        low: Vectors = vectors @ self._weights["C"]
        bent: Vectors = vectors + low @ self._weights["E"]
        return Text(vectors, _scale(bent), np.concatenate([low, bent @ self._first.found], axis=1))

    def read(self, asked: Asked, sentences: Sequence[Text]) -> NDArray[np.float32]:
        """For each sentence (its tokens, those of the titles above it included) the logit that it answers."""
        w, weights = self._weights, asked.weights[:LONGEST]
        if not sentences or not len(weights):
            return np.zeros(len(sentences), dtype=np.float32)
        question = asked.vectors[:LONGEST]
        question = np.asarray(question + (question @ w["A"]) @ w["B"], dtype=np.float32)
        question *= _scale(question)[:, None]
        met, found, known = self._meeting(question, sentences)
        share = weights / max(float(weights.sum()), 1e-6)
        said, heavy = self._layer(_gelu(self._first(question, found, known, _numbers(met, weights, share))))
        late = met @ share
        parts = np.stack([(_softmax(heavy) * said).sum(axis=-1), late, late - late.max()], axis=-1)
        logits: NDArray[np.float32] = (parts @ w["fin.weight"].T + w["fin.bias"])[:, 0].astype(np.float32)
        return logits

    def _meeting(self, question: Vectors, sentences: Sequence[Text]) -> tuple[Vectors, Vectors, Vectors]:
        """For every token asked, in each sentence: how well the best token meets it, and the mean of those that do.

        The third is what is known of that mean. Shapes (sentences, tokens asked), (sentences, tokens asked, dimension or what is known). Instead of
        bending the sentences' tokens and making them unit vectors, what they are multiplied with is bent, their mean
        is, and similarities are scaled.
        """
        down, up = self._weights["C"], self._weights["E"]
        lengths = [len(sentence.scale) for sentence in sentences]
        ends = list(accumulate(lengths, initial=0))
        looking = np.ascontiguousarray((question + (question @ up.T) @ down.T).T)
        by_token = np.empty((ends[-1], len(question)), dtype=np.float32)
        for sentence, start, end in zip(sentences, ends, ends[1:], strict=False):
            np.matmul(sentence.vectors, looking, out=by_token[start:end])
        scale = np.concatenate([sentence.scale for sentence in sentences])
        similar = by_token.T * scale
        met = np.maximum.reduceat(similar, ends[:-1], axis=1)
        grown = np.exp(self._weights["temp"] * (similar - np.repeat(met, lengths, axis=1)))
        total = np.add.reduceat(grown, ends[:-1], axis=1)
        grown *= scale / np.repeat(total, lengths, axis=1)
        found = np.empty((len(sentences), *question.shape), dtype=np.float32)
        known = np.empty((*found.shape[:2], sentences[0].known.shape[1]), dtype=np.float32)
        for i, (sentence, start, end) in enumerate(zip(sentences, ends, ends[1:], strict=False)):
            np.matmul(grown[:, start:end], sentence.vectors, out=found[i])
            np.matmul(grown[:, start:end], sentence.known, out=known[i])
        found += _product(known[..., : len(up)], up)
        return met.T, found, known[..., len(up) :]


class _First:
    """The first two layers, which are one product, since nothing bends what lies between: `inn` has a block for each."""

    def __init__(self, w: Mapping[str, Vectors]) -> None:
        names, width = ("fq", "fa", "fp"), len(w["fq.weight"])
        *blocks, self._numbers = np.split(w["inn.weight"].T, [width, 2 * width, 3 * width])
        pairs = list(zip(names, blocks, strict=True))
        self._own, self.found, both = (w[f"{name}.weight"].T @ block for name, block in pairs)
        self._both = 19.6 * both
        self._bias = sum((w[f"{name}.bias"] @ block for name, block in pairs), w["inn.bias"])

    def __call__(self, question: Vectors, found: Vectors, known: Vectors, numbers: Vectors) -> Vectors:
        """For each token asked, in each sentence: what it is, what meets it (the product with `found` is `known`), and how well."""
        state = _product(question * found, self._both)
        state += known
        state += _product(numbers, self._numbers)
        state += question @ self._own + self._bias
        return state


class _Layer:
    """One transformer layer over the tokens asked; its norms' weights, and what comes of it, are in its products."""

    def __init__(self, w: Mapping[str, Vectors]) -> None:
        self._in = _behind(w, "enc.norm1", w["enc.self_attn.in_proj_weight"].T, w["enc.self_attn.in_proj_bias"])
        self._out = w["enc.self_attn.out_proj.weight"].T, w["enc.self_attn.out_proj.bias"]
        self._hidden = _behind(w, "enc.norm2", w["enc.linear1.weight"].T, w["enc.linear1.bias"])
        self._said = np.concatenate([w["o.weight"], w["w.weight"]]).T
        self._of_hidden = w["enc.linear2.weight"].T @ self._said
        self._bias = w["enc.linear2.bias"] @ self._said + np.concatenate([w["o.bias"], w["w.bias"]])

    def __call__(self, x: Vectors) -> tuple[Vectors, Vectors]:
        """What each token says, and how much it has to say."""
        x = x + self._attention(_normal(x))
        hidden = np.maximum(_linear(_normal(x), *self._hidden), 0)
        said = _product(x, self._said) + _product(hidden, self._of_hidden) + self._bias
        return said[..., 0], said[..., 1]

    def _attention(self, x: Vectors) -> Vectors:
        sentences, tokens, width = x.shape
        mixed = _linear(x, *self._in).reshape(sentences, tokens, 3, _HEADS, -1)
        query, key, value = mixed.transpose(2, 0, 3, 1, 4)
        looked = _softmax(query @ key.transpose(0, 1, 3, 2) / np.float32(sqrt(width / _HEADS))) @ value
        return _linear(looked.transpose(0, 2, 1, 3).reshape(sentences, tokens, width), *self._out)


@cache
def fitted_reader() -> Reader:
    """The reader that ships."""
    data = BytesIO(files("server.answering").joinpath("reader.npz").read_bytes())
    with np.load(data, allow_pickle=False) as arrays:
        return Reader(str(arrays[MODEL]), {name: arrays[name] for name in arrays.files if name != MODEL})


def _scale(vectors: Vectors) -> NDArray[np.float32]:
    scale: NDArray[np.float32] = 1 / np.sqrt(np.einsum("td,td->t", vectors, vectors))
    return scale


def _product(x: Vectors, weight: Vectors) -> Vectors:
    # One product of two matrices; numpy would make one for each sentence.
    product: Vectors = (x.reshape(-1, x.shape[-1]) @ weight).reshape(*x.shape[:-1], weight.shape[1])
    return product


def _linear(x: Vectors, weight: Vectors, bias: Vectors) -> Vectors:
    result = _product(x, weight)
    result += bias
    return result


def _behind(w: Mapping[str, Vectors], norm: str, weight: Vectors, bias: Vectors) -> tuple[Vectors, Vectors]:
    """The weight and bias of a layer that take up those of the norm before it."""
    return np.ascontiguousarray(w[f"{norm}.weight"][:, None] * weight), w[f"{norm}.bias"] @ weight + bias


def _normal(x: Vectors) -> Vectors:
    centred: Vectors = x - x.mean(axis=-1, keepdims=True)
    squares = np.einsum("std,std->st", centred, centred)[..., None]
    centred /= np.sqrt(squares / np.float32(x.shape[-1]) + np.float32(1e-5))
    return centred


def _numbers(met: Vectors, weights: Vectors, share: Vectors) -> Vectors:
    """How well each token asked is met in each sentence, by itself and beside the others, and how much it counts."""
    numbers = np.empty((*met.shape, 4), dtype=np.float32)
    numbers[..., 0] = 4 * (met - 0.8)
    numbers[..., 1] = weights / 4
    numbers[..., 2] = 4 * (met - met.max(axis=0))
    numbers[..., 3] = share * 10
    return numbers


def _softmax(x: Vectors) -> Vectors:
    grown = np.asarray(np.exp(x - x.max(axis=-1, keepdims=True)), dtype=np.float32)
    grown /= grown.sum(axis=-1, keepdims=True)
    return grown


def _gelu(x: Vectors) -> Vectors:
    """The exact GELU of torch, by the error function's approximation 7.1.26 of Abramowitz and Stegun."""
    size: Vectors = np.abs(x)
    t = np.asarray(1 / (1 + (0.3275911 / sqrt(2)) * size), dtype=np.float32)
    poly = np.asarray(1.061405429 * t, dtype=np.float32)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        poly += factor
        poly *= t
    poly *= np.exp(-0.5 * size * size)
    return np.asarray(0.5 * (x + size * (1 - poly)), dtype=np.float32)

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
_FIRST = "fq", "fa", "fp"
"""The layers over a token asked, what meets it, and both together."""


class Text(NamedTuple):
    """A sentence's token vectors, and what makes unit vectors of them (`Reader.scale`)."""

    vectors: Vectors
    scale: NDArray[np.float32]


class Reader:
    """The fitted network."""

    def __init__(self, model: str, weights: Mapping[str, NDArray[np.floating]]) -> None:
        """`model` is the embedding model whose token vectors the weights were fitted on; others cannot be read."""
        self.model = model
        self._weights = w = {name: array.astype(np.float32) for name, array in weights.items()}
        # Nothing bends what lies between the first two layers, so that they are one product; `inn` has a block for each.
        width = len(w["fq.weight"])
        blocks = np.split(w["inn.weight"].T, [width, 2 * width, 3 * width])
        own, found, both = (w[f"{name}.weight"].T @ block for name, block in zip(_FIRST, blocks[:3], strict=True))
        biases = (w[f"{name}.bias"] @ block for name, block in zip(_FIRST, blocks[:3], strict=True))
        self._own, self._found, self._numbers = own, np.concatenate([found, both * 19.6]), blocks[3]
        self._bias = sum(biases, w["inn.bias"])

    def scale(self, text: Vectors) -> NDArray[np.float32]:
        """What makes unit vectors of a text's tokens as the reader sees them."""
        return _scale(_bent(text, self._weights["C"], self._weights["E"]))

    def read(self, asked: Asked, sentences: Sequence[Text]) -> NDArray[np.float32]:
        """For each sentence (its tokens, those of the titles above it included) the logit that it answers."""
        w, weights = self._weights, asked.weights[:LONGEST]
        if not sentences or not len(weights):
            return np.zeros(len(sentences), dtype=np.float32)
        question = _bent(asked.vectors[:LONGEST], w["A"], w["B"])
        question *= _scale(question)[:, None]
        met, found = _meeting(question, sentences, w["C"], w["E"], float(w["temp"]))
        share = weights / max(float(weights.sum()), 1e-6)
        state = self._state(question, found, met, weights, share)
        late = met @ share
        parts = np.stack([self._answered(self._layer(state)), late, late - late.max()], axis=-1)
        logits: NDArray[np.float32] = (parts @ w["fin.weight"].T + w["fin.bias"])[:, 0].astype(np.float32)
        return logits

    def _state(self, question: Vectors, found: Vectors, met: Vectors, weights: Vectors, share: Vectors) -> Vectors:
        """One vector for each token asked, in each sentence: what it is, what meets it, and how well."""
        both = np.empty((*found.shape[:2], 2 * found.shape[2]), dtype=np.float32)
        both[..., : found.shape[2]] = found
        np.multiply(question, found, out=both[..., found.shape[2] :])
        numbers = np.empty((*met.shape, 4), dtype=np.float32)
        numbers[..., 0] = 4 * (met - 0.8)
        numbers[..., 1] = weights / 4
        numbers[..., 2] = 4 * (met - met.max(axis=0))
        numbers[..., 3] = share * 10
        state = _product(both, self._found)
        state += _product(numbers, self._numbers)
        state += question @ self._own + self._bias
        return _gelu(state)

    def _layer(self, x: Vectors) -> Vectors:
        """One transformer layer over the tokens asked."""
        x = x + self._attention(self._norm("enc.norm1", x))
        hidden = np.maximum(self._linear("enc.linear1", self._norm("enc.norm2", x)), 0)
        return x + self._linear("enc.linear2", hidden)

    def _attention(self, x: Vectors) -> Vectors:
        sentences, tokens, width = x.shape
        mixed = _product(x, self._weights["enc.self_attn.in_proj_weight"].T)
        mixed += self._weights["enc.self_attn.in_proj_bias"]
        query, key, value = mixed.reshape(sentences, tokens, 3, _HEADS, -1).transpose(2, 0, 3, 1, 4)
        looked = _softmax(query @ key.transpose(0, 1, 3, 2) / sqrt(width / _HEADS)) @ value
        return self._linear("enc.self_attn.out_proj", looked.transpose(0, 2, 1, 3).reshape(sentences, tokens, width))

    def _answered(self, x: Vectors) -> Vectors:
        """The mean of what the tokens say, weighted by how much each has to say."""
        heavy = _softmax(self._linear("w", x)[..., 0])
        said: Vectors = (heavy * self._linear("o", x)[..., 0]).sum(axis=-1)
        return said

    def _linear(self, name: str, x: Vectors) -> Vectors:
        result = _product(x, self._weights[f"{name}.weight"].T)
        result += self._weights[f"{name}.bias"]
        return result

    def _norm(self, name: str, x: Vectors) -> Vectors:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        result: Vectors = scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


@cache
def fitted_reader() -> Reader:
    """The reader that ships."""
    data = BytesIO(files("server.answering").joinpath("reader.npz").read_bytes())
    with np.load(data, allow_pickle=False) as arrays:
        return Reader(str(arrays[MODEL]), {name: arrays[name] for name in arrays.files if name != MODEL})


def _bent(vectors: Vectors, down: Vectors, up: Vectors) -> Vectors:
    return np.asarray(vectors + (vectors @ down) @ up, dtype=np.float32)


def _scale(vectors: Vectors) -> NDArray[np.float32]:
    scale: NDArray[np.float32] = 1 / np.sqrt(np.einsum("td,td->t", vectors, vectors))
    return scale


def _product(x: Vectors, weight: Vectors) -> Vectors:
    # One product of two matrices; numpy would make one for each sentence.
    product: Vectors = (x.reshape(-1, x.shape[-1]) @ weight).reshape(*x.shape[:-1], weight.shape[1])
    return product


def _meeting(
    question: Vectors, sentences: Sequence[Text], down: Vectors, up: Vectors, temperature: float
) -> tuple[Vectors, Vectors]:
    """For every token asked, in each sentence: how well the best token meets it, and the mean of those that do.

    Shapes (sentences, tokens asked) and (sentences, tokens asked, dimension). Instead of bending the sentences' tokens
    and making them unit vectors, what they are multiplied with is bent, their mean is, and similarities are scaled.
    """
    ends = np.cumsum([len(sentence.scale) for sentence in sentences])
    starts = np.concatenate([[0], ends[:-1]])
    places = list(zip(sentences, starts.tolist(), ends.tolist(), strict=True))
    looking = np.ascontiguousarray((question + (question @ up.T) @ down.T).T)
    by_token = np.empty((int(ends[-1]), len(question)), dtype=np.float32)
    for sentence, start, end in places:
        np.matmul(sentence.vectors, looking, out=by_token[start:end])
    scale = np.concatenate([sentence.scale for sentence in sentences])
    similar = by_token.T * scale
    met = np.maximum.reduceat(similar, starts, axis=1)
    grown = np.exp(temperature * (similar - np.repeat(met, ends - starts, axis=1)))
    total = np.add.reduceat(grown, starts, axis=1)
    grown *= scale
    found = np.empty((len(sentences), *question.shape), dtype=np.float32)
    for mean, (sentence, start, end) in zip(found, places, strict=True):
        np.matmul(grown[:, start:end], sentence.vectors, out=mean)
    found /= total.T[:, :, None]
    found += _product(_product(found, down), up)
    return met.T, found


def _softmax(x: Vectors) -> Vectors:
    grown = np.exp(x - x.max(axis=-1, keepdims=True))
    result: Vectors = grown / grown.sum(axis=-1, keepdims=True)
    return result


def _gelu(x: Vectors) -> Vectors:
    """The exact GELU of torch, by the error function's approximation 7.1.26 of Abramowitz and Stegun."""
    z = np.abs(x) / sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(0.5 * x * (1 + np.sign(x) * (1 - poly * np.exp(-(z**2)))), dtype=np.float32)

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

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.late import Asked

LONGEST = 40
"""Tokens of a question that are read."""
MODEL = "model"
"""The array of the weights file that names the embedding model."""
_HEADS = 4


class Reader:
    """The fitted network."""

    def __init__(self, model: str, weights: Mapping[str, NDArray[np.floating]]) -> None:
        """`model` is the embedding model whose token vectors the weights were fitted on; others cannot be read."""
        self.model = model
        self._weights = {name: array.astype(np.float32) for name, array in weights.items()}

    def read(self, asked: Asked, sentences: Sequence[Vectors]) -> NDArray[np.float32]:
        """For each sentence (its token vectors, those of the titles above it included) the logit that it answers."""
        w, weights = self._weights, asked.weights[:LONGEST]
        if not sentences or not len(weights):
            return np.zeros(len(sentences), dtype=np.float32)
        question = _unit(_bent(asked.vectors[:LONGEST], w["A"], w["B"]))
        met, found = _meeting(question, sentences, w["C"], w["E"], float(w["temp"]))
        share = weights / max(float(weights.sum()), 1e-6)
        state = self._state(question, found, met, weights, share)
        late = met @ share
        parts = np.stack([self._answered(self._layer(state)), late, late - late.max()], axis=-1)
        logits: NDArray[np.float32] = (parts @ w["fin.weight"].T + w["fin.bias"])[:, 0].astype(np.float32)
        return logits

    def _state(self, question: Vectors, found: Vectors, met: Vectors, weights: Vectors, share: Vectors) -> Vectors:
        """One vector for each token asked, in each sentence: what it is, what meets it, and how well."""
        shape = met.shape
        numbers = np.stack(
            [
                4 * (met - 0.8),
                np.broadcast_to(weights / 4, shape),
                4 * (met - met.max(axis=0)),
                np.broadcast_to(share * 10, shape),
            ],
            axis=-1,
        )
        own = np.broadcast_to(self._linear("fq", question), (*shape, self._weights["fq.weight"].shape[0]))
        product = self._linear("fp", question * found * 19.6)
        return _gelu(self._linear("inn", np.concatenate([own, self._linear("fa", found), product, numbers], axis=-1)))

    def _layer(self, x: Vectors) -> Vectors:
        """One transformer layer over the tokens asked."""
        x = x + self._attention(self._norm("enc.norm1", x))
        hidden = np.maximum(self._linear("enc.linear1", self._norm("enc.norm2", x)), 0)
        return x + self._linear("enc.linear2", hidden)

    def _attention(self, x: Vectors) -> Vectors:
        sentences, tokens, width = x.shape
        flat = x.reshape(-1, width) @ self._weights["enc.self_attn.in_proj_weight"].T
        mixed = flat + self._weights["enc.self_attn.in_proj_bias"]
        query, key, value = mixed.reshape(sentences, tokens, 3, _HEADS, -1).transpose(2, 0, 3, 1, 4)
        looked = _softmax(query @ key.transpose(0, 1, 3, 2) / sqrt(width / _HEADS)) @ value
        return self._linear("enc.self_attn.out_proj", looked.transpose(0, 2, 1, 3).reshape(sentences, tokens, width))

    def _answered(self, x: Vectors) -> Vectors:
        """The mean of what the tokens say, weighted by how much each has to say."""
        heavy = _softmax(self._linear("w", x)[..., 0])
        said: Vectors = (heavy * self._linear("o", x)[..., 0]).sum(axis=-1)
        return said

    def _linear(self, name: str, x: Vectors) -> Vectors:
        weight = self._weights[f"{name}.weight"]
        # One product of two matrices; numpy would make one for each sentence.
        flat = x.reshape(-1, x.shape[-1]) @ weight.T + self._weights[f"{name}.bias"]
        result: Vectors = flat.reshape(*x.shape[:-1], len(weight))
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


def _unit(vectors: Vectors) -> Vectors:
    result: Vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return result


def _meeting(
    question: Vectors, sentences: Sequence[Vectors], down: Vectors, up: Vectors, temperature: float
) -> tuple[Vectors, Vectors]:
    """For every token asked, in each sentence: how well the best token meets it, and the mean of those that do.

    Shapes (sentences, tokens asked) and (sentences, tokens asked, dimension). The sentences' tokens stand in one
    matrix behind each other; instead of making them unit vectors, what they are multiplied with is scaled.
    """
    texts = _bent(np.concatenate(sentences), down, up)
    scale = 1 / np.sqrt(np.einsum("td,td->t", texts, texts))
    ends = np.cumsum([len(sentence) for sentence in sentences])
    starts = np.concatenate([[0], ends[:-1]])
    similar = (texts @ np.ascontiguousarray(question.T)).T * scale
    met = np.maximum.reduceat(similar, starts, axis=1)
    grown = np.exp(temperature * (similar - np.repeat(met, ends - starts, axis=1)))
    total = np.add.reduceat(grown, starts, axis=1)
    grown *= scale
    found = np.stack([grown[:, i:j] @ texts[i:j] for i, j in zip(starts, ends, strict=True)])
    found /= total.T[:, :, None]
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

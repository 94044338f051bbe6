"""The embedded model: multilingual-e5-small with 4-bit weights out of a package.

The package has an engine of its own, which gives a text's vector alone. Here the same weights run in torch, which is
also faster on one thread and gives the vectors of the tokens, which late interaction needs. What runs is the encoder of
BERT (Devlin et al. 2019) bit for bit as transformers runs it. It is traced, so that torch goes through all layers in
one call and other threads run meanwhile (docs/adr/0043).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import torch
from tokenizers import Encoding
from torch.nn import functional

from index.embedded_file import Layer, Weights

_WARM_UP = 2
"""Texts after which torch has done with looking at what it is to run."""
PROMPTS: Mapping[str, str] = {"query": "query: ", "document": "passage: "}
"""What the model was taught to read before a question and before a text."""


class EmbeddedModel:
    """Texts → vectors of them and of their tokens; any number of threads may ask at once."""

    def __init__(self, weights: Weights) -> None:
        """Run the model until it is at its speed."""
        self._weights, self._network = weights, _Network(weights)
        self.dimension = weights.width
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
        read: list[Encoding] = self._weights.tokenizer.encode_batch([f"{prompt}{text}" for text in texts])
        return {
            "input_ids": torch.tensor([one.ids for one in read]),
            "attention_mask": torch.tensor([one.attention_mask for one in read]),
            "offset_mapping": torch.tensor([one.offsets for one in read]),
        }

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Add `token_embeddings` (texts, tokens, dimension) and `sentence_embedding` (texts, dimension)."""
        words, mask = self._weights.words(features["input_ids"].numpy()), features["attention_mask"].float()
        features["token_embeddings"], features["sentence_embedding"] = self._network.run(words, mask)
        return features


class _Network:
    """The layers of the model, traced."""

    def __init__(self, weights: Weights) -> None:
        def alike(words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return _encode(weights, words, mask, None)

        def padded(words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return encode(weights, words, mask)

        words, mask = torch.zeros(2, 8, weights.width), torch.ones(2, 8)
        # Tracing is what torch would rather have replaced by compiling, for which a server has no compiler.
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._alike = torch.jit.trace(alike, (words, mask), check_trace=False)  # type: ignore[no-untyped-call]
            self._padded = torch.jit.trace(padded, (words, mask.tril(6)), check_trace=False)  # type: ignore[no-untyped-call]

    def run(self, words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors (texts, tokens, width) of the tokens and (texts, width) of the texts; `mask` has 1 at a token."""
        layers = self._alike if bool(mask.all()) else self._padded
        with torch.inference_mode():
            tokens, texts = layers(words, mask)
        return tokens, texts


def encode(weights: Weights, words: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The vectors of the tokens and of the texts; see `_Network.run`. What is fitted can be fitted through it."""
    return _encode(weights, words, mask, mask.bool()[:, None, None, :])


def _encode(
    weights: Weights, words: torch.Tensor, mask: torch.Tensor, seen: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """`seen` says which tokens are looked at; None where all texts have one length."""
    x = _norm(weights, words + weights.positions[: words.shape[1]], weights.norm)
    for layer in weights.layers:
        looked = functional.linear(_attention(weights, x, layer, seen), *layer.out)
        x = _norm(weights, x + looked, layer.out_norm)
        inner = functional.gelu(functional.linear(x, *layer.inner))
        x = _norm(weights, x + functional.linear(inner, *layer.outer), layer.outer_norm)
    there = mask[:, :, None]
    return x, (x * there).sum(1) / there.sum(1)


def _attention(weights: Weights, x: torch.Tensor, layer: Layer, seen: torch.Tensor | None) -> torch.Tensor:
    texts, tokens, width = x.shape
    mixed = functional.linear(x, *layer.mixed).view(texts, tokens, 3, weights.heads, width // weights.heads)
    query, key, value = mixed.permute(2, 0, 3, 1, 4).unbind(0)
    looked = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
    return looked.transpose(1, 2).reshape(texts, tokens, width)


def _norm(weights: Weights, x: torch.Tensor, norm: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    return functional.layer_norm(x, (x.shape[-1],), *norm, weights.epsilon)

"""The embedded model as a module of sentence-transformers, which embeds the rows of an index with it as with any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from index.embedded import PROMPTS, EmbeddedModel


def as_sentence_transformer(model: EmbeddedModel) -> SentenceTransformer:
    """The model, to be asked as any other is."""
    return SentenceTransformer(modules=[_Module(model)], prompts=dict(PROMPTS), device="cpu")


class _Module(InputModule):
    def __init__(self, model: EmbeddedModel) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._model = model

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Tokenize; see `EmbeddedModel.preprocess`."""
        return self._model.preprocess(inputs, prompt or "")

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the vectors; see `EmbeddedModel.forward`."""
        return self._model.forward(features)

    def get_embedding_dimension(self) -> int:
        """The length of a vector."""
        return self._model.dimension

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """The embedded model lives in its package.

        :raises NotImplementedError: always.
        """
        raise NotImplementedError("the embedded model lives in its package")

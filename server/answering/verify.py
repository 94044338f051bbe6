"""Nothing is shown that its citations do not say."""

from __future__ import annotations

from dataclasses import replace

from index.normalise import fold
from server.answering.draft import Draft, DraftSentence
from server.answering.numbers import digit_runs

_SEPARATE = "|"
"""Keeps neighbouring cells and sources apart, whose numbers would otherwise run into one."""


def verify(draft: Draft) -> Draft:
    """The draft with only the sentences that hold."""
    return replace(draft, sentences=tuple(sentence for sentence in draft.sentences if holds(sentence)))


def holds(sentence: DraftSentence) -> bool:
    """Whether the sources say this sentence.

    Quoted words must be the source's own. Every number must stand in a source, but for those that code worked out.
    """
    said = fold(_SEPARATE.join(source.text.replace("\t", _SEPARATE) for source in sentence.sources))
    if sentence.origin == "quoted":
        return bool(said) and fold(sentence.text).rstrip("。") in said
    return bool(said) and digit_runs(fold(sentence.text)) - sentence.results <= digit_runs(said)

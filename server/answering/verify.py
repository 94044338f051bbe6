"""Nothing is shown that its citations do not say."""

from __future__ import annotations

import re
from dataclasses import replace

from index.normalise import fold
from server.answering.draft import Draft, DraftSentence
from server.answering.numbers import Figure, digit_runs, figures

_NO_UNITS = frozenset(("", "以", "左"))
"""What stands behind a bare number: nothing, 以上 and 以内, 左右."""
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
        return bool(said) and _is_part(fold(sentence.text).rstrip("。"), said)
    text = fold(sentence.text)
    if not said or digit_runs(text) - sentence.results - digit_runs(said):
        return False
    shown = [figure for figure in figures(text) if not digit_runs(figure.text) & sentence.results]
    return all(_stands(figure, said) for figure in shown)


def _is_part(words: str, said: str) -> bool:
    """Whether `words` stand in what is said, not beginning or ending within a number."""
    before = r"(?<!\d)(?<!\d\.)" if words[:1].isdigit() else ""
    behind = r"(?!\d)(?!\.\d)" if words[-1:].isdigit() else ""
    return bool(re.search(before + re.escape(words) + behind, said))


def _stands(figure: Figure, said: str) -> bool:
    """Whether the sources have a figure of this value and unit, or its bare number, as in a table cell."""
    numbers = digit_runs(figure.text)
    for other in figures(said):
        is_bare = other.unit in _NO_UNITS and bool(numbers & digit_runs(other.text))
        if is_bare or (other.value == figure.value and (not figure.unit or other.unit == figure.unit)):
            return True
    return False

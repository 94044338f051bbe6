"""Differences between two figures of an answer, worked out in code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.normalise import fold
from server.answering.draft import DraftSentence
from server.answering.numbers import Figure, figures

_ASKS_DIFFERENCE = re.compile(
    r"(?:多|少|高|低|增加|减少|提高|下降|差|涨|降)了?(?:出)?(?:多少|几)|相差|差距|差额|高几|低几|多几|少几"
)
_SCALE_WORD = re.compile(r"[十百千]?[万亿]+")


def difference(question: str, sentences: Sequence[DraftSentence]) -> DraftSentence | None:
    """How far apart the one figure of each of two sentences is, where that is asked and their units are the same."""
    if not _ASKS_DIFFERENCE.search(question) or len(sentences) != 2:
        return None
    first, second = (_only_figures(sentence) for sentence in sentences)
    pairs = [(a, b) for a in first for b in second if a.unit == b.unit]
    if len(pairs) != 1:
        return None
    (one, other) = pairs[0]
    gap = abs(one.value - other.value)
    text = _in_words(gap, one)
    sources = tuple(dict.fromkeys(source for sentence in sentences for source in sentence.sources))
    unit = "个百分点" if one.unit == "%" else one.unit
    results = frozenset(re.findall(r"\d+(?:\.\d+)?", text))
    return DraftSentence(f"两者相差{text}{unit}（由上面两个数字算出）。", sources, "computed", results)


def _only_figures(sentence: DraftSentence) -> list[Figure]:
    text = fold(sentence.text)
    return [figure for figure in figures(text) if figure.unit and figure.unit != "年"]


def _in_words(gap: Decimal, like: Figure) -> str:
    """The gap in the scale (万, 亿) that the figures are written in."""
    scale = _SCALE_WORD.search(like.text)
    words = scale.group() if scale else ""
    for character in words:
        gap /= {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}[character]
    return f"{gap.normalize():f}{words}"

"""Differences between two figures of an answer and their sums, worked out in code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.normalise import fold
from server.answering.draft import DraftSentence
from server.answering.numbers import Figure, figures

_ASKS_DIFFERENCE = re.compile(
    r"(?:多|少|高|低|增加|减少|提高|下降|差|涨|降)了?(?:出)?(?:多少|几)|相差|差[距额值]|高几|低几|多几|少几|净增|"
    r"多[收做花投产种建招赚卖]了?(?:多少|几)"
)
_ASKS_SUM = re.compile(
    r"加上|加起来|加(?:到)?(?:一块|一起|总)|合计|合起来|[拢统]共|(?:两年|前后)[^，。？]{0,6}[总一]共|相加"
)
_ASKED_WAY = re.compile(
    r"(?:(?P<up>增加|增长|提高|上升|扩大|净增|多|高|涨|多[收招建种投]|增收)|(?P<down>减少|下降|降低|缩小|少|低|降|跌|少[收招建种投]|减收))[了出]?(?:多少|几)"
)
_YEAR, _AGAINST = re.compile(r"(\d{4})年"), re.compile(r"[比较]((?:19|20)\d{2}|[今去]年)")
_FROM_TO = re.compile(r"[由从]\D{0,6}\d[^，。；]*?[到至]\D{0,6}\d")
_ADDS_UP = re.compile(r"[元家个处栋条座所部项场辆张套户间名件份次人吨亩里顷]$|平方米$")
"""Units whose figures can be added: a share or a rate cannot."""
_SCALE_WORD = re.compile(r"[十百千]?[万亿]+")


def computed(question: str, sentences: Sequence[DraftSentence]) -> DraftSentence | None:
    """How far apart the one figure of each of two sentences is, or what they make together.

    None where neither is asked, or their units are not the same.
    """
    if _ASKS_DIFFERENCE.search(question):
        return _worked_out(sentences, is_sum=False) if len(sentences) != 1 or _compares(sentences[0]) else None
    if _ASKS_SUM.search(question) and len(sentences) == 2:
        return _worked_out(sentences, is_sum=True)
    return None


def turned(question: str, sentences: Sequence[DraftSentence]) -> bool:
    """Whether it is asked how much more one year has than another, and its figure is less; or the other way round."""
    way, dated = asked_way(question), [(_YEAR.match(s.text), s) for s in sentences if s.origin != "computed"]
    years = [int(match[1]) for match, _ in dated if match]
    pair = _pair([_only_figures(s) for _, s in dated]) if len(years) == len(dated) == 2 else None
    if not way or pair is None or years[0] == years[1]:
        return False
    one, other = pair if years[0] < years[1] else (pair[1], pair[0])
    rise = other.value - one.value
    against = _AGAINST.search(question)
    if against and against[1] in (str(max(years)), "今年"):
        rise = -rise
    return rise * way < 0


def asked_way(question: str) -> int:
    """1 where it is asked how much more something is, -1 where how much less, 0 where neither."""
    match = _ASKED_WAY.search(question)
    return 0 if match is None else 1 if match.lastgroup == "up" else -1


def falls_short(question: str, result: DraftSentence) -> bool:
    """Whether a difference worked out goes the other way than it is asked for."""
    found = re.search(r"比[^，。]*?([多高少低])\d", result.text)
    way = asked_way(question)
    return found is not None and way != 0 and (found[1] in "多高") != (way > 0)


def _worked_out(sentences: Sequence[DraftSentence], *, is_sum: bool) -> DraftSentence | None:
    pair = _pair([_only_figures(sentence) for sentence in sentences])
    if pair is None or (is_sum and not _ADDS_UP.search(pair[0].unit)):
        return None
    one, other = pair
    text = _in_words(one.value + other.value if is_sum else abs(one.value - other.value), one)
    sources = tuple(dict.fromkeys(source for sentence in sentences for source in sentence.sources))
    unit = "个百分点" if one.unit == "%" else one.unit
    results = frozenset(re.findall(r"\d+(?:\.\d+)?", text))
    return DraftSentence(
        f"两者{'合计' if is_sum else '相差'}{text}{unit}（由上面两个数字算出）。", sources, "computed", results
    )


def _compares(sentence: DraftSentence) -> bool:
    """Whether one sentence holds two figures of the same thing: a table row does, and 由…到…."""
    return "\t" in sentence.sources[0].text or bool(_FROM_TO.search(sentence.text))


def _pair(groups: Sequence[Sequence[Figure]]) -> tuple[Figure, Figure] | None:
    """The two figures to compare: one of each of two sentences, or the two of a table row, with the same unit."""
    if len(groups) == 1 and len(groups[0]) == 2:
        pairs = [(groups[0][0], groups[0][1])]
    elif len(groups) == 2:
        pairs = [(a, b) for a in groups[0] for b in groups[1]]
    else:
        return None
    fitting = [(a, b) for a, b in pairs if a.unit == b.unit]
    return fitting[0] if len(fitting) == 1 else None


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

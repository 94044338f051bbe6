"""Differences between two figures of an answer and their sums, worked out in code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.normalise import fold
from server.answering.draft import DraftSentence
from server.answering.numbers import Figure, figures

_ASKS_DIFFERENCE = re.compile(
    r"(?<![最差不至])(?:多|少|高|低|增加|减少|提高|下降|差|涨|降)了?(?:出)?(?:多少|几)|相差|差[距额值]|净增|[月年]?增(?:加|长)?(?:了)?(?:多少|几)|"
    r"(?<![最差不至])多[一-龥]{0,4}?(?:多少|几)|相减|减[一掉去]"
)
_ASKS_SUM = re.compile(
    r"加上|加起来|加(?:到)?(?:一块|一起|总)|合计|合起来|[拢统]共|(?:两年|前后)[^，。？]{0,6}[总一]共|相加"
)
_ASKED_WAY = re.compile(
    r"(?:(?P<up>增加|增长|提高|上升|扩大|净增|多|高|涨|多[收招建种投]|增收)|(?P<down>减少|下降|降低|缩小|少|低|降|跌|少[收招建种投]|减收))[了出]?(?:多少|几)"
)
_YEAR, _AGAINST = re.compile(r"(\d{4})年"), re.compile(r"[比较]((?:19|20)\d{2}|[今去]年)")
_OUTDOES = re.compile(
    r"(?:比|(?P<than_way>[多高大少低小快慢])于)(?P<than>[去今前]年|[头前上]一?年|同期|(?:19|20)\d{2}年?)"
    r"(?(than_way)|[^，。？]{0,8}?(?P<way>[多高大低小快慢]|(?<!多)少)(?![少么大]))(?![^，。？]*[几哪]|[^，。？]*(?:多少|什么))"
)
"""Whether one year has more or less than another, where it is asked whether it has."""
_WHETHER = re.compile(r"是否|是不是|有没有|会不会|[吗么嘛没不吧][？?。]*$")
_GAP = re.compile(r"(\d{4})年[^比]*比(\d{4})年[^，。]*?(?P<way>[多高少低])(?P<by>\d+(?:\.\d+)?)")
"""A difference worked out of two cells of a table row."""
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


def is_to_work_out(question: str) -> bool:
    """Whether a difference or a sum is asked for, or which of two is more."""
    return any(asked.search(question) for asked in (_ASKS_DIFFERENCE, _ASKS_SUM, _OUTDOES))


def turned(question: str, sentences: Sequence[DraftSentence]) -> bool:
    """Whether it is asked how much more one year has than another, and its figure is less; or the other way round."""
    way, rise = asked_way(question), _rise([s for s in sentences if s.origin != "computed"])
    if not way or rise is None:
        return False
    by, last = rise
    against = _AGAINST.search(question)
    if against and against[1] in (str(last), "今年"):
        by = -by
    return by * way < 0


def more_or_less(question: str, sentences: Sequence[DraftSentence]) -> str:
    """是的 or 不是 where it is asked whether one year has more than another, or less; '' where not, or it is not clear."""
    does = _outdoes(question, sentences) if _WHETHER.search(question) else None
    return "" if does is None else "是的，" if does else "不是，"


def misjudges(question: str, sentences: Sequence[DraftSentence]) -> bool:
    """Whether a question tells in passing that one year has more than another, or less, and it has not."""
    told = [clause for clause in re.split("[，,。？?！!；;]", question)[:-1] if not _WHETHER.search(clause)]
    return any(_outdoes(clause, sentences) is False for clause in told)


def _outdoes(question: str, sentences: Sequence[DraftSentence]) -> bool | None:
    """Whether one year has more than another, or less, as it is said; None where that is not said or not clear."""
    asked = _OUTDOES.search(question)
    rise = _rise(sentences) if asked else None
    if asked is None or rise is None:
        return None
    by, last = rise
    if asked["than"].rstrip("年") in ("今", str(last)):
        by = -by
    return by > 0 if (asked["way"] or asked["than_way"]) in "多高大快" else by < 0


def _rise(sentences: Sequence[DraftSentence]) -> tuple[Decimal, int] | None:
    """By how much the later of two years has more than the earlier one, less than 0 for a fall, and the later year."""
    for sentence in sentences:
        gap = _GAP.match(sentence.text) if sentence.origin == "computed" else None
        if gap:
            one, other, by = int(gap[1]), int(gap[2]), Decimal(gap["by"])
            return (by if (gap["way"] in "多高") == (one > other) else -by), max(one, other)
    dated = [(_YEAR.match(s.text), s) for s in sentences if s.origin != "computed"]
    years = [int(match[1]) for match, _ in dated if match]
    pair = _pair([_only_figures(s) for _, s in dated]) if len(years) == len(dated) == 2 else None
    if pair is None or years[0] == years[1]:
        return None
    by = pair[1].value - pair[0].value
    return (by if years[1] > years[0] else -by), max(years)


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

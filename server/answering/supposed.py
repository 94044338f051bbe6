"""A figure that a question supposes, held against the bound that the report sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from index.normalise import fold
from ingest.model import Indicator
from server.answering.amounts import HAN_DIGITS, Amount, amounts, han_value
from server.answering.candidates import Candidate
from server.answering.cells import gap_unit, less_is_better, read_cell, way
from server.answering.draft import DraftSentence, Source
from server.answering.questions import Query

_SUPPOSES = re.compile(
    r"假设|假如|假定|假若|假使|倘若|如果|(?<![主重需只还就])要是|若(?!干)|万一|打个?比方|设想|比方说"
)
_MEASURES_UP = re.compile(
    r"达标|过关|及格|符合|合格[吗么嘛]|够不够|完成[^，。？]{0,6}[吗么嘛]|算(?:不算)?(?:完成|达到|达成)|(?:是否|会不会)(?:达|满足|完成|突?破|超)|完成与否|达标与否|"
    r"满足[^，。？]{0,10}[吗么嘛]|(?:突?破|超标|超过|超出)[^，。？]{0,6}[吗么嘛没]"
)
_GOES_BEYOND = re.compile(
    r"(?<![没未不])(?:突?破|超标|超过|超出)[^，。？]{0,6}[吗么嘛没]|(?:是否|会不会)[^，。？没未不]{0,3}(?:突?破|超(?!额))"
)
"""Asked whether a bound is broken, the answer is yes where it is not met."""
_SHARE = re.compile(
    rf"(?<![\d.])(?P<of>[1-9]\d*|[{HAN_DIGITS}]+)[份个件批人户家条种次](?:里头?|中|当中|之中)?[^，。？\d]{{0,6}}?"
    rf"(?P<part>\d+(?:\.\d+)?|[{HAN_DIGITS}]+)[份个件批人户家条种次](?P<rest>[一二三四五六七八九])?"
)
"""一百份里有九十八份二 is 98.2 %, 1000批里987批 98.7 %."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a supposed figure: the word that opens the answer, and how far the figure is from the bound."""

    opening: str
    sentence: DraftSentence


def is_supposed(question: str) -> bool:
    """Whether a question supposes something rather than taking it for granted, so that nothing in it can be wrong."""
    return bool(_SUPPOSES.search(question))


def judge(query: Query, best: Candidate) -> Judged | None:
    """The supposed figure against the best candidate's bound; None where nothing is supposed or no bound is its like."""
    asks_whether = bool(_MEASURES_UP.search(query.text))
    if not (is_supposed(query.text) or asks_whether):
        return None
    supposed = [amount for amount in amounts(_with_percent(fold(query.text))) if amount.unit and amount.low != 1]
    item = best.evidence.entry.item
    name = item.name if isinstance(item, Indicator) else ""
    bounds = _row_bounds(query, item) if isinstance(item, Indicator) else _clause_bounds(best.source.text)
    pairs = [(s, b) for s in supposed for b in bounds if s.unit == b.unit and s.low == s.high]
    if len(pairs) != 1:
        return None
    value, bound = pairs[0]
    meets = _meets(value, bound, name)
    gap = value.low - bound.low
    if meets is None and not gap:
        return None
    unit = item.unit if isinstance(item, Indicator) and item.unit else _scaled_unit(best.source.text, bound)
    shown, size, limit = (f"{(number / _scale(unit)).normalize():f}" for number in (value.low, abs(gap), bound.low))
    words = f"{way(gap, unit)}{size}{gap_unit(unit)}" if gap else "相等"
    aim = "计划" if name else "这一要求"
    verdict = "" if meets is None else f"，{'符合' if meets else '不符合'}{aim}"
    text = f"按问题中的{shown}{unit}算，与上面的{limit}{unit}相比{words}{verdict}（由这两个数字算出）。"
    sources = (Source(best.source.corpus, best.source.span),)
    sentence = DraftSentence(text, sources, "computed", frozenset({shown, size, limit}))
    goes_beyond = bool(_GOES_BEYOND.search(query.text))
    is_so = meets if meets is None or not goes_beyond else not meets
    opening = "" if is_so is None or not asks_whether else "是的，" if is_so else "没有，" if goes_beyond else "不是，"
    return Judged(opening, sentence)


def _row_bounds(query: Query, row: Indicator) -> list[Amount]:
    """The planned value of the year asked for, as an amount with its unit."""
    plans = [value for value in row.values if value.role == "计划" and value.year in query.years]
    value = plans[-1] if plans else row.planned
    cell = read_cell(value, row.unit)
    return amounts(fold(cell.bare)) if cell and cell.number >= 0 else []


def _clause_bounds(said: str) -> list[Amount]:
    return [amount for amount in amounts(fold(said)) if amount.bound in ("least", "most", "above", "below")]


def _meets(value: Amount, bound: Amount, name: str) -> bool | None:
    """Whether a figure keeps to a bound; an exact plan is met by what is as good or better, and only rows have plans."""
    gap = value.low - bound.low
    kept = {"least": gap >= 0, "most": gap <= 0, "above": gap > 0, "below": gap < 0}
    if bound.bound in kept:
        return kept[bound.bound]
    if not name or bound.bound:
        return None
    return gap <= 0 if less_is_better(name) else gap >= 0


def _scaled_unit(said: str, bound: Amount) -> str:
    """The unit of an amount with the scale it is written in: 万元."""
    written = re.search(r"[百千]?[万亿]+", fold(said)[bound.start : bound.end])
    return f"{written.group() if written else ''}{bound.unit}"


def _scale(unit: str) -> Decimal:
    """What the scale in a unit (万吨, 亿元) multiplies by."""
    words = re.match(r"[百千]?[万亿]*", unit)
    return han_value(f"一{words.group()}") if words and words.group() else Decimal(1)


def _with_percent(folded: str) -> str:
    return _SHARE.sub(_percent, folded)


def _percent(match: re.Match[str]) -> str:
    """The share in per cent; the words as they are where the part is no part of a hundred or more."""
    whole, part = _number(match["of"]), _number(match["part"])
    part += _number(match["rest"]) / 10 if match["rest"] else 0
    return f"{(part / whole * 100).normalize():f}%" if part <= whole and whole >= 100 else match[0]


def _number(written: str) -> Decimal:
    return Decimal(written) if written[0].isdigit() else han_value(written)

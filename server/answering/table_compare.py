"""All rows of the plan table held against a relation between two of its columns: missed, met, exceeded, lower, equal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from index.normalise import fold
from ingest.model import Corpus, Indicator, IndicatorValue, Report
from server.answering.cells import (
    SURPASSED,
    UNREACHED,
    Cell,
    as_written,
    compared,
    gap_unit,
    reached,
    read_cell,
    row_name,
    said_columns,
    say_gap,
    way,
    with_unit,
)
from server.answering.draft import DraftSentence, Source

Relation = Literal["equal", "surpassed", "missed", "below", "above", "met", "apart"]

_OF_ROWS = re.compile(
    r"哪些|哪几|哪一?[样项个条]|最\S{0,3}的?(?:是|那|有)?[一几][样项个条]|哪[二两三四五六七八九十]|(?:多少|几)[个项条样]|有(?:什么|啥)|列出|列举|指标(?:[（(][^）)]*[）)])?[？?。]*$"
)
_ASKS_NUMBER_ONLY = re.compile(r"(?:多少|几)[个项条样]")
_NAMES_ROWS = re.compile(r"哪|最|列出|列举|有(?:什么|啥)|指标(?:[（(][^）)]*[）)])?[？?。]*$")
_ABOUT = re.compile(r"指标|表[里中内上]|附[表件]|计划表")
_GROUNDS = re.compile(r"为什么|为何|为啥|原因|怎么办|咋办|措施|怎么会|因为")
_LARGEST = re.compile(r"最[大多高远严]|第一大")
_SMALLEST = re.compile(r"最[小少近低]")
AGAINST = re.compile(r"(?P<way>[快高大多慢低小少])于|(?P<over>超过|跑赢)")
_WHETHER = re.compile(r"是否|是不是|有没有|[吗嘛没][？?。]*$")
_NUMBERS_ONLY = re.compile(r"数值|数字|可比|可直接比较")
_RELATIONS: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    ("equal", re.compile(r"相同|一样(?![项个条])|相等|等于|持平|不变|一致|没[有]?(?:变|调整)|未(?:变|调整)|原地")),
    ("missed", UNREACHED),
    ("surpassed", SURPASSED),
    (
        "below",
        re.compile(
            r"低于|小于|少于|不如|不及|下调|调低|调减|[比较][^，。；]{0,14}[低少小降]|降低了|减少了|[定订]得?低"
        ),
    ),
    ("above", re.compile(r"高于|大于|多于|上调|调高|调增|[比较][^，。；]{0,14}[高多大升增]|提高了|增加了|[定订]得?高")),
    ("met", re.compile(r"完成|达到|达标|达成|实现|做到")),
    ("apart", re.compile(r"差距|相差|差得|差别|变化|差额|幅度")),
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row with the two of its values that are compared, as numbers where they are ones."""

    row: Indicator
    left: IndicatorValue
    right: IndicatorValue
    one: Cell | None
    other: Cell | None

    @property
    def gap(self) -> Decimal | None:
        """The left number less the right one; None where they cannot be compared."""
        if self.one is None or self.other is None or not self.one.comparable(self.other):
            return None
        return self.one.number - self.other.number

    @property
    def words(self) -> str:
        """The row's name with the two cells as they are written."""
        cells = "，".join(f"{v.header}{with_unit(v.text, self.row.unit)}" for v in (self.left, self.right))
        return f"{self.row.number} {row_name(self.row)}（{cells}）".strip()


def compare_rows(question: str, corpus: Corpus, rows: Sequence[Indicator]) -> tuple[DraftSentence, ...]:
    """The rows that stand in the relation asked for, each with its two cells; () where none is asked for."""
    relation = _relation(question)
    if relation is None or not _is_of_rows(question):
        return ()
    pairs = [pair for row in rows if (pair := _pair(question, row, corpus.report))]
    if not pairs:
        return ()
    stands = {pair.row.id: _stands(relation, pair, bool(_NUMBERS_ONLY.search(question))) for pair in pairs}
    fitting = [pair for pair in pairs if stands[pair.row.id]]
    largest = _LARGEST.search(question)
    if largest or _SMALLEST.search(question):
        return _furthest(corpus, fitting, bool(largest))
    return _listed(corpus, fitting, [pair for pair in pairs if stands[pair.row.id] is None])


def compare_named(question: str, corpus: Corpus, rows: Sequence[Indicator]) -> tuple[DraftSentence, ...]:
    """How far apart the values of two rows are that a question calls by their names; () where they cannot be compared."""
    if len(rows) != 2:
        return ()
    first, second = (_value_said(question, row, corpus.report) for row in rows)
    if first is None or second is None or (first.year, first.role) != (second.year, second.role):
        return ()
    one, other = read_cell(first, rows[0].unit), read_cell(second, rows[1].unit)
    if one is None or other is None or not one.comparable(other):
        return ()
    gap = one.number - other.number
    size = f"{abs(gap).normalize():f}"
    more = (
        f"比{row_name(rows[1])}{way(gap, one.unit)}{size}{gap_unit(one.unit)}" if gap else f"与{row_name(rows[1])}相同"
    )
    both = "；".join(f"{row_name(row)}：{cell.words}" for row, cell in zip(rows, (one, other), strict=True))
    header = tuple(dict.fromkeys(Source(corpus, row.header) for row in rows))
    sources = (*(Source(corpus, row.span) for row in rows), *header)
    how = f"由上面两个数字算出{as_written(one, other)}"
    return (
        DraftSentence(f"{_verdict(question, gap)}{both}。", sources, "composed"),
        DraftSentence(f"{row_name(rows[0])}{more}（{how}）。", sources, "computed", frozenset({size})),
    )


def _verdict(question: str, gap: Decimal) -> str:
    """The word that opens the answer where it is asked whether the first of two is more, or less, than the second."""
    against = AGAINST.search(question)
    if not against or not _WHETHER.search(question):
        return ""
    is_so = gap < 0 if against["way"] and against["way"] in "慢低小少" else gap > 0
    return "是的，" if is_so else "不是，"


def _relation(question: str) -> Relation | None:
    return next((relation for relation, pattern in _RELATIONS if pattern.search(question)), None)


def _is_of_rows(question: str) -> bool:
    """Whether rows of the table are asked for; how many met their plan, alone, the report itself may say otherwise."""
    if _GROUNDS.search(question) or not _OF_ROWS.search(question) or not _ABOUT.search(question):
        return False
    names = _NAMES_ROWS.search(_ASKS_NUMBER_ONLY.sub("", question))
    return bool(names) or bool(re.search(r"表[里中内上]|附[表件]|计划表", question))


def _pair(question: str, row: Indicator, report: Report) -> _Pair | None:
    found = compared(question, row, report)
    if found is None:
        return None
    left, right = found
    return _Pair(row, left, right, read_cell(left, row.unit), read_cell(right, row.unit))


def _stands(relation: Relation, pair: _Pair, numbers_only: bool) -> bool | None:
    """Whether a row stands in a relation; None where its cells do not tell."""
    if relation == "equal" and (not numbers_only or pair.gap is not None):
        return pair.gap == 0 if pair.gap is not None and _as_sure(pair) else _same_words(pair)
    if pair.gap is None:
        return None
    if relation in ("missed", "met", "surpassed") and {pair.left.role, pair.right.role} == {"完成", "计划"}:
        plan, result = (pair.one, pair.other) if pair.left.role == "计划" else (pair.other, pair.one)
        assert plan is not None
        assert result is not None
        met = reached(plan, result, pair.row.name)
        if met is None:
            return False if relation == "surpassed" and plan.bound else None
        if relation == "met":
            return met
        return not met if relation == "missed" else met and pair.gap != 0
    wanted = {"below": pair.gap < 0, "missed": pair.gap < 0, "apart": pair.gap != 0, "equal": pair.gap == 0}
    return wanted.get(relation, pair.gap > 0)


def _as_sure(pair: _Pair) -> bool:
    """Whether both numbers are bounded alike: 6左右 and 6 are not the same."""
    return pair.one is not None and pair.other is not None and pair.one.bound == pair.other.bound


def _same_words(pair: _Pair) -> bool:
    words = fold(pair.left.text)
    return words == fold(pair.right.text) and bool(re.search(r"[\u4e00-\u9fff\d]{2}", words))


def _listed(corpus: Corpus, fitting: Sequence[_Pair], unsure: Sequence[_Pair]) -> tuple[DraftSentence, ...]:
    """The rows that fit, counted and named; then those with numbers that only nearly tell, and how many tell nothing."""
    number = len({pair.row.number or pair.row.id for pair in fitting})
    near = [pair for pair in unsure if pair.gap is not None]
    if not fitting and not near:
        return ()
    text = f"共{number}项：{'；'.join(pair.words for pair in fitting)}（按表中数字比较得出）。"
    if not fitting:
        text = "按表中数字比较，没有可以确定的指标。"
    sentences = [DraftSentence(text, _sources(corpus, fitting or near), "computed", frozenset({str(number)}))]
    if near:
        text = f"另有{len(near)}项的数字带有“左右”等限定，不能断定：{'；'.join(pair.words for pair in near)}。"
        sentences.append(DraftSentence(text, _sources(corpus, near), "computed", frozenset({str(len(near))})))
    return tuple(sentences)


def _furthest(corpus: Corpus, pairs: Sequence[_Pair], largest: bool) -> tuple[DraftSentence, ...]:
    """The row whose two values lie furthest apart, or least far, among those with the commonest unit."""
    by_unit: dict[str, list[_Pair]] = {}
    for pair in pairs:
        if pair.one is not None and pair.gap is not None:
            by_unit.setdefault(pair.one.unit, []).append(pair)
    if not by_unit:
        return ()
    unit, alike = max(by_unit.items(), key=lambda item: len(item[1]))
    sizes = {pair.row.id: abs(pair.gap or Decimal()) for pair in alike}
    limit = (max if largest else min)(sizes.values())
    sentences: list[DraftSentence] = []
    for pair in (pair for pair in alike if sizes[pair.row.id] == limit):
        gap = say_gap(corpus, pair.row, pair.left, pair.right)
        if gap:
            sentences += [DraftSentence(f"{pair.words}。", _sources(corpus, [pair]), "composed"), gap]
    if len(by_unit) > 1:
        text = f"各项单位不同，这里只比较单位为“{unit}”的{len(alike)}项。"
        sentences.append(DraftSentence(text, _sources(corpus, alike), "computed", frozenset({str(len(alike))})))
    return tuple(sentences)


def _sources(corpus: Corpus, pairs: Sequence[_Pair]) -> tuple[Source, ...]:
    """The rows and the titles of their columns."""
    headers = dict.fromkeys(Source(corpus, pair.row.header) for pair in pairs)
    return (*(Source(corpus, pair.row.span) for pair in pairs), *headers)


def _value_said(question: str, row: Indicator, report: Report) -> IndicatorValue | None:
    """The value of a row in the one column that a question speaks of, by default the planned one."""
    said = said_columns(question, report)
    years = {column.year for column in said if column.year is not None}
    roles = {column.role for column in said if column.role}
    if len(years) > 1 or len(roles) > 1:
        return None
    fitting = [v for v in row.values if (not years or v.year in years) and (not roles or v.role in roles)]
    done = [v for v in fitting if v.role == "完成"]
    if years and not roles and done:
        return done[0]
    return fitting[-1] if fitting else None

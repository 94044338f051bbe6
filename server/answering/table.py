"""Rows of the plan table in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.normalise import fold
from ingest.model import Corpus, Indicator, IndicatorValue
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.model import Status

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NO_FIGURE = re.compile(r"^[-—–－/无]*$")
_ABOUT_TABLE = re.compile(r"指标|计划表|附件|附表|表里|表中|一栏|维度")
_SEVERAL = re.compile(
    r"哪些|哪几|哪[二两三四五六七八九十]|有(?:什么|啥)|列出|列举|都有|分别|(?:多少|几)(?:个|项|条|样)|[共有](?:多少|几)"
)
_COUNT = re.compile(r"(?:多少|几)(?:个|项|条|样)|总数|数量|[共有](?:多少|几)")
_DIMENSION = re.compile(r"维度|类别|领域|哪一?[类块]|归[到在入]|属于哪")
_PLAN = re.compile(r"计划|目标|预期|打算|力争|要达到")
_DONE = re.compile(r"完成|实际|实绩|结果|做到|达到了|做成|达到没|达标|达成|够没|到底")
_COMPARES = re.compile(
    r"(?:比|较|跟|和).{0,12}?(?:多|少|高|低|增加|减少|提高|下降|差|涨|降)|(?:多|少|高|低|差)(?:出)?(?:多少|几)|差多少|相差"
)
_YEAR_AND_ROLE = re.compile(r"((?:19|20)\d{2})年?[^，。、；？\d]{0,3}(目标|计划|预期|完成|实际|实绩)")
_GROUP = re.compile(r"类|维度|领域|块|方面|归")
"""Where a group of rows is spoken of, part of its name will do."""
_FULL = re.compile(r"百分之百|百分百|100%")


def answer_list(question: str, corpus: Corpus) -> Draft | None:
    """The rows whose attribute, dimension or value the question names; None where it asks for no rows or names none."""
    if not (_SEVERAL.search(question) and _ABOUT_TABLE.search(question)):
        return None
    rows = _asked_rows(fold(question), corpus.indicators)
    if not rows:
        return None
    numbers = list(dict.fromkeys(row.number or row.id for row in rows))
    names = "；".join(f"{row.number} {row.name}".strip() for row in rows)
    sources = tuple(Source(corpus, row.span) for row in rows)
    sentence = DraftSentence(f"共{len(numbers)}项：{names}。", sources, "computed", frozenset({str(len(numbers))}))
    return Draft(Status.ANSWERED, (sentence,))


def answer_row(question: str, corpus: Corpus, indicator: Indicator, years: Sequence[int]) -> DraftSentence:
    """One row in words: its values (of the years asked for, where it has them) with unit, and its attribute."""
    wanted = _values_asked(question, indicator, years)
    dated = len(indicator.values) > 1
    facts = [_say(value, indicator.unit, dated) for value in wanted]
    if indicator.attribute:
        facts.append(f"属于{indicator.attribute}指标")
    if indicator.dimension and _DIMENSION.search(question):
        facts.append(f"列在“{indicator.dimension}”下")
    text = f"{row_name(indicator)}：{'，'.join(facts)}。"
    header = (Source(corpus, indicator.header),) if dated else ()
    return DraftSentence(text, (Source(corpus, indicator.span), *header), "composed")


def is_other_name(question: str, name: str) -> bool:
    """Whether the question has a name that begins and ends as `name` does, with something else between."""
    asked, own = fold(question), fold(name)
    if own[:2] not in asked or own[-2:] not in asked:
        return False
    for start in range(2, len(own) - 2):
        for end in range(start + 1, len(own) - 1):
            between = re.search(f"{re.escape(own[:start])}([\u4e00-\u9fff]{{1,4}}){re.escape(own[end:])}", asked)
            if between and between[1] not in own and own[start:end] not in between[1]:
                return own not in asked
    return False


def _values_asked(question: str, indicator: Indicator, years: Sequence[int]) -> list[IndicatorValue]:
    """The values of the years and roles asked for: of a year carried out the result, unless its plan is asked for."""
    said = [(int(year), bool(_DONE.search(role))) for year, role in _YEAR_AND_ROLE.findall(question)]
    plan, done = bool(_PLAN.search(question)), bool(_DONE.search(question))
    compared = _compared(indicator) if _COMPARES.search(question) else []
    if compared:
        return compared
    exactly = (
        [] if plan and done and len(said) < 2 else [v for v in indicator.values if (v.year, v.role == "完成") in said]
    )
    if exactly:
        return exactly
    of_year = [value for value in indicator.values if not years or value.year in years] or list(indicator.values)
    if plan != done:
        of_role = [value for value in of_year if (value.role == "完成") == done]
        return of_role or of_year
    if not plan:
        return [
            v for v in of_year if v.role == "完成" or not any(o.year == v.year and o.role == "完成" for o in of_year)
        ]
    return of_year


def _compared(indicator: Indicator) -> list[IndicatorValue]:
    """The last result and the plan that follows it; [] where the row has not both."""
    done = [value for value in indicator.values if value.role == "完成"]
    plans = [value for value in indicator.values if value.role != "完成" and done and value.year != done[-1].year]
    return [done[-1], plans[-1]] if plans else []


def row_name(indicator: Indicator) -> str:
    """The row's name, with the group it stands in."""
    return f"{indicator.group}（{indicator.name}）" if indicator.group else indicator.name


def with_unit(value: str, unit: str) -> str:
    """A cell's words with the unit behind their number: '5左右' and '%' give '5%左右'."""
    if not unit or not _NUMBER.search(value):
        return value
    return _NUMBER.sub(lambda number: number.group() + unit, value, count=1)


def _say(value: IndicatorValue, unit: str, dated: bool) -> str:
    """The value under its column's title; its year only where the table has values of several columns."""
    header = value.header if dated else re.sub(r"\d{4}年?", "", value.header) or value.role
    if _NO_FIGURE.match(value.text):
        return f"{header}一栏为“{value.text}”，没有列出数值" if value.text else f"{header}一栏空着"
    return f"{header}{with_unit(value.text, unit)}"


def _asked_rows(folded: str, rows: Sequence[Indicator]) -> list[Indicator]:
    """The rows that fit everything the question names; [] where it names nothing of the table but the table."""
    tests: list[Callable[[Indicator], bool]] = []
    for cell in (_attribute, _dimension, _value):
        named = {cell(row) for row in rows if cell(row) and fold(cell(row)) in folded}
        if cell is _dimension and not named and _GROUP.search(folded):
            named = {
                cell(row) for row in rows if len(cell(row)) > 3 and {cell(row)[:2], cell(row)[-2:]} & _bigrams(folded)
            }
        if named:
            tests.append(lambda row, cell=cell, named=named: cell(row) in named)  # type: ignore[misc]
    if _FULL.search(folded):
        tests.append(lambda row: row.unit == "%" and row.planned.number == 100 and _is_plain(row.planned.text))
    if not tests:
        is_all = bool(_COUNT.search(folded)) and not re.search(r"完成|达到|超额", folded)
        return list(rows) if is_all else []
    return [row for row in rows if all(test(row) for test in tests)]


def _bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _attribute(row: Indicator) -> str:
    return row.attribute


def _dimension(row: Indicator) -> str:
    return row.dimension


def _value(row: Indicator) -> str:
    """A value in words, such as 达到上级要求; a number alone is too short to be named by accident."""
    return row.planned.text if row.planned.number is None and len(row.planned.text) > 3 else ""


def _is_plain(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None

"""The cells of a table row as numbers with their bounds, and two of them held against each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from index.normalise import fold
from index.years import same_year, years_in
from ingest.model import Corpus, Indicator, IndicatorValue, Report
from server.answering.amounts import Bound, amounts
from server.answering.draft import DraftSentence, Source

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
PLAN = re.compile(
    r"计划|目标|预期|预定|原定|原先|盘算|打算|指望|[定订]的|任务|力争|要达到|一开始|开头|年初|说好|盼着|(?:原先|本来)[^，。？]{0,2}[琢估想盘]"
)
DONE = re.compile(
    r"完成|实际|实绩|实现|结果|达到了|达到没|达标|达成|做到|做成|够没|到底(?![^，。？]{0,2}(?:打算|计划|[定想要]))"
)
BODY = re.compile(r"责任|牵头|负责|主管|单位|部门|科室")
"""The title of the column that says who is responsible."""
UNREACHED = re.compile(
    r"(?:没有?|未能?|不)(?:全部|能|有)?(?:完成|达到|达标|达成|实现|做到|达)(?:了|到)?|(?:低于|不及|少于|没到)(?:年度|年初|当年|原定)?(?:计划|目标|预期)(?!值|的(?!原因|主要|理由))|没够|落空|不及预期|缺口|欠账"
)
SURPASSED = re.compile(r"超额(?:完成)?|超(?:过|出|了|预期)|好于|多完成")
_SCALE = re.compile(r"[十百千]?[万亿]*")
_APART = re.compile(
    r"[比较和与跟同及、，,；;？?：:]|[低高大小少多]于|不如|超过|等于|相同|一样|持平|一致|(?:没有?|未能?)(?:达到|完成)"
)
_YEAR = re.compile(r"(?=(?<!\d)(?:(?:19|20)\d{2}|\d{2}年)|去年|今年|[本上明前当]年|上一年)")
_LESS_IS_BETTER = re.compile(
    r"失业率|浓度|死亡|事故|债务率|负债率|不良(?:贷款)?率|(?:价格|物价)(?:总?指数|总?水平|涨幅|上涨)|用水(?:总)?量|排放(?:总)?量|发[病案]率"
)
_DECLINE = re.compile(r"降|减|下浮|压缩")
_EITHER_WAY = re.compile(r"能耗|水耗|碳排放|二氧化碳")
"""What is told as a level by one report and as its decline by another."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with one number: as it stands there, in its own unit and scale, which `unit` names."""

    value: IndicatorValue
    number: Decimal
    bound: Bound
    unit: str
    falls: bool

    @property
    def words(self) -> str:
        """The cell under its column's title, as it is written."""
        return f"{self.value.header}{self.bare}"

    @property
    def bare(self) -> str:
        """The cell as it is written, with its unit."""
        return with_unit(self.value.text, self.unit)

    def comparable(self, other: Cell) -> bool:
        """Whether both count the same thing in the same unit and scale."""
        return self.unit == other.unit and self.falls == other.falls


class Said(NamedTuple):
    """A column that a question speaks of: its year and its role (计划, 完成), as far as it says them."""

    year: int | None
    role: str


def with_unit(value: str, unit: str) -> str:
    """A cell's words with the unit behind their number: '5左右' and '%' give '5%左右'."""
    if not unit or not NUMBER.search(value) or unit in value:
        return value
    return NUMBER.sub(lambda number: number.group() + unit, value, count=1)


def row_name(indicator: Indicator) -> str:
    """The row's name, with the group it stands in."""
    return f"{indicator.group}（{indicator.name}）" if indicator.group else indicator.name


def read_cell(value: IndicatorValue, unit: str) -> Cell | None:
    """The cell as a number; None where it has none, several, or a range."""
    text = fold(value.text)
    found, numbers = amounts(text), list(NUMBER.finditer(text))
    if len(found) != 1 or len(numbers) != 1 or found[0].low != found[0].high:
        return None
    scale = _SCALE.match(text, numbers[0].end())
    own = (scale.group() if scale else "") + found[0].unit
    number = Decimal(numbers[0].group().replace(",", ""))
    amount = found[0]
    return Cell(value, -number if amount.low < 0 else number, amount.bound, own or unit, amount.direction < 0)


def said_columns(question: str, report: Report) -> list[Said]:
    """The columns that a question speaks of, in its order."""
    found = []
    for part in _APART.split(same_year(question)):
        for piece in _YEAR.split(part):
            years = years_in(piece, report)
            roles = sorted(
                (m.start(), role) for role, m in (("计划", PLAN.search(piece)), ("完成", DONE.search(piece))) if m
            )
            if years or roles:
                found.append(Said(years[0] if years else None, roles[0][1] if roles else ""))
    return found


def compared(question: str, row: Indicator, report: Report) -> tuple[IndicatorValue, IndicatorValue] | None:
    """The two values of a row that a question holds against each other; None where the row has not both."""
    said = said_columns(question, report)
    found: list[IndicatorValue] = []
    for position, column in enumerate(said):
        value = _value_of(column, said, position, row.values)
        if value is None:
            return None
        if value not in found:
            found.append(value)
    if len(found) > 1:
        return found[0], found[1]
    if found:
        return _partnered(found[0], row.values)
    done = [value for value in row.values if value.role == "完成"]
    if not done:
        return None
    own_plan = UNREACHED.search(question) or SURPASSED.search(question)
    plan = _find(row.values, done[-1].year, "计划") if own_plan else _following(done[-1], row.values)
    return None if plan is None else ((done[-1], plan) if own_plan else (plan, done[-1]))


def _value_of(
    column: Said, said: Sequence[Said], position: int, values: Sequence[IndicatorValue]
) -> IndicatorValue | None:
    """The value of a column spoken of; what it leaves out is taken from the other column spoken of."""
    if column.year is not None:
        roles = (column.role,) if column.role else ("完成", "计划")
        return next((v for v in (_find(values, column.year, role) for role in roles) if v), None)
    others = [other.year for i, other in enumerate(said) if i != position and other.year is not None]
    of_role = [value for value in values if value.role == column.role]
    stands_first = column.role == "计划" and position == 0 and len(said) > 1
    if others and not stands_first:
        same_year = [value for value in of_role if value.year == others[0]]
        of_role = same_year or of_role
    elif column.role == "计划" and not stands_first:
        years = [value.year for value in values if value.role == "完成"]
        of_role = [value for value in of_role if value.year in years] or of_role
    return of_role[-1] if of_role else None


def _find(values: Sequence[IndicatorValue], year: int | None, role: str) -> IndicatorValue | None:
    return next((value for value in values if value.year == year and value.role == role), None)


def _partnered(value: IndicatorValue, values: Sequence[IndicatorValue]) -> tuple[IndicatorValue, IndicatorValue] | None:
    """A value with what it is measured against: a result with its plan, a plan with its result or the last one before."""
    if value.role == "完成":
        other = _find(values, value.year, "计划") or _following(value, values)
    else:
        done = [v for v in values if v.role == "完成"]
        other = _find(values, value.year, "完成") or (done[-1] if done else None)
        if other and other.year == value.year:
            return other, value
    return (value, other) if other else None


def _following(done: IndicatorValue, values: Sequence[IndicatorValue]) -> IndicatorValue | None:
    """The plan that follows a result."""
    return next((value for value in reversed(values) if value.role == "计划" and value.year != done.year), None)


def reached(plan: Cell, result: Cell, name: str) -> bool | None:
    """Whether a result reaches its plan; None where the two cells do not tell."""
    if not plan.comparable(result) or result.bound:
        return None
    gap = result.number - plan.number
    if plan.bound in ("least", "most"):
        return gap >= 0 if plan.bound == "least" else gap <= 0
    if plan.bound in ("above", "below"):
        return gap > 0 if plan.bound == "above" else gap < 0
    if _EITHER_WAY.search(name) and not _DECLINE.search(name) and not plan.falls:
        return None
    met = gap <= 0 if less_is_better(name) and not plan.falls else gap >= 0
    return met if met or not plan.bound else None


def plan_and_result(question: str, corpus: Corpus, row: Indicator) -> tuple[Cell, Cell] | None:
    """The plan of the year asked for and what came of it; None where the row has not both as numbers."""
    pair = compared(question, row, corpus.report)
    if pair is None or {value.role for value in pair} != {"完成", "计划"} or pair[0].year != pair[1].year:
        return None
    plan, result = (read_cell(value, row.unit) for value in sorted(pair, key=lambda value: value.role == "完成"))
    return (plan, result) if plan and result else None


def less_is_better(name: str) -> bool:
    """Whether an indicator of this name is meant to fall."""
    return bool(_LESS_IS_BETTER.search(name)) and not _DECLINE.search(name)


def say_gap(corpus: Corpus, row: Indicator, left: IndicatorValue, right: IndicatorValue) -> DraftSentence | None:
    """How far one value of a row lies above or below another; None where the cells cannot be compared."""
    one, other = read_cell(left, row.unit), read_cell(right, row.unit)
    if one is None or other is None or not one.comparable(other):
        return None
    gap = one.number - other.number
    size = f"{abs(gap).normalize():f}"
    words = f"{way(gap, one.unit)}{size}{gap_unit(one.unit)}" if gap else "的数字相同"
    link = "比" if gap else "与"
    text = f"{left.header}{link}{right.header}{words}（由表中两个数字算出{as_written(one, other)}）。"
    sources = (Source(corpus, row.span), Source(corpus, row.header))
    return DraftSentence(text, sources, "computed", frozenset({size}) if gap else frozenset())


def as_written(*cells: Cell) -> str:
    """A word that a difference takes the numbers of cells like 6左右 or ≥96 as they stand; '' where there are none."""
    written = [f"“{cell.value.text}”" for cell in cells if cell.bound]
    return f"，表中写的是{'、'.join(written)}，按所列数字计算" if written else ""


def way(gap: Decimal, unit: str) -> str:
    """The word for more or less of something counted, or for higher or lower of a rate."""
    rate = unit == "%" or "/" in unit
    return ("高" if rate else "多") if gap > 0 else ("低" if rate else "少")


def gap_unit(unit: str) -> str:
    """The unit of a difference: percentages differ by percentage points."""
    return "个百分点" if unit == "%" else unit

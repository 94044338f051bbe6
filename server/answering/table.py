"""Questions about the plan table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalise import fold
from index.search import Evidence
from ingest.model import Corpus, Indicator, IndicatorValue
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.model import Status

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NO_FIGURE = re.compile(r"^[-—–－/无]*$")
_LISTS = re.compile(r"哪些|哪几|有什么|列出|列举|都有|多少(?:个|项|条)|几(?:个|项|条)")
_ABOUT_TABLE = re.compile(r"指标|计划表|附件|附表")
_COUNT = re.compile(r"多少(?:个|项|条)|几(?:个|项|条)|总数|数量")


def is_table_list(question: str) -> bool:
    """Whether a question asks for several rows of the table, or how many there are."""
    return bool(_LISTS.search(question) and _ABOUT_TABLE.search(question))


def answer_row(corpus: Corpus, indicator: Indicator) -> DraftSentence:
    """One row in words: every value with its year and unit, and the attribute."""
    about = f"，属于{indicator.attribute}指标" if indicator.attribute else ""
    values = "，".join(_say(indicator, value) for value in indicator.values)
    return DraftSentence(f"{values}{about}。", (Source(corpus, indicator.span),), "composed")


def answer_list(question: str, corpus: Corpus) -> Draft | None:
    """The rows that have the attribute or stand in the dimension that the question names; None where it names none."""
    folded = fold(question)
    rows = [row for row in corpus.indicators if _is_asked(row, folded, corpus.indicators)]
    if not rows or not any(_named(word, folded) for row in rows for word in (row.attribute, row.dimension)):
        return None
    numbers = list(dict.fromkeys(row.number or row.id for row in rows))
    names = "；".join(_list_item(row) for row in rows)
    head = f"共{len(numbers)}项：" if _COUNT.search(question) or len(rows) > 1 else ""
    sources = tuple(Source(corpus, row.span) for row in rows)
    return Draft(Status.ANSWERED, (DraftSentence(f"{head}{names}。", sources, "composed"),))


def with_unit(value: str, unit: str) -> str:
    """A cell's words with the unit behind their number: '5左右' and '%' give '5%左右'."""
    if not unit or not _NUMBER.search(value):
        return value
    return _NUMBER.sub(lambda number: number.group() + unit, value, count=1)


def _say(indicator: Indicator, value: IndicatorValue) -> str:
    name = (
        f"{indicator.group}（{indicator.name}）"
        if indicator.group and indicator.group not in indicator.name
        else indicator.name
    )
    if _NO_FIGURE.match(value.text):
        return f"{name}的{_header(value)}一栏为“{value.text}”，没有列出数值"
    return f"{name}的{_header(value)}为{with_unit(value.text, indicator.unit)}"


def _header(value: IndicatorValue) -> str:
    return re.sub(r"\d{4}年?", "", value.header) or value.role


def _list_item(row: Indicator) -> str:
    return f"{row.number} {row.name}".strip()


def _is_asked(row: Indicator, folded: str, rows: Sequence[Indicator]) -> bool:
    attributes = {r.attribute for r in rows if _named(r.attribute, folded)}
    dimensions = {r.dimension for r in rows if _named(r.dimension, folded)}
    return (not attributes or row.attribute in attributes) and (not dimensions or row.dimension in dimensions)


def _named(word: str, folded: str) -> bool:
    return bool(word) and fold(word) in folded


def indicators_in(evidence: Sequence[Evidence]) -> list[tuple[Corpus, Indicator]]:
    """The table rows among `evidence`, in its order."""
    return [(e.entry.corpus, e.entry.item) for e in evidence if isinstance(e.entry.item, Indicator)]

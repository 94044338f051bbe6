"""The rows of the plan table whose cell in a column is left blank, or says in words what others say in numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.model import Corpus, Indicator, IndicatorValue
from server.answering.cells import row_name, said_columns
from server.answering.draft import DraftSentence, Source

BLANK = re.compile(r"^[-—–－/无]*$")
"""What stands in a cell that tells no value."""
_ASKS_BLANK = re.compile(
    r"空(?:着|白|缺|格|栏|的|[（(“\"])|[为是留]空|[“\"（(]?[-—–－][”\"）)]|横[杠线]|[没未](?:有|能)?填|[没未无](?:有)?列出"
)
_ASKS_WORDS = re.compile(
    r"(?:没有?|未|不)(?:给出?|写[死明]?|列出?|定|设|是)?(?:具体|确切|明确)?的?(?:数[值字据]|目标值|数$)|"
    r"(?:只|光|仅)(?:有|写|是|用)(?:了)?(?:一?句)?(?:话|文字)|(?:用|以)文字|文字(?:表述|说明|描述)"
)
_OF_ROWS = re.compile(r"哪|几|多少|有什么|有啥|列[出举]|指标[？?。]*$|的[？?。]*$")
_ABOUT = re.compile(r"指标|表|一?栏|一?列|附件")


def blank_rows(question: str, corpus: Corpus) -> tuple[DraftSentence, ...]:
    """The rows whose cell is blank, or without a number, in the column spoken of; () where that is not asked."""
    asks_blank, asks_words = _ASKS_BLANK.search(question), _ASKS_WORDS.search(question)
    if not (asks_blank or asks_words) or not (_OF_ROWS.search(question) and _ABOUT.search(question)):
        return ()
    columns = said_columns(question, corpus.report)
    years, roles = {c.year for c in columns if c.year is not None}, {c.role for c in columns if c.role}

    def fits(value: IndicatorValue) -> bool:
        is_asked = (not years or value.year in years) and (not roles or value.role in roles)
        is_blank = bool(BLANK.match(value.text))
        return is_asked and (is_blank if asks_blank else value.number is None and not is_blank)

    found = [(row, value) for row in corpus.indicators for value in row.values if fits(value)]
    return (_listed(corpus, found),) if found else ()


def _listed(corpus: Corpus, found: Sequence[tuple[Indicator, IndicatorValue]]) -> DraftSentence:
    number = str(len({row.id for row, _ in found}))
    names = "；".join(f"{row.number} {row_name(row)}（{value.header}“{value.text}”）".strip() for row, value in found)
    headers = dict.fromkeys(Source(corpus, row.header) for row, _ in found)
    rows = dict.fromkeys(Source(corpus, row.span) for row, _ in found)
    return DraftSentence(f"共{number}项：{names}。", (*rows, *headers), "computed", frozenset({number}))

"""Reasons not to answer with the best candidate, however well its words fit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalise import fold
from ingest.model import Corpus, Indicator
from server.answering.asks import Ask
from server.answering.candidates import Candidate, has_cue, titles_of
from server.answering.draft import Draft, Source
from server.answering.model import Status
from server.answering.questions import Query
from server.answering.ranking import COUNTED

_SHOWN_IN_WORDS = (Ask.CONTACT, Ask.PERSON, Ask.MONEY, Ask.ROSTER, Ask.CONDITION)
"""What is asked with these stands in an answer in words of a known kind: a telephone number, an office, an amount, names."""
_MEANS = re.compile(r"意思|含义|定义|释义|什么(?:是|叫)|啥(?:是|叫)|何谓|何为|指(?:的是)?(?:什么|啥)|名词解释")
_EXPLAINS = re.compile(r"(?<![一-鿿])(?:是)?指|是指|指[在的由为以]|[，：（]即|又称|称为|简称|所谓|——|：|是.{2,}的")
_BARE = frozenset(
    [
        "面积",
        "人口",
        "人数",
        "大事",
        "要闻",
        "新闻",
        "数据",
        "数字",
        "比例",
        "总数",
        "总量",
        "数量",
        "增速",
        "增幅",
        "费用",
        "金额",
        "产值",
        "规模",
        "排名",
        "事情",
    ]
)
"""Words that are measured or told of everything: alone they are asked of the whole place."""
_WHOLE = re.compile(r"全[区市县旗州盟]|辖区|常住|总体")
_LISTS = re.compile(r"哪些|哪几|多少(?:个|项|条)|几(?:个|项|条)|分别|各|所有|全部")
CHOICES = 6
"""Names offered at the most."""


def cannot_tell(query: Query, best: Candidate) -> bool:
    """Whether the best candidate lacks the kind of words that an answer to this question has."""
    said = titles_of(best.evidence.entry) + best.sentence.of(best.source.corpus.report.text)
    if any(ask in query.asks and not has_cue(ask, said) for ask in _SHOWN_IN_WORDS) and best.form != "row":
        return True
    if best.form == "run" and Ask.NAME in query.asks and COUNTED.search(query.asking) and not has_cue(Ask.ROSTER, said):
        return True
    if best.form == "run" and {word.word for word in query.focus} <= _BARE and not _WHOLE.search(said):
        return True
    is_definition = best.form == "entry" or best.evidence.entry.kind == "term"
    return bool(_MEANS.search(query.asking)) and not is_definition and not _EXPLAINS.search(said)


def several_rows(query: Query, corpus: Corpus, named: Sequence[str]) -> Draft | None:
    """A question back with the rows that a number may be asked of, where all its words are part of several names."""
    words = [word.word for word in query.focus]
    if named or not words or len(words) > 2 or _LISTS.search(query.text):
        return None
    rows = [row for row in corpus.indicators if all(word in fold(row.name) for word in words)]
    if not 2 <= len(rows) <= CHOICES or not set(query.asks) <= {Ask.NUMBER, Ask.FACT}:
        return None
    return Draft(Status.CLARIFY, related=tuple(_source(corpus, row) for row in rows))


def _source(corpus: Corpus, row: Indicator) -> Source:
    return Source(corpus, row.span)

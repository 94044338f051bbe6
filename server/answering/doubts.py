"""Reasons not to answer with the best candidate, however well its words fit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.normalise import fold
from ingest.model import Corpus, Indicator
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.cues import has_cue
from server.answering.draft import Draft, Source
from server.answering.lacks import (
    belongs_to_all,
    figure_stands_apart,
    gives_reason,
    is_comparison,
    is_counted_otherwise,
    is_of_a_part,
    is_of_another_part,
    lacks,
    lacks_any_figure,
    lacks_measure,
    lacks_names,
    money_stands_apart,
    only_figures_of_question,
)
from server.answering.matching import match
from server.answering.measured import other_ordinal
from server.answering.model import Status
from server.answering.numbers import figures
from server.answering.plain import plain
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
LONG, UNLIKE = 4, 0.3
"""Characters of a word that is hardly an everyday one, and the match below which nothing like it was found."""
_MEASURE = re.compile(r"(?:规模|数量|总量|总额|金额|情况|进展|比例|水平|标准|目标)$")
"""What ends a word without making it another thing's."""
CHOICES = 6
"""Names offered at the most."""


def cannot_tell(query: Query, best: Candidate) -> bool:
    """Whether the best candidate lacks the kind of words that an answer to this question has."""
    sentence = best.sentence.of(best.source.corpus.report.text)
    said = best.words
    wanted = [ask for ask in query.asks if ask in _SHOWN_IN_WORDS and not (ask is Ask.PERSON and _by_whom(query, said))]
    if any(not has_cue(ask, said) for ask in wanted) and best.form != "row":
        return True
    if best.form == "run" and Ask.NAME in query.asks and COUNTED.search(query.asking) and not has_cue(Ask.ROSTER, said):
        return True
    if best.form == "run" and {word.word for word in query.focus} <= _BARE and not _WHOLE.search(said):
        return True
    if _lacks_words(query, best, sentence) or _is_only_planned(query, best):
        return True
    is_definition = best.form == "entry" or best.evidence.entry.kind == "term"
    return bool(_MEANS.search(query.asking)) and not is_definition and not _EXPLAINS.search(said)


def _is_only_planned(query: Query, best: Candidate) -> bool:
    """Whether it is asked what came of something, and the best candidate stands in the plan of a year not asked for."""
    planned = best.source.corpus.report.year_planned
    is_plan = best.form == "run" and best.year == planned is not None
    return is_plan and planned not in query.years and bool(re.search("实际|实绩", query.asking))


def _by_whom(query: Query, said: str) -> bool:
    """Whether it is asked by whom something is done, which a body may do as well as a person, and `said` tells it."""
    return bool(re.search(r"由谁|谁来?(?:运营|管理|发|办|建)", query.asking) and re.search(r"由[^，。；]{2,}", said))


def _lacks_words(query: Query, best: Candidate, sentence: str) -> bool:
    """Whether the words found lack what the asking words name: a kind, a unit, another figure, names beside a count."""
    item = best.evidence.entry.item
    columns = "，".join(title for title, _ in item.others) if isinstance(item, Indicator) else ""
    asked, said = plain(query.asking), plain(f"{best.evidence.entry.titles}：{sentence}{columns}")
    if lacks(asked, said) or other_ordinal(_named_ordinal(asked), plain(best.source.text)):
        return True
    if Ask.REASON in query.asks and best.form == "run" and not gives_reason(plain(sentence)):
        return True
    if query.wants_figure and only_figures_of_question(plain(query.text), said):
        return True
    if not _has_year(query, best, said):
        return True
    if query.wants_figure and _is_of_another_word(query, best):
        return True
    if best.form == "row" and isinstance(item, Indicator):
        return _is_no_row_for(query, best, item)
    return _is_no_sentence_for(query, best, said)


def _is_no_row_for(query: Query, best: Candidate, row: Indicator) -> bool:
    """Whether a table row, which tells of the whole place, is asked of a part of it, or in another unit."""
    asked, said = plain(query.asking), plain(best.words)
    of_place = asked.replace(best.source.corpus.report.place, "")
    return (
        is_of_a_part(of_place, said)
        or _has_only_own_figures(query, row, asked)
        or is_counted_otherwise(asked, row.unit)
    )


def _is_no_sentence_for(query: Query, best: Candidate, said: str) -> bool:
    """Whether a sentence has no figure of the kind asked for, or none of the thing itself, or lacks the names asked for."""
    asked, sentence = plain(query.asking), plain(best.sentence.of(best.source.corpus.report.text))
    if query.wants_figure and (
        lacks_measure(asked, said) or lacks_any_figure(asked, said) or belongs_to_all(asked, sentence)
    ):
        return True
    if query.wants_figure and best.form == "run":
        heaviest = [word.word for word in sorted(query.focus, key=lambda w: -w.weight) if word.noun]
        if Ask.MONEY in query.asks and money_stands_apart(heaviest, sentence):
            return True
        if figure_stands_apart(asked, heaviest, sentence) or is_of_another_part(asked, plain(best.words)):
            return True
    return lacks_names(asked, sentence)


def _is_of_another_word(query: Query, best: Candidate) -> bool:
    """Whether a long word asked stands in the report itself, but nothing like it in what was found, which has no such name."""
    if best.feature("named"):
        return False
    text, said = fold(best.source.corpus.report.text), fold(best.words)
    long = (word for asked in query.asked if len(word := _MEASURE.sub("", asked.word)) >= LONG)
    return any(word in text and match(word, said) < UNLIKE for word in long)


def _has_only_own_figures(query: Query, row: Indicator, asked: str) -> bool:
    """Whether a number is asked for, and all those of the row stand in the question."""
    own = {float(figure.value) for figure in figures(plain(query.text))}
    return query.wants_figure and not is_comparison(asked) and {v.number for v in row.values} <= own


def _named_ordinal(asked: str) -> str:
    """What is asked, where it names one of a series: 首届 or 第二批, not 第几."""
    return asked if re.search(r"首[届批期次]|第[一二三四五六七八九十\d]+[届批期次]", asked) else ""


def _has_year(query: Query, best: Candidate, said: str) -> bool:
    """Whether words that answer for a year the report does not cover name that year."""
    report = best.source.corpus.report
    if not query.years or {report.year_reviewed, report.year_planned} & set(query.years):
        return True
    last = report.year_reviewed is not None and report.year_reviewed - 1 in query.years
    return any(str(year) in said for year in query.years) or (last and bool(re.search("上年|前年", said)))


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

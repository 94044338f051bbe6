"""Questions about a glossary term by its name that ask for the term alone, or for the document behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

from index.normalise import fold
from index.search import Evidence, Found
from ingest.clauses import split_clauses
from ingest.model import Span, Term
from server.answering.asks import Ask
from server.answering.draft import Draft, Source, quoted
from server.answering.matching import match
from server.answering.model import Status
from server.answering.questions import Query

_DOCUMENT = re.compile(r"(?:文件|正式|官方)(?:的)?(?:全称|全名|名称|名字|大名)|全称|全名|哪(?:个|份)文件|文件(?:是|叫)")
_DOCUMENT_WORDS = frozenset(["文件", "正式", "官方", "全称", "全名", "名称", "大名", "文件名", "文件名称"])


def define(query: Query, found: Found) -> Draft | None:
    """The term's whole entry, or the clause with the document's title; None where the question asks for anything else."""
    for evidence, term in _named_terms(found):
        rest = [word.word for word in query.asked if match(word.word, _names(term)) < 1]
        if _DOCUMENT.search(query.asking) and not set(rest) - _DOCUMENT_WORDS:
            title = next((s for s in _clauses(evidence, term) if "《" in s.text), None)
            if title:
                return Draft(Status.ANSWERED, (quoted(title),))
        asks_meaning = not rest and (Ask.DEFINITION in query.asks or query.asks == (Ask.FACT,)) and not query.years
        if asks_meaning or _asks_what_it_is(query, term):
            whole = Span(term.name_span.start, term.span.end)
            return Draft(Status.ANSWERED, (quoted(Source(evidence.entry.corpus, whole)),))
    return None


def _asks_what_it_is(query: Query, term: Term) -> bool:
    """Whether it is asked if the term is something (…，是让种地的改种树吗), which its definition answers."""
    names = "|".join(re.escape(fold(name)) for name in (term.name, *term.aliases))
    asks = re.search(
        rf"(?:{names})[，,]?(?:难道)?是(?!否|不是|什么时候|几|哪|多少|谁)[^，。？]{{3,}}[吗呗么][？?]*$",
        fold(query.text),
    )
    return bool(asks) and not query.years and not query.wants_figure


def _named_terms(found: Found) -> Iterator[tuple[Evidence, Term]]:
    """The terms that the question calls by an exact name, the longest first."""
    exact = {hit.row: None for hit in found.names if hit.how == "exact"}
    named = (evidence for evidence in chain(found.evidence, found.rejected) if evidence.row in exact)
    entries = {evidence.row: evidence for evidence in islice(named, len(exact))}
    for row in exact:
        evidence = entries.get(row)
        if evidence and isinstance(evidence.entry.item, Term):
            yield evidence, evidence.entry.item


def _names(term: Term) -> str:
    return fold(" ".join((term.name, *term.aliases)))


def _clauses(evidence: Evidence, term: Term) -> Iterator[Source]:
    corpus = evidence.entry.corpus
    for span in split_clauses(corpus.report.text, term.definition):
        yield Source(corpus, span)

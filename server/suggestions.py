"""An answer → what could be asked next, from what the report says around its sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingest.model import Corpus, Indicator, SectionKind, Span
from server.answering.model import Answer, Citation, Status
from server.glossing import Glossary
from server.page_views import default, example_questions
from server.wording import meaning, plan, work

COUNT = 3
_ASKED_BESIDE = frozenset({
    Status.ANSWERED_GREETING, Status.ANSWERED_THANKS, Status.NOT_IN_REPORT, Status.OTHER_PLACE, Status.OTHER_YEAR,
    Status.ADVICE, Status.REALTIME, Status.TASK, Status.CHITCHAT,
})  # fmt: skip
"""After these it helps to see what can be asked. Not after an emergency, a personal matter or an attack."""


def suggest(corpora: Mapping[str, Corpus], answer: Answer, asked: Sequence[str] = ()) -> list[str]:
    """Up to `COUNT` questions: what a term in the answer means, the row beside a cited one, the paragraph beside one.

    Where the asker has to choose, the choices; where nothing was answered, what can be. Questions in `asked` are left out.
    """
    if answer.status == Status.CLARIFY:
        candidates = _choices(corpora, answer)
    elif answer.status in _ASKED_BESIDE:
        corpus = default(corpora)
        candidates = iter(example_questions(corpus)[::2] if corpus else ())
    elif answer.status.is_answer:
        candidates = _next(corpora, answer)
    else:
        candidates = iter(())
    known = {answer.question, answer.resolved_question, *asked}
    return [question for question in dict.fromkeys(candidates) if question not in known][:COUNT]


def _choices(corpora: Mapping[str, Corpus], answer: Answer) -> Iterator[str]:
    """A question for each row and term to choose from; the same question for each report."""
    for place in answer.related:
        corpus = corpora.get(place.report)
        if corpus is None:
            continue
        span = Span(place.start, place.end)
        rows = [i for i in corpus.indicators if i.span.overlaps(span)]
        terms = [t for t in corpus.terms if t.span.overlaps(span)]
        yield from (plan(row.name, row.planned.year) for row in rows)
        yield from (meaning(term.name) for term in terms)
        if not rows and not terms:
            yield f"{corpus.report.place}{answer.resolved_question}"


def _next(corpora: Mapping[str, Corpus], answer: Answer) -> Iterator[str]:
    first = corpora.get(answer.citations[0].report) if answer.citations else None
    if first and answer.citations[0].kind == "passage":
        yield from _terms_named(first, answer)
    for citation in answer.citations[:COUNT]:
        corpus = corpora.get(citation.report)
        if corpus is None:
            continue
        if citation.kind == "passage":
            yield from _paragraphs_beside(corpus, citation)
        elif citation.kind == "indicator":
            yield from _rows_beside(corpus.indicators, citation)


def _terms_named(corpus: Corpus, answer: Answer) -> Iterator[str]:
    named = Glossary.of(corpus).gloss([sentence.text for sentence in answer.sentences])
    terms = [term for cuts in named for _, term in cuts if term is not None]
    yield from (meaning(term.name) for term in terms[: COUNT - 1])


def _paragraphs_beside(corpus: Corpus, citation: Citation) -> Iterator[str]:
    """The paragraphs under the same heading, the following ones first."""
    span = Span(citation.start, citation.end)
    own = next((s for s in corpus.sections if s.kind is SectionKind.PARAGRAPH and s.span.contains(span)), None)
    if own is None:
        return
    siblings = [s for s in corpus.sections if s.kind is own.kind and s.parent == own.parent and s.id != own.id]
    for section in sorted(siblings, key=lambda s: (s.span < own.span, s.span)):
        if len(section.title) <= 20:
            yield work(section.title, section.year == corpus.report.year_reviewed)


def _rows_beside(rows: Sequence[Indicator], citation: Citation) -> Iterator[str]:
    """The rows of the same dimension, the following ones first."""
    at = next((i for i, row in enumerate(rows) if row.span.overlaps(Span(citation.start, citation.end))), None)
    if at is None:
        return
    for row in (*rows[at + 1 :], *rows[:at]):
        if row.dimension == rows[at].dimension:
            yield plan(row.name, row.planned.year)

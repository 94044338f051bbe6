"""Answer → what its page shows: sentences with terms to explain, excerpts of its sources, words to copy, next questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.model import Corpus, Report, Term
from server.answering.model import Answer, Origin
from server.excerpts import Excerpt, excerpts
from server.glossing import Cut, Glossary
from server.page_views import default
from server.suggestions import suggest

_WITHOUT_PAGE = "error_"
"""Statuses of answers that are not worth an address of their own begin so."""


@dataclass(frozen=True, slots=True)
class SentenceView:
    """One sentence: its words cut at the terms it names first, its markers, its number in the answer from 1."""

    number: int
    cuts: tuple[Cut, ...]
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring sentences of one origin; `is_labelled` says whether the origin is worth a label."""

    origin: Origin
    is_labelled: bool
    sentences: tuple[SentenceView, ...]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """All that the template of an answer reads. `first_use` is the number of the sentence that shows a marker first.

    `reports` are those that the answer is from, where several are loaded.
    """

    answer: Answer
    prefix: str
    runs: tuple[Run, ...]
    terms: tuple[Term, ...]
    report: str
    definitions: Mapping[str, str]
    sources: tuple[Excerpt, ...]
    nearest: tuple[Excerpt, ...]
    first_use: Mapping[int, int]
    reports: tuple[Report, ...]
    suggestions: tuple[str, ...]
    is_saved: bool

    @property
    def is_worth_keeping(self) -> bool:
        """Whether it has an address to be opened at and complained about."""
        return self.is_saved and not self.answer.status.startswith(_WITHOUT_PAGE)


def view_answer(
    corpora: Mapping[str, Corpus], answer: Answer, asked: Sequence[str] = (), is_saved: bool = False
) -> AnswerView:
    """The view of `answer`; `asked` are the questions of the conversation before it."""
    corpus = corpora.get(answer.citations[0].report) if answer.citations else default(corpora)
    glossed = _glossed(corpus, [sentence.text for sentence in answer.sentences])
    sentences = [
        (sentence.origin, SentenceView(number, tuple(cuts), sentence.markers))
        for number, (sentence, cuts) in enumerate(zip(answer.sentences, glossed, strict=True), 1)
    ]
    grouped = [(origin, tuple(s for _, s in group)) for origin, group in groupby(sentences, key=lambda pair: pair[0])]
    terms = tuple(term for cuts in glossed for _, term in cuts if term is not None)
    return AnswerView(
        answer=answer,
        prefix=f"a-{answer.id[:12]}",
        runs=tuple(
            Run(origin, origin == "generated" or any(s.markers for s in group), group) for origin, group in grouped
        ),
        terms=terms,
        report=corpus.report.id if corpus else "",
        definitions={t.id: t.definition.of(corpus.report.text) for t in terms} if corpus else {},
        sources=tuple(excerpts(corpora, answer.citations)),
        nearest=() if answer.status.is_answer else tuple(excerpts(corpora, answer.related)),
        reports=_reports(corpora, answer),
        first_use={m: s.number for _, s in reversed(sentences) for m in s.markers},
        suggestions=tuple(suggest(corpora, answer, asked)),
        is_saved=is_saved,
    )


def _reports(corpora: Mapping[str, Corpus], answer: Answer) -> tuple[Report, ...]:
    """The reports that are cited, where there are others; where nothing is, none."""
    cited = dict.fromkeys(citation.report for citation in answer.citations)
    return tuple(corpora[name].report for name in cited if name in corpora) if len(corpora) > 1 else ()


def _glossed(corpus: Corpus | None, texts: Sequence[str]) -> list[list[Cut]]:
    """The texts cut at terms; a table row stays whole, since it is shown by its cells."""
    if corpus is None:
        return [[(text, None)] for text in texts]
    running = iter(Glossary.of(corpus).gloss([text for text in texts if "\t" not in text]))
    return [[(text, None)] if "\t" in text else next(running) for text in texts]


def plain_text(view: AnswerView, labels: Mapping[str, str], address: str) -> str:
    """The answer to be pasted elsewhere: every sentence under the label of its origin, and where its words stand."""
    answer = view.answer
    lines = [f"问：{answer.question}", ""]
    said = {sentence.number: answer.sentences[sentence.number - 1] for run in view.runs for sentence in run.sentences}
    for run in view.runs:
        label = f"【{labels[run.origin]}】" if run.is_labelled else ""
        for sentence in run.sentences:
            markers = "".join(f"[{marker}]" for marker in sentence.markers)
            lines.append(label + " ".join(said[sentence.number].text.split("\t")) + markers)
    if not view.runs:
        lines.append(answer.answer)
    if answer.notice:
        lines += ["", f"请注意：{answer.notice}"]
    if view.sources:
        lines += ["", "出处："]
        titles = {place.url: excerpt.report for excerpt in view.sources for place in excerpt.places}
        lines += [
            f"[{c.marker}] “{' '.join(c.quote.split(chr(9)))}”——{source_line(titles[c.url], c.title)}"
            for c in answer.citations
        ]
    if address:
        lines += ["", address]
    return "\n".join(lines)


def quotation(excerpt: Excerpt) -> str:
    """The cited words of an excerpt with where they stand, to be pasted elsewhere."""
    quotes = "\n".join(" ".join(place.quote.split("\t")) for place in excerpt.places)
    return f"{quotes}\n——{source_line(excerpt.report, excerpt.title)}"


def source_line(report: str, title: str) -> str:
    """Where words stand, to be put behind them."""
    return f"《{report}》，{title}" if title else f"《{report}》"

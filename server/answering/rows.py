"""A row of the evidence → its sentences and the runs of their clauses: what depends on the report alone, worked out once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Literal, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from index.entries import Entry
from index.late import RowTokens, most
from index.normalise import fold
from index.search import Evidence
from ingest.model import Indicator, Passage, Span
from ingest.sentences import split_sentences
from server.answering.asks import Ask
from server.answering.cues import has_cue
from server.answering.plain import han_bigrams
from server.answering.runs import Run, places_of, runs_of
from server.answering.wants import has_figure

Form = Literal["run", "row", "entry"]

OF_RUN = "length", "clauses", "from_start", "to_end", "title_only", "items"
"""What a run is by itself: the columns of `Row.own`."""

_T = TypeVar("_T")


def kept_with_tokens(make: Callable[[Evidence], _T]) -> Callable[[Evidence], _T]:
    """Remember what `make` gives for a row, for as long as the row's tokens are kept unpacked."""
    kept: WeakKeyDictionary[RowTokens, _T] = WeakKeyDictionary()

    def get(evidence: Evidence) -> _T:
        tokens = evidence.match.tokens
        made = kept.get(tokens)
        if made is None:
            made = make(evidence)
            if len(tokens.spans):  # rows without tokens share theirs
                kept[tokens] = made
        return made

    return get


class Sentence(NamedTuple):
    """What candidates are runs of: a sentence, or a whole table row or glossary entry; its words are folded."""

    form: Form
    span: Span
    title: str
    clauses: tuple[str, ...]
    runs: tuple[Run, ...]

    @property
    def words(self) -> str:
        """All its words, those of its clauses."""
        return "".join(self.clauses)

    @property
    def titled(self) -> str:
        """Its words behind the titles above."""
        return self.title + self.words


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """The sentences of one row with their clauses, and their runs with their bounds, behind each other.

    A run is of sentence `of`; `bounds` are two lines, its first clause and the one behind its last. `whole` are the runs
    that are all of a sentence.
    `tokens` are the bounds of the clauses among the row's tokens, `above` those of the titles above them; two lines each.
    """

    sentences: tuple[Sentence, ...]
    clauses: tuple[str, ...]
    bigrams: tuple[frozenset[str], ...]
    runs: tuple[Run, ...]
    of: NDArray[np.intp]
    bounds: NDArray[np.intp]
    whole: NDArray[np.intp]
    own: NDArray[np.float64]
    tokens: NDArray[np.intp]
    above: NDArray[np.intp]
    _cues: dict[Ask, NDArray[np.bool]] = field(default_factory=dict)
    _figures: dict[re.Pattern[str] | None, NDArray[np.bool]] = field(default_factory=dict)

    def cues(self, ask: Ask) -> NDArray[np.bool]:
        """Whether each run holds what a question of this type asks for."""
        if ask not in self._cues:
            self._cues[ask] = np.array([has_cue(ask, run.folded) for run in self.runs], dtype=bool)
        return self._cues[ask]

    def figures(self, unit: re.Pattern[str] | None) -> NDArray[np.bool]:
        """Whether each run has a figure of this unit."""
        if unit not in self._figures:
            self._figures[unit] = np.array([has_figure(run.folded, unit) for run in self.runs], dtype=bool)
        return self._figures[unit]


@kept_with_tokens
def row_of(evidence: Evidence) -> Row:
    """The row of a piece of evidence."""
    entry = evidence.entry
    read = list(_sentences(entry))
    sentences = tuple(sentence for sentence, _ in read)
    clauses = tuple(chain.from_iterable(sentence.clauses for sentence in sentences))
    begins = np.array(list(accumulate((len(sentence.clauses) for sentence in sentences), initial=0)), dtype=np.intp)
    of = np.repeat(np.arange(len(sentences)), [len(sentence.runs) for sentence in sentences])
    bounds = np.concatenate([places_of(len(sentence.clauses)) for sentence in sentences], axis=1) + begins[of]
    tokens = evidence.match.tokens
    return Row(
        sentences=sentences,
        clauses=clauses,
        bigrams=tuple(map(han_bigrams, clauses)),
        runs=tuple(chain.from_iterable(sentence.runs for sentence in sentences)),
        of=of,
        bounds=bounds,
        whole=np.flatnonzero((bounds[0] == begins[of]) & (bounds[1] == begins[of + 1])),
        own=np.array([_own(sentence, run) for sentence in sentences for run in sentence.runs], dtype=np.float64),
        tokens=tokens.within(chain.from_iterable(spans for _, spans in read)),
        above=tokens.within([_above(entry)]),
    )


def _sentences(entry: Entry) -> Iterator[tuple[Sentence, list[Span]]]:
    """What the candidates of a row are runs of, and where the clauses of each stand in the row's text."""
    item, text, title = entry.item, entry.corpus.report.text, fold(entry.titles)
    everything = [Span(0, len(entry.text))]
    if isinstance(item, Indicator):
        yield _alone("row", item.span, title, title), everything
        return
    if isinstance(item, Passage):
        spans = [sentence.span for sentence in item.sentences]
    else:
        spans = list(split_sentences(text, item.definition))
        whole = Span(item.name_span.start, item.span.end)
        yield _alone("entry", whole, title, fold(whole.of(text))), everything
    shift = entry.shift or 0
    for span in spans:
        clauses, runs = runs_of(text, span)
        folded = tuple(fold(clause.of(text)) for clause in clauses)
        yield (
            Sentence("run", span, title, folded, runs),
            [Span(clause.start - shift, clause.end - shift) for clause in clauses],
        )


def _alone(form: Form, span: Span, title: str, words: str) -> Sentence:
    return Sentence(form, span, title, (words,), (Run(span, 1, words),))


def _above(entry: Entry) -> Span:
    """Where the titles stand in the row's text; the words of a table row stand in each other's place."""
    if isinstance(entry.item, Indicator):
        return Span(0, len(entry.text))
    return Span(0, entry.item.span.start - (entry.shift or 0))


def _own(sentence: Sentence, run: Run) -> tuple[float, ...]:
    """What a run is by itself, in the order of OF_RUN."""
    return (
        min(len(run.folded), 200) / 100,
        run.clauses / 4,
        run.span.start == sentence.span.start,
        run.span.end == sentence.span.end,
        sentence.form == "run" and run.folded.rstrip("。") == sentence.title,
        min(run.folded.count("、"), 4) / 4,
    )


class Rows:
    """The rows of several pieces of evidence behind each other; `of`, `first` and `end` (`bounds`) and `whole` as in `Row`.

    `met` says for each clause, and behind them for the titles above each row, how well each token asked is met there.
    """

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self.rows = rows = [row_of(one) for one in evidence]
        self.sentences = [sentence for row in rows for sentence in row.sentences]
        self.clauses = [clause for row in rows for clause in row.clauses]
        self.runs = [run for row in rows for run in row.runs]
        self.row = np.repeat(np.arange(len(rows)), [len(row.sentences) for row in rows])
        clauses = [len(row.clauses) for row in rows]
        self.of = _joined([row.of for row in rows], [len(row.sentences) for row in rows])
        self.first, self.end = _joined([row.bounds for row in rows], clauses)
        self.whole = _joined([row.whole for row in rows], [len(row.runs) for row in rows])
        self.own = np.concatenate([row.own for row in rows])
        similar = [one.match.similarities for one in evidence]
        tokens = [len(lines) for lines in similar]
        places = [_joined([row.tokens for row in rows], tokens), _joined([row.above for row in rows], tokens)]
        self.met = most(np.concatenate(similar), *np.concatenate(places, axis=1))


def _joined(parts: Sequence[NDArray[np.intp]], sizes: Sequence[int]) -> NDArray[np.intp]:
    """Arrays of numbers behind each other, each of them counted on from the sizes of those before."""
    begins = list(accumulate(sizes[:-1], initial=0))
    joined: NDArray[np.intp] = np.concatenate(parts, axis=-1)
    joined += np.repeat(begins, [part.shape[-1] for part in parts])
    return joined

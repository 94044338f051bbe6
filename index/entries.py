"""What is indexed: every passage, term and indicator as one row with the words it is found by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from ingest.model import Corpus, Indicator, Passage, Term

EntryKind = Literal["passage", "term", "indicator"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of every leg; `text` is what is embedded and tokenised."""

    kind: EntryKind
    corpus: Corpus
    item: Passage | Term | Indicator
    year: int | None
    text: str

    @property
    def shift(self) -> int | None:
        """What to add to a position in `text` to have the one in the report; None where `text` is put together.

        It holds for the verbatim end of `text`: a passage's own words, a term's definition.
        """
        if isinstance(self.item, Indicator):
            return None
        words = self.item.span if isinstance(self.item, Passage) else self.item.definition
        return words.end - len(self.text)

    @property
    def titles(self) -> str:
        """The title of a passage's paragraph, the names of a term, or the words of a table row."""
        if isinstance(self.item, Passage):
            return self.corpus.section[self.item.section].title
        return self.text if isinstance(self.item, Indicator) else " ".join((self.item.name, *self.item.aliases))

    @property
    def content_hash(self) -> str:
        """Hash of the words, under which their embedding is kept."""
        return sha256(self.text.encode()).hexdigest()


def make_entries(corpora: Iterable[Corpus]) -> tuple[Entry, ...]:
    """The rows, in an order that depends on the corpora alone."""
    rows: list[Entry] = []
    for corpus in sorted(corpora, key=lambda c: c.report.id):
        rows += [Entry("passage", corpus, p, p.year, _passage_text(corpus, p)) for p in corpus.passages]
        rows += [Entry("term", corpus, t, None, _term_text(corpus, t)) for t in corpus.terms]
        rows += [Entry("indicator", corpus, i, i.planned.year, _indicator_text(i)) for i in corpus.indicators]
    return tuple(rows)


def _passage_text(corpus: Corpus, passage: Passage) -> str:
    """The passage under its paragraph's title, which its later sentences leave unsaid."""
    section = corpus.section[passage.section]
    words = passage.span.of(corpus.report.text)
    said = words.removeprefix(section.label).lstrip().startswith(section.title.removesuffix("…"))
    return words if said else f"{section.title}。{words}"


def _term_text(corpus: Corpus, term: Term) -> str:
    others = "，".join(alias for alias in term.aliases if alias not in term.name)
    return f"{term.name}{f'（{others}）' if others else ''}：{term.definition.of(corpus.report.text)}"


def _indicator_text(indicator: Indicator) -> str:
    unit = f"（{indicator.unit}）" if indicator.unit else ""
    values = "，".join(f"{value.header}{value.text}" for value in indicator.values)
    about = "，".join(words for words in (indicator.dimension, indicator.group, indicator.attribute) if words)
    return f"{indicator.name}{unit}：{values}，{about}"

"""What answering knows: of a snapshot, and of one question while it goes through the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from index.pinyin import PinyinReader, SoundReader
from index.search import Found
from index.snapshot import Snapshot
from index.stored import Known
from index.synonyms import everyday_words
from ingest.model import Corpus
from server.answering.draft import Draft
from server.answering.generate import Writer, Writing
from server.answering.model import AnswerSentence, Citation, Place, Turn
from server.answering.questions import Query, Rarity, question_words
from server.answering.reports import Route
from server.places import Places, PlacesByReport

KEPT = 32
"""Reports of which is kept what answering derives from them; it takes some 9 MB and 0.35 s each."""


@dataclass(frozen=True)
class Knowledge:
    """A snapshot with what answering derives from it once; all but the places is of the snapshot's default report."""

    snapshot: Snapshot
    places: Mapping[str, Places]
    rarity: Rarity
    pinyin: PinyinReader
    sound: SoundReader

    @classmethod
    def of(cls, snapshot: Snapshot) -> Knowledge:
        """Derive what is needed from an opened snapshot."""
        places = PlacesByReport(snapshot.corpora)
        texts = [entry.text for entry in snapshot.search.entries]
        tokenizer = snapshot.search.lexical.tokenizer
        words = {*everyday_words(), *question_words(), *(word for text in texts for word in tokenizer.cut(text))}
        sound = SoundReader(texts, words, tokenizer.cut)
        return cls(snapshot, places, Rarity(texts), PinyinReader(texts, question_words(), tokenizer.cut), sound)

    def only(self, report: str) -> Knowledge:
        """What is known of one report, as if nothing else were loaded; derived when it is first asked for.

        :raises KeyError: no report has this id.
        """
        return self._each(report)

    @cached_property
    def _each(self) -> Callable[[str], Knowledge]:
        return lru_cache(KEPT)(self._only)

    def _only(self, report: str) -> Knowledge:
        if len(self.snapshot.known) == 1 and report in self.snapshot.corpora:
            return self
        alone = self.snapshot.only(report)
        if report == self.snapshot.default.report.id:
            return replace(self, snapshot=alone)
        return replace(Knowledge.of(alone), places=self.places)


@dataclass
class State:
    """What is known of one question while it goes through the steps.

    `knowledge` becomes that of the one report it is put to, in the words `put`; or `route` names several, or some to choose from.
    `goes_on` is whether it was completed from the conversation, as `resolved`.
    """

    knowledge: Knowledge
    question: str
    history: Sequence[Turn]
    report: str = ""
    put: str = ""
    route: Route | None = None
    loaded: tuple[Known, ...] = ()
    resolved: str = ""
    goes_on: bool = False
    corpus: Corpus = field(init=False)
    query: Query | None = None
    parts: Sequence[str] = ()
    found: Found | None = None
    draft: Draft | None = None
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    related: tuple[Place, ...] = ()
    writer: Writer | None = None
    writing: Writing | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def trust(self) -> float | None:
        """How far the best candidate was trusted, 0…1; None where the question did not come so far."""
        return self.draft.trust if self.draft else None

    def __post_init__(self) -> None:
        self.loaded = self.knowledge.snapshot.known
        self.corpus = self.knowledge.snapshot.default

"""Corpora of any size, made from real sentences: what the measurements of scale search in.

A few thousand base texts are put together from the sentences, glossary entries and table rows of real reports, with
numbers, years, names and places changed, and are embedded by the real model. Every generated row is a near-duplicate of
one of them: the same words with numbers, years, places and some names changed again. Its vector is the base's plus a
displacement that such changes were seen to make in other texts: neighbours are as near, and as many, as they are among
reports that repeat each other's phrases. `Likeness` says how far such vectors are from those the model makes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.embedder import Embedder, Embedding, Progress, Vectors
from index.entries import Entry, make_entries
from ingest.model import Corpus, Indicator, Passage, Report, Section, SectionKind, Sentence, Span, Term

PER_REPORT = 500
"""Rows of a generated report."""
_BASES = {"passage": 3400, "term": 360, "indicator": 240}
"""Base texts by kind, in the proportions of a real report."""
_CHANGED = 600
"""Base texts that are changed and embedded once more, to see how far such changes move a vector."""
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"20[12]\d(?=年)")
_NAME = re.compile(r"(?<=[“《])[\u4e00-\u9fff]{3,10}(?=[”》])")
_SENTENCE = re.compile(r"[^。；]+[。；]")
_PLACES = "东南西北中安平宁江河海山林临清永长和新兴龙凤金石城州阳丰泰康"
_WORDS = "智慧绿色健康文明幸福和谐创新数字平安美好暖心便民惠民优质精细协同融合先锋示范共享双拥兴业"


@dataclass(frozen=True, slots=True)
class Base:
    """A base text with the item it comes from and its embedding."""

    kind: str
    item: Passage | Term | Indicator
    place: str
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the model's own vectors the made ones are: mean cosines over texts that were also embedded.

    `made` between a text's made vector and its own, `changed` between a base and its changed text, `apart` between
    different bases; `nearest` and `nearest_made` to the most similar base, for the real and the made vectors.
    """

    made: float
    changed: float
    apart: float
    nearest: float
    nearest_made: float


class Bases:
    """The base texts, embedded, and the displacements that changes make."""

    def __init__(self, bases: Sequence[Base], embeddings: Sequence[Embedding], changed: Vectors) -> None:
        """`changed` (changed, dimension) are the vectors of the first texts after a change."""
        self.bases, self.embeddings = tuple(bases), tuple(embeddings)
        self.vectors = np.array([embedding.vector for embedding in embeddings])
        self._changed = changed
        self.displacements = changed - self.vectors[: len(changed)]

    @classmethod
    def make(cls, reports: Sequence[Corpus], embedder: Embedder, progress: Progress | None = None) -> Bases:
        """Make the base texts of real reports and embed them; a matter of minutes."""
        rng = random.Random(0)
        bases = _bases(reports, rng)
        changed = [_change(base.text, base, _stem(rng), rng.randint(2015, 2025), rng) for base in bases[:_CHANGED]]
        embeddings = embedder.embed_documents([*(base.text for base in bases), *changed], progress)
        vectors = np.array([embedding.vector for embedding in embeddings[len(bases) :]])
        return cls(bases, embeddings[: len(bases)], vectors)

    def save(self, folder: Path) -> None:
        """Keep the embeddings, which take longest to make."""
        folder.mkdir(parents=True, exist_ok=True)
        lengths = [len(embedding.ids) for embedding in self.embeddings]
        np.savez(
            folder / "bases.npz",
            vectors=self.vectors,
            changed=self._changed,
            lengths=lengths,
            tokens=np.concatenate([e.tokens for e in self.embeddings]).astype(np.float16),
            places=np.concatenate([np.column_stack([e.ids, e.spans]) for e in self.embeddings]),
        )

    @classmethod
    def load(cls, folder: Path, reports: Sequence[Corpus]) -> Bases:
        """Read what `save` wrote for the same reports."""
        with np.load(folder / "bases.npz", allow_pickle=False) as kept:
            ends = np.cumsum(kept["lengths"])
            tokens, places = kept["tokens"].astype(np.float32), kept["places"]
            embeddings = [
                Embedding(vector, tokens[end - n : end], places[end - n : end, 0], places[end - n : end, 1:])
                for vector, n, end in zip(kept["vectors"], kept["lengths"], ends, strict=True)
            ]
            return cls(_bases(reports, random.Random(0)), embeddings, kept["changed"])

    def near(self, picked: Sequence[int], seed: int) -> Vectors:
        """A vector near each of these bases; two displacements are joined, so that hardly any two are the same."""
        moves = np.random.default_rng(seed).integers(0, len(self.displacements), (2, len(picked)))
        moved = self.displacements[moves].sum(axis=0) / np.sqrt(2)
        return unit(self.vectors[list(picked)] + moved)

    def likeness(self) -> Likeness:
        """Compare made vectors with real ones: of each changed text, by the displacement of another."""
        count = len(self._changed)
        bases = self.vectors[:count]
        moved = np.roll(self.displacements, 1, axis=0) + np.roll(self.displacements, 2, axis=0)
        made = unit(bases + moved / np.sqrt(2))
        among = bases @ bases.T
        np.fill_diagonal(among, -1)
        return Likeness(
            made=float((made * self._changed).sum(axis=1).mean()),
            changed=float((bases * self._changed).sum(axis=1).mean()),
            apart=float(among[among > -1].mean()),
            nearest=float(np.sort(self._changed @ bases.T, axis=1)[:, -2].mean()),
            nearest_made=float(np.sort(made @ bases.T, axis=1)[:, -2].mean()),
        )


@dataclass(frozen=True, slots=True)
class Generated:
    """A report with the base of each of its rows and the rows' vectors, in the order of its entries."""

    corpus: Corpus
    entries: tuple[Entry, ...]
    bases: tuple[int, ...]
    vectors: Vectors


def generate(bases: Bases, rows: int) -> Iterator[Generated]:
    """Reports of PER_REPORT rows, one after another, `rows` in all; the same ones every time."""
    kinds = {kind: [i for i, base in enumerate(bases.bases) if base.kind == kind] for kind in _BASES}
    for number, start in enumerate(range(0, rows, PER_REPORT)):
        rng = random.Random(number)
        count = min(PER_REPORT, rows - start)
        chosen = rng.choices(list(_BASES), weights=list(_BASES.values()), k=count)
        picked = [rng.choice(kinds[kind]) for kind in sorted(chosen, key=list(_BASES).index)]
        corpus = _report(number, [bases.bases[i] for i in picked], rng)
        yield Generated(corpus, make_entries([corpus]), tuple(picked), bases.near(picked, number))


def unit(vectors: Vectors) -> Vectors:
    """Vectors of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


def _bases(reports: Sequence[Corpus], rng: random.Random) -> list[Base]:
    """Sentences of one report under titles of the same, glossary entries and rows under changed names; shuffled."""
    made = []
    for kind, count in _BASES.items():
        entries = [entry for entry in make_entries(reports) if entry.kind == kind]
        for _ in range(count):
            entry = rng.choice(entries)
            place = _stem_of(entry.corpus.report.place)
            if isinstance(entry.item, Passage):
                others = [e for e in entries if e.corpus is entry.corpus]
                text = _recombined(entry.text, rng.choice(others).text, rng)
                base = Base(kind, entry.item, place, text, "")
            else:
                base = Base(kind, entry.item, place, entry.text, entry.item.name)
            year = rng.randint(2015, 2025)
            made.append(replace(base, text=_change(base.text, base, place, year, rng)))
    rng.shuffle(made)
    return made


def _recombined(one: str, other: str, rng: random.Random) -> str:
    """The first sentences of one text and a last one of another."""
    first, last = _SENTENCE.findall(one), _SENTENCE.findall(other)
    return "".join([*first[: rng.randint(1, 2)], *last[-1:]]) if first and last else one


def _change(text: str, base: Base, place: str, year: int, rng: random.Random) -> str:
    """Other numbers, another year and place, sometimes other names, each as long as before: positions stay."""
    said = _YEAR.sub(lambda match: str(year - (int(match[0]) % 2)), text)
    kept = {match.start() for match in _YEAR.finditer(said)}
    said = _NUMBER.sub(lambda m: m[0] if m.start() in kept else _digits(m[0], rng), said)
    if rng.random() < 0.5:
        said = _NAME.sub(lambda match: _renamed(match[0], rng), said)
    return said.replace(base.place, place) if len(base.place) == len(place) else said


def _digits(number: str, rng: random.Random) -> str:
    return str(rng.randrange(10 ** (len(number) - 1), 10 ** len(number))) if len(number) < 9 else number


def _renamed(name: str, rng: random.Random) -> str:
    at = rng.randrange(len(name) - 1)
    word = rng.randrange(0, len(_WORDS) - 1, 2)
    return name[:at] + _WORDS[word : word + 2] + name[at + 2 :]


def _stem_of(place: str) -> str:
    """The place's own two characters: of 某市某某区 those before 区."""
    return re.sub(r"^.*[省市](?=.{2,})", "", place)[:2]


def _stem(rng: random.Random) -> str:
    return "".join(rng.sample(_PLACES, 2))


class _Text:
    """A report's text as it grows."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0

    def add(self, words: str) -> Span:
        span = Span(self.length, self.length + len(words))
        self.pieces += [words, "\n"]
        self.length = span.end + 1
        return span


def _report(number: int, bases: Sequence[Base], rng: random.Random) -> Corpus:
    place, year, text = _stem(rng), 2015 + number % 10, _Text()
    passages, terms, indicators = [], [], []
    for position, base in enumerate(bases):
        words = _change(base.text, base, place, year, rng)
        if isinstance(base.item, Passage):
            span = text.add(words)
            sentences = (Sentence(f"s-{position}", span),)
            passages.append(Passage(f"p-{position}", "1", year - position % 2, span, sentences, base.item.tokens))
        elif isinstance(base.item, Term):
            terms.append(_term(position, words, text, rng))
        else:
            indicators.append(_indicator(position, base.item, words, text, year))
    whole = Span(0, text.length)
    section = Section("1", SectionKind.PARAGRAPH, 1, "", "", None, None, Span(0, 0), whole)
    title = f"{place}区{year}年国民经济和社会发展计划执行情况的报告"
    name = f"generated-{number:06d}"
    report = Report(name, title, f"{place}区", year - 1, year, f"{name}.txt", "".join(text.pieces))
    return Corpus(report, (section,), tuple(passages), tuple(terms), tuple(indicators), ())


def _term(position: int, words: str, text: _Text, rng: random.Random) -> Term:
    name, _, definition = words.partition("：")
    if rng.random() < 0.5 and len(name) > 4:
        name = _renamed(name, rng)
    span = text.add(f"{name}：{definition}")
    cut = span.start + len(name)
    return Term(f"t-{position}", str(position), name, (), span, Span(span.start, cut), Span(cut + 1, span.end), ())


def _indicator(position: int, item: Indicator, words: str, text: _Text, year: int) -> Indicator:
    values = []
    start = text.length
    for value in item.values:
        said = _NUMBER.sub(lambda m: m[0][::-1], value.text)
        values.append(replace(value, year=year, text=said, span=text.add(said)))
    span = Span(start, text.add(words).end)
    return replace(item, id=f"i-{position}", values=tuple(values), header=Span(start, start), span=span)

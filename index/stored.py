"""The rows of a snapshot without all its reports in memory: what is needed of many is in a table, the rest is read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from index.entries import Entry, make_entries
from ingest.model import Corpus, Imprint

KEPT = 256
"""Reports whose parsed form is kept in memory once it was needed; a hundred take about 200 MB."""


class StoredCorpora(Mapping[str, Corpus]):
    """Reports by id, read from a snapshot's folder when they are asked for; the last KEPT of them stay in memory."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        """The reports are gone through in the order of their `names`."""
        self._folder = folder
        self._names = dict.fromkeys(names)
        self._read = lru_cache(KEPT)(self._load)

    def __getitem__(self, name: str) -> Corpus:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def _load(self, name: str) -> Corpus:
        return Corpus.load(self._folder / name)


class Known(Protocol):
    """A report as far as it is known without reading it: a whole one, or what stands for one that is not read yet."""

    @property
    def report(self) -> Imprint:
        """What it says of itself."""

    def says(self, words: str) -> bool:
        """Whether these words stand in its text."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A report that is read only where its words are needed; see `Known`."""

    report: Imprint
    corpora: Mapping[str, Corpus] = field(repr=False, compare=False)

    def says(self, words: str) -> bool:
        """Whether these words stand in its text."""
        return self.corpora[self.report.id].says(words)


def in_order(reports: Collection[Imprint], place: str = "") -> list[Imprint]:
    """Reports in the order of preference: of `place` first, then of places with more reports, of each the newest first."""
    counts = Counter(report.place for report in reports)
    latest: dict[str, int] = {}
    for report in reports:
        latest[report.place] = max(latest.get(report.place, 0), report.year_planned or 0)

    def rank(report: Imprint) -> tuple[bool, int, int, str, int, str]:
        own, is_wanted = report.place, bool(place) and place in report.place
        return (not is_wanted, -counts[own], -latest[own], own, -(report.year_planned or 0), report.id)

    return sorted(reports, key=rank)


@dataclass(frozen=True, slots=True)
class Only:
    """What a search is narrowed to: these reports, rows that speak of these years; an empty one narrows nothing."""

    reports: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


ALL = Only()


class Table:
    """Of every row its report and its year: what can be said of a row without reading its report."""

    def __init__(self, reports: Sequence[str], sizes: Sequence[int], years: NDArray[np.int16]) -> None:
        """`sizes` are the rows of each report, in the order of `reports`; a row without a year has year 0."""
        self.reports = tuple(reports)
        self._numbers = {report: number for number, report in enumerate(self.reports)}
        self._starts: list[int] = [0, *np.cumsum(sizes).tolist()]
        self._years = years

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Table:
        """The table of rows in their order."""
        sizes: dict[str, int] = {}
        years = []
        for entry in entries:
            name = entry.corpus.report.id
            sizes[name] = sizes.get(name, 0) + 1
            years.append(entry.year or 0)
        return cls(list(sizes), list(sizes.values()), np.array(years, dtype=np.int16))

    @classmethod
    def load(cls, path: Path) -> Table:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(kept["reports"].tolist(), kept["sizes"].tolist(), kept["years"])

    def save(self, path: Path) -> None:
        """Write the table to one file, whose name ends in .npz."""
        np.savez(path, reports=np.array(self.reports), sizes=np.diff(self._starts), years=self._years)

    def __len__(self) -> int:
        return self._starts[-1]

    def place(self, row: int) -> tuple[str, int]:
        """The report of a row, and its position among the report's rows."""
        number = bisect_right(self._starts, row) - 1
        return self.reports[number], row - self._starts[number]

    def year(self, row: int) -> int | None:
        """The year that a row speaks of."""
        return int(self._years[row]) or None

    def rows(self, only: Only) -> NDArray[np.int64] | None:
        """The rows that a search is narrowed to, ascending; None where it is not narrowed."""
        if only == ALL:
            return None
        named = sorted(self._numbers[name] for name in set(only.reports or self.reports) & self._numbers.keys())
        parts = [np.arange(self._starts[number], self._starts[number + 1]) for number in named]
        kept = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        return kept[np.isin(self._years[kept], only.years)] if only.years else kept

    def narrowed(self, report: str) -> tuple[range, Table]:
        """The rows of one report, and the table of them alone, in which they are numbered from 0.

        :raises KeyError: no row is of this report.
        """
        number = self._numbers[report]
        rows = range(self._starts[number], self._starts[number + 1])
        return rows, Table([report], [len(rows)], self._years[rows.start : rows.stop])


class Entries(Sequence[Entry]):
    """The rows of all reports, each read with its report when it is asked for."""

    def __init__(self, corpora: Mapping[str, Corpus], table: Table) -> None:
        self.corpora = corpora
        self.table = table
        self._of = lru_cache(KEPT)(self._make)

    def __len__(self) -> int:
        return len(self.table)

    @overload
    def __getitem__(self, row: int) -> Entry: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Entry]: ...
    def __getitem__(self, row: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(row, slice):
            return tuple(self[one] for one in range(*row.indices(len(self))))
        rows = len(self.table)
        if not -rows <= row < rows:
            raise IndexError(row)
        report, position = self.table.place(row % rows)
        return self._of(report)[position]

    def __iter__(self) -> Iterator[Entry]:
        for report in self.table.reports:
            yield from self._of(report)

    def _make(self, report: str) -> tuple[Entry, ...]:
        return make_entries([self.corpora[report]])

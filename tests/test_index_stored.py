from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.entries import Entry, make_entries
from index.stored import ALL, Entries, Only, StoredCorpora, Table
from ingest.model import Corpus


@pytest.fixture(scope="module")
def rows(corpus: Corpus, other_corpus: Corpus) -> tuple[Entry, ...]:
    return make_entries([corpus, other_corpus])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, rows: tuple[Entry, ...]) -> Entries:
    """Both reports and their table as they are in a snapshot."""
    folder = tmp_path_factory.mktemp("stored")
    corpora = {entry.corpus.report.id: entry.corpus for entry in rows}
    for name, corpus in corpora.items():
        corpus.save(folder / name)
    Table.of(rows).save(folder / "rows.npz")
    return Entries(StoredCorpora(folder, corpora), Table.load(folder / "rows.npz"))


def test_rows_are_read_one_by_one_as_they_were_made_all_at_once(stored: Entries, rows: tuple[Entry, ...]) -> None:
    assert len(stored) == len(rows)
    assert tuple(stored) == rows
    assert [stored[row] for row in range(0, len(rows), 37)] == [*rows[::37]]
    assert tuple(stored[::37]) == rows[::37]
    assert stored[-1] == rows[-1]


def test_a_row_that_is_not_there_is_an_index_error(stored: Entries) -> None:
    for row in (len(stored), -len(stored) - 1):
        with pytest.raises(IndexError):
            _ = stored[row]


def test_a_report_is_read_once_while_it_is_kept(stored: Entries) -> None:
    assert stored[0] is stored[0]
    assert stored[0].corpus is stored[1].corpus


def test_the_table_says_of_a_row_its_report_place_and_year(stored: Entries, rows: tuple[Entry, ...]) -> None:
    for number, entry in enumerate(rows):
        name, position = stored.table.place(number)
        assert name == entry.corpus.report.id
        assert make_entries([entry.corpus])[position] == entry
        assert stored.table.year(number) == entry.year


@pytest.mark.parametrize(
    "only", [Only(reports=("linhai-2025",)), Only(years=(2023, 2024)), Only(("xicheng-2024",), (2024,)), Only(("x",))]
)
def test_what_a_search_is_narrowed_to_are_the_rows_of_these_reports_and_years(
    stored: Entries, rows: tuple[Entry, ...], only: Only
) -> None:
    expected = [
        number
        for number, entry in enumerate(rows)
        if (not only.reports or entry.corpus.report.id in only.reports) and (not only.years or entry.year in only.years)
    ]
    kept = stored.table.rows(only)
    assert kept is not None
    assert kept.tolist() == expected


def test_a_search_that_is_not_narrowed_looks_at_all_rows(stored: Entries) -> None:
    assert stored.table.rows(ALL) is None


def test_reports_are_known_by_name_without_being_read(tmp_path: Path) -> None:
    corpora = StoredCorpora(tmp_path / "nothing there", ["b", "a"])
    assert list(corpora) == ["a", "b"]
    assert "a" in corpora
    assert "c" not in corpora
    with pytest.raises(KeyError):
        _ = corpora["c"]
    with pytest.raises(FileNotFoundError):
        _ = corpora["a"]


def test_a_table_without_rows_is_empty() -> None:
    assert len(Table([], [], np.array([], dtype=np.int16))) == 0

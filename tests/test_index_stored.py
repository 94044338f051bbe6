from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.entries import Entry, make_entries
from index.stored import ALL, Entries, Only, StoredCorpora, Table, Unread, in_order
from ingest.model import Corpus, Imprint, read_imprint


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
    assert list(corpora) == ["b", "a"]
    assert "a" in corpora
    assert "c" not in corpora
    with pytest.raises(KeyError):
        _ = corpora["c"]
    with pytest.raises(FileNotFoundError):
        _ = corpora["a"]


def test_a_table_without_rows_is_empty() -> None:
    assert len(Table([], [], np.array([], dtype=np.int16))) == 0


def _imprint(name: str, place: str, year: int) -> Imprint:
    return Imprint(name, f"{place}{year}年报告", place, year - 1, year, f"{name}.txt")


def test_the_default_report_is_the_newest_of_the_wanted_place_or_of_the_place_with_most() -> None:
    old, new, other = (
        _imprint("a-2023", "甲区", 2023),
        _imprint("a-2024", "甲区", 2024),
        _imprint("b-2025", "乙县", 2025),
    )
    assert in_order([old, other, new]) == [new, old, other]
    assert in_order([old, other, new], place="乙县") == [other, new, old]
    assert in_order([old, other]) == [other, old]
    assert in_order([old, other, new], place="丙市") == [new, old, other]


def test_reports_are_kept_in_their_order_and_read_only_for_their_words(
    tmp_path: Path, corpus: Corpus, other_corpus: Corpus
) -> None:
    for one in (corpus, other_corpus):
        one.save(tmp_path / one.report.id)
    names = [other_corpus.report.id, corpus.report.id]
    stored = StoredCorpora(tmp_path, names)
    assert list(stored) == names
    known = [Unread(read_imprint(tmp_path / name), stored) for name in names]
    (tmp_path / corpus.report.id / "passages.jsonl").unlink()
    assert [one.report.place for one in known] == [other_corpus.report.place, corpus.report.place]
    assert known[0].says(other_corpus.report.place)
    assert not known[0].says("此地无银三百两")
    with pytest.raises(FileNotFoundError):
        known[1].says(corpus.report.place)


def test_a_table_is_narrowed_to_the_rows_of_one_report(entries: tuple[Entry, ...]) -> None:
    table = Table.of(entries)
    for report in table.reports:
        rows, own = table.narrowed(report)
        assert {entries[row].corpus.report.id for row in rows} == {report}
        assert len(own) == len(rows) == sum(entry.corpus.report.id == report for entry in entries)
        assert [own.year(row) for row in range(len(own))] == [entries[row].year for row in rows]
        assert own.place(0) == (report, 0)
        found = table.rows(Only((report,)))
        assert found is not None
        assert found.tolist() == list(rows)
    with pytest.raises(KeyError):
        table.narrowed("nowhere")


def test_rows_of_a_year_and_of_reports_not_there(entries: tuple[Entry, ...]) -> None:
    table = Table.of(entries)
    assert table.rows(ALL) is None
    of_year = table.rows(Only(years=(2024,)))
    assert of_year is not None
    assert of_year.tolist() == [row for row, entry in enumerate(entries) if entry.year == 2024]
    nowhere = table.rows(Only(("nowhere",)))
    assert nowhere is not None
    assert not len(nowhere)

from __future__ import annotations

from pathlib import Path

import pytest

from index.entries import Entry
from index.stored import ALL, Only, StoredCorpora, Table, Unread, in_order
from ingest.model import Corpus, Imprint, read_imprint


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

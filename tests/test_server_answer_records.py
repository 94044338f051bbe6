"""Answers kept for later: what was acknowledged is there after a restart, what nobody asked to keep goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from server.answer_records import RecordsError, SqliteRecords
from server.answering.model import Answer, AnswerSentence, Status


def _answer(name: str) -> Answer:
    return Answer(
        id=name, status=Status.ANSWERED, question="问", resolved_question="问", mode="extractive", answer="答。",
        sentences=(AnswerSentence(text="答。", markers=(), origin="composed"),), citations=(), related=(), notice=None,
        snapshot="s", timings_ms={},
    )  # fmt: skip


_OPENED: list[SqliteRecords] = []


def _open(path: Path, **limits: Any) -> SqliteRecords:
    _OPENED.append(SqliteRecords(path, **limits))
    return _OPENED[-1]


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Every file is let go after its test."""
    yield
    while _OPENED:
        _OPENED.pop().close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a folder that is not there yet."""
    return tmp_path / "new" / "answers.sqlite"


def test_an_answer_comes_back_as_it_was_saved_also_after_a_restart(path: Path) -> None:
    _open(path).save_answer(_answer("a"))
    saved = _open(path).load_answer("a")
    assert saved is not None
    assert saved.answer == _answer("a")
    assert not saved.is_kept


def test_only_what_was_asked_for_is_kept(path: Path) -> None:
    records = _open(path, most=2)
    for name in "abc":
        records.save_answer(_answer(name))
        if name == "a":
            assert records.keep_answer("a")
    for name in "de":
        records.save_answer(_answer(name))
    kept = [name for name in "abcde" if records.load_answer(name)]
    assert kept == ["a", "d", "e"]


def test_what_nobody_kept_is_forgotten_after_its_time(path: Path) -> None:
    records = _open(path, keep_for=timedelta(0))
    records.save_answer(_answer("a"))
    records.save_answer(_answer("b"))
    assert records.load_answer("a") is None


def test_an_error_is_taken_down_with_its_answer(path: Path) -> None:
    records = _open(path, most=1)
    records.save_answer(_answer("a"))
    assert records.report_error("a", "number", "应当是 3") == 1
    records.save_answer(_answer("b"))
    assert records.report_error("b", "other", "") == 2
    assert records.load_answer("a") is not None
    told = _open(path).reported_errors()
    assert [(one.number, one.answer, one.reason, one.words) for one in told] == [
        (2, "b", "other", ""),
        (1, "a", "number", "应当是 3"),
    ]


def test_there_is_nothing_to_keep_or_complain_about_without_an_answer(path: Path) -> None:
    records = _open(path)
    assert records.load_answer("a") is None
    assert not records.keep_answer("a")
    assert records.report_error("a", "number", "") is None
    assert records.reported_errors() == []


def test_when_it_is_full_more_is_turned_away_and_nothing_is_lost(path: Path) -> None:
    records = _open(path, most_kept=1)
    for name in "ab":
        records.save_answer(_answer(name))
    assert records.keep_answer("a")
    with pytest.raises(RecordsError, match="1 answers are kept"):
        records.keep_answer("b")
    assert records.load_answer("a") is not None


@pytest.mark.parametrize(
    "use",
    [
        lambda records: records.save_answer(_answer("a")),
        lambda records: records.load_answer("a"),
        lambda records: records.keep_answer("a"),
        lambda records: records.report_error("a", "other", ""),
    ],
)
def test_a_file_that_is_none_is_an_error_of_its_own(tmp_path: Path, use: Callable[[SqliteRecords], object]) -> None:
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(RecordsError, match=r"answers\.sqlite"):
        use(_open(path))


def test_many_threads_lose_nothing(path: Path) -> None:
    records = _open(path)
    names = [f"a{i}" for i in range(40)]

    def work(name: str) -> None:
        records.save_answer(_answer(name))
        records.report_error(name, "other", name)

    threads = [Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.words for one in records.reported_errors()) == sorted(names)

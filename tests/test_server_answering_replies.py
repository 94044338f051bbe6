from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ingest.model import Corpus
from server.answering.model import Status
from server.answering.replies import reply

SPEAKS_FOR_ITSELF = {Status.ANSWERED, Status.ANSWERED_PARTLY, Status.ANSWERED_CORRECTION}


@pytest.mark.parametrize("status", Status)
def test_every_status_but_a_plain_answer_has_a_chinese_sentence(corpus: Corpus, status: Status) -> None:
    words = reply(status, corpus.report)
    assert bool(words) == (status not in SPEAKS_FOR_ITSELF)
    assert not re.search(r"[{}]|None", words)
    assert not words or words[-1] == "。"


def test_a_reply_names_the_reports_own_place_years_and_title(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus.report, other_corpus.report):
        assert report.place in reply(Status.OTHER_PLACE, report)
        assert f"{report.year_reviewed}年" in reply(Status.OTHER_YEAR, report)
        assert f"《{report.title}》" in reply(Status.ANSWERED_GREETING, report)


def test_an_emergency_reply_gives_the_numbers_to_call(corpus: Corpus) -> None:
    for number in ("110", "119", "120", "12356"):
        assert number in reply(Status.EMERGENCY, corpus.report)


def test_a_report_of_no_known_place_is_local(corpus: Corpus) -> None:
    assert "只讲本地的情况" in reply(Status.OTHER_PLACE, replace(corpus.report, place=""))


def test_a_report_of_no_known_years_says_nothing_of_them(corpus: Corpus) -> None:
    assert "None" not in reply(Status.OTHER_YEAR, replace(corpus.report, year_reviewed=None, year_planned=None))


def test_only_what_begins_with_answered_is_an_answer() -> None:
    prefixes = ("answered", "clarify", "unanswerable_", "refused_", "error_")
    assert all(status.value.startswith(prefixes) for status in Status)
    assert {status for status in Status if status.is_answer} == {s for s in Status if s.name.startswith("ANSWERED")}

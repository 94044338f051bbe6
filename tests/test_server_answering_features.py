from __future__ import annotations

import pytest

from server.answering.candidates import candidates
from server.answering.features import Spoken
from server.answering.matching import coverage
from server.answering.pipeline import Knowledge, run
from server.answering.rows import Rows, row_of

QUESTIONS = ["去年拆除违法建设多少平方米，老旧小区改造了几个？", "什么是接诉即办", "登记失业率是多少"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_runs_speak_of_what_their_words_say(knowledge: Knowledge, question: str) -> None:
    state = run(knowledge, question)
    assert state.query is not None
    assert state.found is not None
    rows = Rows(state.found.evidence)
    spoken = Spoken(state.query, rows)
    asked = state.query.asked
    assert spoken.asked.tolist() == pytest.approx([coverage(asked, run.folded) for run in rows.runs])
    assert spoken.titled.tolist() == pytest.approx([coverage(asked, sentence.titled) for sentence in rows.sentences])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sentence_as_a_whole_is_a_candidate_with_nothing_beside_it(knowledge: Knowledge, question: str) -> None:
    state = run(knowledge, question)
    assert state.query is not None
    assert state.found is not None
    read = candidates(state.query, state.found)
    whole = [candidate for candidate in read if candidate.source.span == candidate.sentence]
    assert len(whole) >= len(state.found.evidence)
    for name in ("asked_near", "told_near", "bigrams_near", "late_near", "figure_near"):
        assert {candidate.feature(name) for candidate in whole} == {0.0}


def test_a_row_is_laid_out_once_for_as_long_as_its_tokens_are_kept(knowledge: Knowledge) -> None:
    search = knowledge.snapshot.search
    one, other = (search.find(question).evidence for question in ("登记失业率", "登记失业率是多少"))
    again = {evidence.row: evidence for evidence in other}
    shared = [(evidence, again[evidence.row]) for evidence in one if evidence.row in again]
    assert shared
    assert all(row_of(first) is row_of(second) for first, second in shared)

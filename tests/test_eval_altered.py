"""Clauses made wrong with the report's own words: made as they say, and not let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.altered import ALTERATIONS, altered, main
from index.lexical import Tokenizer
from ingest.model import Corpus

TAG = Tokenizer([]).tags
CLAUSE, NEXT = "教育局建设养老驿站12家", "银行改造图书馆8家"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a noun of the next clause", "银行建设养老驿站12家"),
        ("first and last noun exchanged", "驿站建设养老教育局12家"),
        ("the next clause's predicate", "教育局改造图书馆8家"),
        ("the next clause's amount", "教育局建设养老驿站8家"),
    ],
)
def test_a_clause_is_altered_with_the_next_ones_words(name: str, made: str) -> None:
    assert ALTERATIONS[name](CLAUSE, NEXT, TAG) == made
    assert ALTERATIONS[name]("", NEXT, TAG) is None


@pytest.mark.parametrize(
    ("name", "fewest", "most"),
    [
        ("a noun of the next clause", 500, 0),
        ("first and last noun exchanged", 500, 10),
        ("the next clause's predicate", 30, 1),
        ("the next clause's amount", 40, 0),
    ],
)
def test_hardly_any_altered_clause_of_a_report_is_let_pass(
    name: str, fewest: int, most: int, corpus: Corpus, other_corpus: Corpus
) -> None:
    found = list(altered([corpus, other_corpus], ALTERATIONS[name], TAG))
    assert len(found) > fewest
    assert len([made for made, holds in found if holds]) <= most


def test_the_command_says_how_many_were_tried_and_passed(report_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(report_path), "--show"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in ALTERATIONS)

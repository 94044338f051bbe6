from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.normalise import fold
from index.synonyms import synonyms
from server.answering.matching import ABBREVIATION, PARTIAL, SYNONYM, Lookup, coverage, match
from server.answering.questions import FocusWord


@pytest.mark.parametrize(
    ("word", "text", "score"),
    [
        ("失业率", "登记失业率2.35%", 1.0),
        ("疏整", "疏解并且整治", ABBREVIATION),
        ("疏整", "疏解了很多很多地方之后才整治", 0.0),
        ("养老服务站", "养老服务驿站", PARTIAL * 3 / 4),
        ("火星", "地区生产总值", 0.0),
        ("桥", "天桥", 1.0),
        ("桥", "天空", 0.0),
    ],
)
def test_a_word_is_spoken_of_whole_shortened_or_in_part(word: str, text: str, score: float) -> None:
    assert match(word, fold(text)) == pytest.approx(score)


def test_a_synonym_counts_nearly_as_much_as_the_word() -> None:
    word, others = next((word, others) for word, others in synonyms().items() if word not in others[0])
    assert match(word, f"关于{others[0]}的工作") == SYNONYM


def test_coverage_weighs_the_words_and_is_whole_where_nothing_is_asked() -> None:
    focus = (FocusWord("失业率", 3.0), FocusWord("火星", 1.0))
    assert coverage(focus, "登记失业率") == pytest.approx(0.75)
    assert coverage((), "登记失业率") == 1.0


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.text(alphabet="失业率登记养老服务一二", min_size=1, max_size=6),
    st.text(alphabet="失业率登记养老服务一二", max_size=20),
)
def test_a_match_lies_between_nothing_and_the_whole_word(word: str, text: str) -> None:
    assert 0 <= match(word, text) <= 1
    assert match(word, text + word) == 1.0


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.lists(st.text(alphabet="失业率登记养老服务一二", min_size=1, max_size=6), max_size=4),
    st.lists(st.text(alphabet="失业率登记养老服务一二", max_size=20), max_size=4),
)
def test_words_looked_for_in_many_texts_match_as_each_alone_does(words: list[str], texts: list[str]) -> None:
    words = [*words, "失业率", "老人"]
    lookup = Lookup(words)
    matches = lookup.matches(lookup.held(texts), lookup.abbreviated(texts))
    assert matches.tolist() == [[match(word, text) for word in words] for text in texts]

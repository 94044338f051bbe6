from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.normalise import fold, fold_with_positions

RANDOM = settings(max_examples=200, deadline=None, derandomize=True)
TYPED = st.text(alphabet="甲乙ＡaＢbÀé％%２2㎡½“”《》 \u3000\t（(℃", max_size=30)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("“金科　十条”２.０版", "金科十条2.0版"),
        ("《纲要》（ＧＤＰ）", "纲要(gdp)"),
        ("ＰＭ２．５", "pm2.5"),
        ("", ""),
        (" “” ", ""),
    ],
)
def test_differently_typed_text_folds_to_the_same(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@RANDOM
@example("´´e")
@example('e"\u0301')
@given(st.one_of(TYPED, st.text(max_size=30)))
def test_folding_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@RANDOM
@given(TYPED)
def test_folding_with_positions_gives_the_same_text_and_where_each_character_stood(text: str) -> None:
    folded = fold_with_positions(text)
    assert folded.text == fold(text)
    assert len(folded.positions) == len(folded.text)
    assert list(folded.positions) == sorted(folded.positions)
    for character, position in zip(folded.text, folded.positions, strict=True):
        assert character in fold(text[position])


@RANDOM
@given(st.text(max_size=30))
def test_any_text_at_all_can_be_folded_with_positions(text: str) -> None:
    folded = fold_with_positions(text)
    assert len(folded.positions) == len(folded.text)
    assert all(0 <= position < len(text) for position in folded.positions)

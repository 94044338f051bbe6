"""A reply is cut into sentences with the sources they name, however it streams in and however they are written."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.answering.reply import claims


def _cut(reply: str, size: int = 3) -> list[tuple[str, tuple[int, ...]]]:
    pieces = (reply[i : i + size] for i in range(0, len(reply), size))
    return [(claim.text, claim.numbers) for claim in claims(pieces)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("甲是1。[1]乙是2。[2]", [("甲是1。", (1,)), ("乙是2。", (2,))]),
        ("甲是1[1]。乙是2[2]。", [("甲是1。", (1,)), ("乙是2。", (2,))]),
        ("甲是1。【1】乙是2。［2］", [("甲是1。", (1,)), ("乙是2。", (2,))]),
        ("甲是1。[1,2]", [("甲是1。", (1, 2))]),
        ("甲是1。[1，2]", [("甲是1。", (1, 2))]),
        ("甲是1。[1][3]", [("甲是1。", (1, 3))]),
        ("甲是1。[资料1]", [("甲是1。", (1,))]),
        ("甲是1。 [1] 乙是2。", [("甲是1。", (1,)), ("乙是2。", ())]),
        ("“甲是1。”[1]", [("“甲是1。”", (1,))]),
        ("甲[注]是1。[9]", [("甲[注]是1。", (9,))]),
        ("- 甲是1。[1]\n- 乙是2。[2]", [("甲是1。", (1,)), ("乙是2。", (2,))]),
        ("1. 甲是1。[1]\n2. 乙是2.5%。[2]", [("甲是1。", (1,)), ("乙是2.5%。", (2,))]),
        ("回答：甲是1。[1]", [("甲是1。", (1,))]),
        ("**甲**是1。[1]", [("甲是1。", (1,))]),
        ("甲是1", [("甲是1", ())]),
        ("<think>乙是3。[2]</think>甲是1。[1]", [("甲是1。", (1,))]),
        ("<think>乙是3。[2]", []),
        ("<3.5%是甲。[1]", [("<3.5%是甲。", (1,))]),
        ("", []),
        ("。。。\n\n", []),
    ],
)
def test_sentences_and_their_sources(reply: str, expected: list[tuple[str, tuple[int, ...]]], size: int) -> None:
    assert _cut(reply, size) == expected


def test_words_without_an_end_are_known_as_such() -> None:
    assert [claim.is_whole for claim in claims(["甲是1。[1]乙"])] == [True, False]
    assert [claim.is_whole for claim in claims(["甲是1。"])] == [True]


def test_a_sentence_is_there_before_the_next_has_ended() -> None:
    given = iter(["甲是1。[1]", "乙"])
    assert next(iter(claims(given))).text == "甲是1。"


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text("甲1。！\n[]【】,，<think>/ *-“”资料", max_size=60), st.integers(1, 9))
def test_any_reply_gives_the_same_sentences_in_any_pieces(reply: str, size: int) -> None:
    assert _cut(reply, size) == _cut(reply, 1)


@pytest.mark.parametrize("piece", ["[", "[1", "[1]", "。", "<", "<think>", " ", "1,", "、", "“"])
def test_no_repetition_makes_the_cutting_slow(piece: str) -> None:
    begun = perf_counter()
    _cut(piece * 4_000 + "。", 8)
    assert perf_counter() - begun < 10

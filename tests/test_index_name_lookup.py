from __future__ import annotations

import random

import pytest
from rapidfuzz import fuzz

from index.entries import Entry
from index.name_lookup import NameLookup
from index.names import NEAR, NameIndex, _sound

QUESTIONS = [
    "登记失业率是多少",
    "第五立面是什么",
    "一键呼",
    "老旧小区改造了多少个",
    "dengji",
    "",
    "。",
    "城镇登记事业率",
]


@pytest.fixture(scope="module")
def names(entries: tuple[Entry, ...]) -> list[str]:
    known = list(NameIndex(entries).known)
    return [*known, *known[:5]]


@pytest.fixture(scope="module")
def lookup(names: list[str]) -> NameLookup:
    return NameLookup(names, [_sound(name) for name in names])


def _mistyped(names: list[str]) -> list[str]:
    rng = random.Random(0)
    made = []
    for name in names:
        at = rng.randrange(len(name))
        made += [f"请问{name[:at]}某{name[at + 1 :]}有多少", name[1:], f"{name}{name[:2]}"]
    return made


def test_the_names_a_question_holds_are_those_that_looking_at_each_finds(names: list[str], lookup: NameLookup) -> None:
    for question in [*QUESTIONS, *_mistyped(names)]:
        assert lookup.held_in(question) == [i for i, name in enumerate(names) if name in question]


def test_no_name_that_is_near_or_sounds_so_is_passed_over(names: list[str], lookup: NameLookup) -> None:
    for question in [*QUESTIONS, *_mistyped(names)]:
        looked_at = set(lookup.near(question, _sound(question)))
        for position, name in enumerate(names):
            like = fuzz.partial_ratio if len(question) >= len(name) else fuzz.ratio
            if like(name, question) >= NEAR or _sound(name) in _sound(question):
                assert position in looked_at, (name, question)


def test_few_names_are_looked_at(names: list[str], lookup: NameLookup) -> None:
    assert len(lookup.near("今年的工作重点", _sound("今年的工作重点"))) < len(names) / 4


def test_no_names_are_no_hindrance() -> None:
    empty = NameLookup([], [])
    assert empty.held_in("什么") == empty.near("什么", _sound("什么")) == []

from __future__ import annotations

import pytest

from index.entries import Entry
from index.names import NameHit, NameIndex


@pytest.fixture(scope="module")
def names(entries: tuple[Entry, ...]) -> NameIndex:
    return NameIndex(entries)


def _found(names: NameIndex, entries: tuple[Entry, ...], question: str) -> list[tuple[str, str]]:
    return [(entries[hit.row].item.name, hit.how) for hit in names.find(question)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("一键呼是什么", "一键呼"),
        ("金科十条 2.0版说了什么", "“金科十条”2.0版"),
        ("“金科十条”", "“金科十条”2.0版"),
        ("《关于支持国家级金融科技示范区建设若干措施》", "“金科十条”2.0版"),
        ("４＋Ｎ产业有哪些", "“4+N”产业"),
        ("登记失业率目标", "登记失业率"),
        ("食品药品安全食品安全抽检合格率", "食品安全抽检合格率"),
    ],
)
def test_a_name_or_alias_is_found_however_it_is_typed(
    question: str, name: str, names: NameIndex, entries: tuple[Entry, ...]
) -> None:
    assert _found(names, entries, question) == [(name, "exact")]


@pytest.mark.parametrize("question", ["“营商环境”指什么", "营商环境", "营商环境？", "什么是营商环境6.0"])
def test_an_everyday_word_names_a_term_where_it_is_quoted_or_stands_alone(
    question: str, names: NameIndex, entries: tuple[Entry, ...]
) -> None:
    assert _found(names, entries, question) == [("营商环境6.0", "exact")]


@pytest.mark.parametrize("question", ["营商环境怎么样", "今年在优化营商环境方面做什么"])
def test_an_everyday_word_in_a_question_names_no_term(question: str, names: NameIndex) -> None:
    assert names.find(question) == []


@pytest.mark.parametrize("question", ["产业十条", "产业十条是什么", "“产业十条”的全称"])
def test_a_name_but_for_its_head_is_another_name(question: str, names: NameIndex) -> None:
    assert names.find(question) == []


def test_the_longest_name_counts_and_two_names_are_both_found(names: NameIndex, entries: tuple[Entry, ...]) -> None:
    assert _found(names, entries, "养老服务“十件事”里的一键呼") == [("养老服务“十件事”", "exact"), ("一键呼", "exact")]
    hits = names.find("养老服务十件事")
    assert [hit.name for hit in hits] == ["养老服务十件事"]


@pytest.mark.parametrize(
    ("question", "name", "how"),
    [
        ("物业服务覆盖律", "物业服务覆盖率", "near"),
        ("红墙先锋工成", "红墙先锋工程", "near"),
        ("洗融计划是什么", "西融计划", "sound"),
        ("第五历面指什么", "第五立面", "sound"),
    ],
)
def test_a_name_with_a_wrong_character_is_found_by_characters_or_by_sound(
    question: str, name: str, how: str, names: NameIndex, entries: tuple[Entry, ...]
) -> None:
    assert _found(names, entries, question)[0] == (name, how)
    assert all(hit.score < 1 for hit in names.find(question))


@pytest.mark.parametrize("question", ["今天天气怎么样", "怎么做红烧肉", "你好", "长", "", "。？", "123"])
def test_unrelated_text_has_no_name_near_it(question: str, names: NameIndex) -> None:
    assert names.find(question) == []


def test_hits_come_best_first_and_each_row_once(names: NameIndex) -> None:
    hits = names.find("“两区”建设、4+N产业和两区")
    assert hits == sorted(hits, key=lambda hit: (-hit.score, -len(hit.name), hit.row))
    assert len({hit.row for hit in hits}) == len(hits) == 2
    assert isinstance(hits[0], NameHit)

"""Which unit a number asked for must have, and whether words have such a number."""

from __future__ import annotations

import pytest

from server.answering.wants import has_figure, wanted_unit


@pytest.mark.parametrize(
    ("text", "question", "has_one"),
    [
        ("最长发放三年", "能领几年", True),
        ("每周巡田不少于一次", "多久巡一次", True),
        ("收益按农户七成、合作社三成分配", "我家占几成", True),
        ("实施三年行动计划", "多少", False),
        ("召开第三次会议", "多少", False),
        ("新建桥梁3座", "几座桥", True),
        ("新建桥梁3座", "多少户", False),
    ],
)
def test_a_count_in_chinese_characters_is_a_figure_too(text: str, question: str, *, has_one: bool) -> None:
    assert has_figure(text, wanted_unit(question)) is has_one

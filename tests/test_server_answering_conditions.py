"""What an asker tells of oneself, held against the conditions that the report sets."""

from __future__ import annotations

import pytest

from server.answering.conditions import keeps


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [
        ("我毕业六年了，公寓能住不", "面向毕业5年内的高校毕业生出租", False),
        ("我毕业三年，公寓能住不", "面向毕业5年内的高校毕业生出租", True),
        ("我包了六十亩果园，能办吗", "种植面积50亩以上的农户可申请", True),
        ("我包了三十亩果园，能办吗", "种植面积50亩以上的农户可申请", False),
        ("都十二月了，驿站还开门不", "每年9月至11月开放", False),
        ("我妈七十三，能装那个呼叫器吗", "为70岁以上的老年人安装", True),
        ("我爷今年81了，能装不", "为70岁以上的老年人安装", True),
        ("我爸六十八，能装吗", "为70岁以上的老年人安装", False),
        ("我们七十二户人家能装吗", "为70岁以上的老年人安装", None),
        ("十月去，驿站开门不", "每年9月至11月开放", True),
        ("我家三口人，公寓能住不", "面向毕业5年内的高校毕业生出租", None),
        ("孩子上学三年了，公寓能住不", "面向毕业5年内的高校毕业生出租", None),
    ],
)
def test_own_amounts_are_held_against_the_bounds_of_the_same_thing(
    question: str, said: str, *, kept: bool | None
) -> None:
    assert keeps(question, said) is kept

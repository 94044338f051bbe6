from __future__ import annotations

import pytest

from server.answering.plain import plain


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("建成“大桥”，通车；", "建成大桥，通车；"),
        ("３,120人,其中（男）", "3,120人，其中（男）"),
        ("到5,已完成", "到5，已完成"),
        ("几家?", "几家？"),
        ("", ""),
    ],
)
def test_marks_between_clauses_are_kept(text: str, read: str) -> None:
    assert plain(text) == read

from __future__ import annotations

import pytest

from index.pinyin import SoundReader


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("加装电弟的有几部", "加装电弟的有几部"),
        ("加装电锑的有几部", "加装电梯的有几部"),
        ("老旧小驱改造", "老旧小区改造"),
        ("唯一的小区", "唯一的小区"),
        ("加装电梯", "加装电梯"),
        ("", ""),
    ],
)
def test_an_unknown_character_is_read_as_one_that_sounds_like_it_in_a_known_word(typed: str, read: str) -> None:
    texts = ["老旧小区加装电梯，弟弟也有委员会一起"]
    reader = SoundReader(texts, ["电梯", "小区", "委一"], lambda text: ["唯一"] if "唯一" in text else list(text))
    assert reader.read(typed) == read

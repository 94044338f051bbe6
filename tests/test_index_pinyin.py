from __future__ import annotations

import pytest

from index.pinyin import PinyinReader, SoundReader


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


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("jia zhuang dian ti you ji bu ?", "加装电梯有几部?"),
        ("wo jia de hai zi jin nian bi ye", "我家的孩子今年毕业"),
        ("2024 nian jia zhuang dian ti duo shao", "2024年加装电梯多少"),
        ("how many lifts are planned", "how many lifts are planned"),
        ("加装电梯 you ji bu", "加装电梯 you ji bu"),
        ("ni hao", "ni hao"),
    ],
)
def test_a_question_in_pinyin_is_read_as_the_likeliest_words(typed: str, read: str) -> None:
    words = {"老旧小区加装电梯几部": ["老旧", "小区", "加装", "电梯", "几", "部"]}
    reader = PinyinReader(words, ["几部", "多少"], words.__getitem__)
    assert reader.read(typed) == read

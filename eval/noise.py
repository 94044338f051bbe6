"""The noise of real askers, by program: typing errors, other scripts and widths, missing marks, filler.

Every change keeps the meaning, never touches a digit, and is drawn from a generator seeded by the item, so the same
question always gets the same variants. They are stored in the gold file and read over by a person.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from opencc import OpenCC
from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

PER_TYPO = 8
"""One typing error for about this many characters."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MARKS = re.compile(r"[，。？！、；：“”‘’（）《》,?!.;:\"'()\s]")
_SHAPES = (
    "己已巳 未末 土士 日曰 人入八 干千于 天夫 大太犬 问间 休体 住往 佳住 拔拨 钓钩 辩辨辫 候侯 籍藉 末未 折拆 析折 遣遗 慨概 即既 "
    "贷货 帐账 晴睛 情清请 园圆 象像 副幅 历厉 坐座 作做 再在 的得地 那哪 他她它 蓝篮 竟竞 徒徙 戊戌戍 嬴赢 崇祟 兔免 竿杆 经径 治冶 "
    "设没 建健 机杌 构沟购 街衔 道逍 村材 林材 杆秆 税说 收攻 技枝 投没 场扬 标杯 护户 育盲 房屏 险检 保堡 城诚 市币 区巨 县具"
)
_FILLERS = (
    ("您好，麻烦问一下，", ""),
    ("我想了解一下，", "，谢谢！"),
    ("不好意思打扰了，我眼神不好打字慢，", ""),
    ("", " 急等，谢谢啦"),
    ("喂，在吗？", "？麻烦快一点"),
    ("小助手你好呀，今天想问个事儿：", "。谢谢你"),
)
_DIGITS = "零一二三四五六七八九"


def variants(question: str, seed: str) -> Iterator[dict[str, str]]:
    """One variant a family, without those that leave the question as it is."""
    for family, change in _FAMILIES.items():
        text = change(question, random.Random(f"{seed}/{family}"))
        if text != question:
            yield {"family": family, "text": text}


def _typos(question: str, rng: random.Random, confusions: Callable[[str], Sequence[str]]) -> str:
    """Replace about one character in `PER_TYPO` by one it is confused with."""
    places = [i for i, character in enumerate(question) if confusions(character)]
    wanted = max(1, len(question) // PER_TYPO)
    characters = list(question)
    for place in rng.sample(places, min(wanted, len(places))):
        characters[place] = rng.choice(confusions(question[place]))
    return "".join(characters)


@cache
def _homophones() -> Mapping[str, str]:
    """Common characters by sound: simplified ones of the GB2312 first level, which are sorted by pinyin."""
    common = [bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)]
    sounds: dict[str, str] = {}
    for code in common:
        try:
            character = code.decode("gb2312")
        except UnicodeDecodeError:
            continue
        if ord(character) in PINYIN_DICT:
            (sound,) = lazy_pinyin(character)
            sounds[sound] = sounds.get(sound, "") + character
    return sounds


def _same_sound(character: str) -> Sequence[str]:
    if not _HAN.match(character):
        return ()
    (sound,) = lazy_pinyin(character)
    return [other for other in _homophones().get(sound, "") if other != character]


def _same_shape(character: str) -> Sequence[str]:
    return [other for group in _SHAPES.split() if character in group for other in group if other != character]


def _swap(question: str, rng: random.Random) -> str:
    """Two neighbouring Han characters change places."""
    places = [i for i in range(len(question) - 1) if _HAN.match(question[i]) and _HAN.match(question[i + 1])]
    if not places:
        return question
    place = rng.choice(places)
    return question[:place] + question[place + 1] + question[place] + question[place + 2 :]


def _drop(question: str, rng: random.Random) -> str:
    """One Han character is left out."""
    places = [i for i, character in enumerate(question) if _HAN.match(character)]
    if len(places) < 8:
        return question
    place = rng.choice(places)
    return question[:place] + question[place + 1 :]


def _full_width(question: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in question)


def _han_digits(question: str) -> str:
    """Years and small numbers in Chinese characters."""
    years = re.sub(r"(?<!\d)20\d{2}(?=年)", lambda m: "".join(_DIGITS[int(d)] for d in m.group()), question)
    return re.sub(r"(?<![\d.])[1-9](?![\d.%])", lambda m: _DIGITS[int(m.group())], years)


def _filler(question: str, rng: random.Random) -> str:
    before, after = rng.choice(_FILLERS)
    return f"{before}{question.rstrip('？?。')}{after}"


@cache
def _converter(profile: str) -> OpenCC:
    return OpenCC(profile)


_FAMILIES: Mapping[str, Callable[[str, random.Random], str]] = {
    "typo_sound": lambda question, rng: _typos(question, rng, _same_sound),
    "typo_shape": lambda question, rng: _typos(question, rng, _same_shape),
    "typo_swap": _swap,
    "typo_drop": _drop,
    "traditional": lambda question, _: str(_converter("s2t").convert(question)),
    "taiwan": lambda question, _: str(_converter("s2twp").convert(question)),
    "full_width": lambda question, _: _full_width(question),
    "han_digits": lambda question, _: _han_digits(question),
    "no_marks": lambda question, _: _MARKS.sub("", question),
    "pinyin": lambda question, _: " ".join(lazy_pinyin(question)),
    "filler": _filler,
}

"""Whether an answer says a fact: deterministic matchers on normalised text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from opencc import OpenCC

from eval.gold_set import Fact
from index.normalise import fold
from server.answering.numbers import Figure, figures

_HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SCALE = {"十": 10, "百": 100, "千": 1000}
_PERCENT = re.compile(
    r"百分之(?P<whole>\d+(?:\.\d+)?|[零一二两三四五六七八九十百]+)(?:点(?P<rest>[零一二三四五六七八九]+))?"
)
_CELL = re.compile(r"(?<=\s)(\d[\d.,]*)\s+(?=\S)")
_MARK = r"[，。、；：？！（）()\[\],;:?!·—\-]"
_PUNCTUATION = re.compile(rf"(?<!\d){_MARK}|{_MARK}(?!\d)")
"""Marks, but for those between two digits, which keep numbers apart."""
_YES = re.compile(r"^(?:是的?|有的?|对的?|会的?|可以|属于|达到了?)(?:[，。,：:！]|$)")
_NO = re.compile(r"^(?:不是|没有|不对|不会|不属于|并非|否|不|未达到|报告(?:里|中)?(?:的说法|说的)?(?:不是|与此不同))")


def normalise(text: str) -> str:
    """Folded (NFKC, lower case, no blanks or quotation marks), simplified, no thousands separators, 百分之五 as 5%.

    The cells of a row get a mark between them: what a TAB keeps apart, and a number that stands between blanks.
    """
    cells = _CELL.sub(r"，\g<1>，", text).replace("\t", "，")
    folded = str(_simplified().convert(fold(cells)))
    return _PERCENT.sub(_percent, re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", folded))


def says(answer: str, fact: Fact) -> bool:
    """Whether `answer` says `fact`."""
    if fact.kind == "polarity":
        return _polarity(answer) == fact.value
    text = normalise(answer)
    if fact.kind == "number":
        return _says_number(text, fact) or any(_whole(normalise(alias), text) for alias in fact.aliases)
    return any(_contains(text, normalise(alias)) for alias in fact.aliases)


def _contains(text: str, alias: str) -> bool:
    """With and without punctuation and Chinese numerals, on both sides alike."""
    return (
        _whole(alias, text) or _whole(_bare(alias), _bare(text)) or _whole(_bare(_arabic(alias)), _bare(_arabic(text)))
    )


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", text)


def _whole(alias: str, text: str) -> bool:
    """Whether `alias` stands in `text`, not as a piece of a longer number."""
    before = r"(?<![\d.])" if alias[:1].isdigit() else ""
    after = r"(?!\d|\.\d)" if alias[-1:].isdigit() else ""
    return bool(alias) and bool(re.search(before + re.escape(alias) + after, text))


def _says_number(text: str, fact: Fact) -> bool:
    assert fact.value is not None
    (wanted,) = figures(f"{Decimal(str(fact.value)).normalize():f}{normalise(fact.unit)}")[:1]
    unit = normalise(fact.unit).lstrip("万亿千百十")
    return any(_same(figure, wanted, unit) for figure in (*figures(text), *figures(_arabic(text))))


def _same(figure: Figure, wanted: Figure, unit: str) -> bool:
    if figure.value != wanted.value:
        return False
    return not unit or not figure.unit or figure.unit == wanted.unit or unit.startswith(figure.unit)


def _polarity(answer: str) -> str:
    if _NO.search(answer):
        return "no"
    return "yes" if _YES.search(answer) else ""


def _arabic(text: str) -> str:
    """Chinese numerals as digits, where they are whole numbers below ten thousand or plain digit strings."""
    return _HAN_NUMBER.sub(lambda match: "".join(_numbers(match.group())), text)


def _percent(match: re.Match[str]) -> str:
    """'百分之五点二' → 5.2%."""
    whole, rest = match["whole"], match["rest"]
    number = whole if whole[0].isdigit() else _arabic(whole)
    return f"{number}.{_arabic(rest)}%" if rest else f"{number}%"


def _numbers(run: str) -> Iterator[str]:
    """'二十三' → 23, '二〇二四' → 2024, with 万 and 亿 left standing."""
    for piece in re.findall(r"[万亿]|[^万亿]+", run):
        if piece in "万亿":
            yield piece
        elif not any(character in _SCALE for character in piece):
            yield "".join(str(_DIGIT[character]) for character in piece)
        else:
            yield str(_value(piece))


def _value(piece: str) -> int:
    total, digit = 0, 0
    for character in piece:
        if character in _SCALE:
            total += (digit or (1 if not total else 0)) * _SCALE[character]
            digit = 0
        else:
            digit = _DIGIT[character]
    return total + digit


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")

"""Personal data in what people type, found before anything is stored or logged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

_JOINT = r"[-\s.·]?"
_ID_CARD = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE = re.compile(rf"(?<![\d.])(?:\+?86{_JOINT})?1[3-9]\d{_JOINT}\d{{4}}{_JOINT}\d{{4}}(?![\d.]?\d)")
_CARD = re.compile(r"(?<![\d.])[2-6]\d{3}(?:[-\s]?\d{4}){3}(?:[-\s]?\d{1,3})?(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-HJ-NP-Z][·・.\s-]?(?:[DF][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[DF]|(?=[A-Z0-9]*\d)[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9学警挂领港澳])(?![A-Za-z0-9])"
)


class PersonalData(ValueError):
    """What was typed holds personal data; `kinds` are their names in Chinese. The data itself is nowhere in it."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        super().__init__("、".join(kinds))
        self.kinds = kinds


def personal_data(text: str) -> tuple[str, ...]:
    """The kinds of personal data in `text`, by their Chinese names; empty where there is none.

    Numbers are bounded by digits, not by words: beside Han characters there is no word boundary.
    """
    plain = unicodedata.normalize("NFKC", text)
    return tuple(kind for kind, is_in in _KINDS.items() if is_in(plain))


def refuse_personal_data(text: str) -> None:
    """Let through what holds none.

    :raises PersonalData: it holds some.
    """
    if kinds := personal_data(text):
        raise PersonalData(kinds)


def _has_id_card(text: str) -> bool:
    return any(_is_id(match[0]) for match in _ID_CARD.finditer(text))


def _is_id(number: str) -> bool:
    """Whether the last digit fits the others (ISO 7064, MOD 11-2) and the date is one."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def _has_bank_card(text: str) -> bool:
    return any(_is_luhn(re.sub(r"\D", "", match[0])) for match in _CARD.finditer(text))


def _is_luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_KINDS: dict[str, Callable[[str], bool]] = {
    "身份证号": _has_id_card,
    "手机号": lambda text: bool(_MOBILE.search(text)),
    "银行卡号": _has_bank_card,
    "电子邮箱": lambda text: bool(_EMAIL.search(text)),
    "车牌号": lambda text: bool(_PLATE.search(text)),
}

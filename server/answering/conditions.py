"""Whether what an asker tells of oneself keeps to the conditions that the words found set: 毕业六年 against 毕业5年内."""

from __future__ import annotations

import re
from decimal import Decimal

from server.answering.amounts import Amount, amounts
from server.answering.plain import bigrams, plain

_AROUND = 8
"""Characters before an amount that say what it is of."""
_ANYTHING = frozenset("年月天元个人次项家名件")
"""Units of so many things that two amounts must also be of one thing to be held against each other."""
_WITHIN = re.compile(r"^(?:之?内|以下)")
_AGE = re.compile(
    r"(?<=[妈爸爹娘爷奶婆公姥伴叔姨姑舅我俺])(?:今年)?(?:都|已经?|快)?(?:[2-9]\d|1[01]\d|[二三四五六七八九]十[一二三四五六七八九]?)(?=了?(?:[，。！]|$))"
)
"""How old somebody of the family is, as one says it in passing: 我妈七十三."""
_AT_MOST = re.compile(r"(?:最[高多长]|限额?|上限为?|封顶)$")


def keeps(question: str, said: str) -> bool | None:
    """Whether the amounts told in `question` keep to the bounds set in `said`; None where none can be held against one."""
    asked, found = _AGE.sub(r"\g<0>岁", plain(question)), plain(said)
    verdicts = [
        _keeps(own, low, high)
        for own in amounts(asked)
        if own.low == own.high and not own.bound
        for bound in amounts(found)
        if own.unit and own.unit == bound.unit and _is_of_one_thing(asked, own, found, bound)
        for low, high in _limits(found, bound)
    ]
    return all(verdicts) if verdicts else None


def _limits(found: str, bound: Amount) -> list[tuple[Decimal | None, Decimal | None]]:
    """The least and the most that an amount in the words found allows; [] where it sets no bound."""
    if bound.unit == "月" and bound.low < bound.high:
        return [(bound.low, bound.high)]
    if bound.bound in ("least", "above"):
        return [(bound.low, None)]
    is_most = _WITHIN.match(found[bound.end :]) or _AT_MOST.search(found[: bound.start])
    return [(None, bound.high)] if is_most or bound.bound in ("most", "below") else []


def _keeps(own: Amount, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or own.low >= low) and (high is None or own.low <= high)


def _is_of_one_thing(asked: str, own: Amount, found: str, bound: Amount) -> bool:
    if bound.unit == "月" and bound.low < bound.high:
        return True
    if own.unit not in _ANYTHING:
        return True
    around = bigrams(asked[max(own.start - _AROUND, 0) : own.start])
    return bool(around & bigrams(found[max(bound.start - _AROUND, 0) : bound.start]))

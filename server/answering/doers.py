"""By whom, where and for what cause something is told to be done, held against what the words found say of it."""

from __future__ import annotations

import re
from itertools import pairwise

from server.answering.found_words import Words

_BY = re.compile(
    r"由(?P<who>[^，。；由]{2,16}?)(?:独家|统一|具体|共同|单独|全权|自己|来)?(?P<what>承办|承建|负责|牵头|实施|承担|运营|建设|组织|主办|管理|认定|颁发|出资|投资|代为)"
)
_WITH = re.compile(
    r"[与跟和同](?P<who>[^，。；]{2,16}?)(?:一[起道块]|合[着伙作]|联[合手]|共同|携手)*(?P<what>共建|共同|合[办作建]|联[合手]|签[约订]|办的|建的|弄的|搞的)"
)


_AT = re.compile(
    r"在(?P<who>[^，。；在]{2,10}?)(?:正式|隆重|顺利)?(?P<what>揭|举[行办]|召开|开[幕街业馆园]|落[户地]|挂牌|签约|启动|首发)"
)


_FIRST = re.compile(r"(?:为|由|是|其中|^)(?P<who>[一-鿿]{2,6}?)(?:首创|首推|率先)")


def other_doer(told: str, words: Words) -> bool:
    """Told to be done by or with one body, or at one place, and the words found name another for the same."""
    first, there = _FIRST.search(told), _FIRST.search(words.near)
    if first and there:
        return not _shares_a_pair(first["who"], there["who"])
    at, where = _AT.search(told), _AT.search(words.near)
    if at and where and at["what"][0] == where["what"][0]:
        return not _shares_a_pair(at["who"], where["who"])
    by, body = _BY.search(told), _BY.search(words.said)
    if by and body and by["what"] == body["what"]:
        return not _shares_a_pair(by["who"], body["who"])
    one, other = _WITH.search(told), _WITH.search(words.near)
    return one is not None and other is not None and not _shares_a_pair(one["who"], other["who"])


_CAUSE_TOLD = re.compile(
    r"(?:因为?|由于|受)(?P<why>[^，]{2,12}?)(?=影响|袭击|冲击|推迟|延期|延后|停|下降|下滑|减少|没|未|而|导致|造成|才|取消)"
)
_CAUSE = re.compile(r"(?:因|由于|受|主要是)[^，。；]{2,}")


def other_cause(told: str, words: Words) -> bool:
    """Told to have one reason, and the words found give another."""
    cause, there = _CAUSE_TOLD.search(told), _CAUSE.search(words.said)
    return cause is not None and there is not None and not _shares_a_pair(cause["why"], words.said)


def _shares_a_pair(one: str, other: str) -> bool:
    """Whether two names have a pair of characters in common, but for the kind (银行, 集团) that the first ends in."""
    one = one[:-2] if len(one) > 3 else one
    return any(a + b in other for a, b in pairwise(one) if a >= "一")

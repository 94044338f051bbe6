"""By whom, where and for what cause something is told to be done, held against what the words found say of it."""

from __future__ import annotations

import re

from server.answering.found_words import Words
from server.answering.plain import bigrams

_FIRST = re.compile(r"(?:为|由|是|其中|^)(?P<who>[一-鿿]{2,6}?)(?:首创|首推|率先)(?P<what>)")
_AT = re.compile(
    r"在(?P<who>[^，。；在]{2,10}?)(?:正式|隆重|顺利)?(?P<what>揭|举(?=[行办])|召(?=开)|开(?=[幕街业馆园])|落(?=[户地])|挂(?=牌)|签(?=约)|启(?=动)|首(?=发))"
)
_NAMED_BY = re.compile(
    r"(?:获|被|由|经|得到)(?P<who>[^，。；由被获]{2,16}?)(?P<what>评[为选定]|认定|列[为入]|授予|命名|批复|批准|表彰|通报)"
)
_BY = re.compile(
    r"由(?P<who>[^，。；由]{2,24}?)(?:独家|统一|具体|共同|单独|全权|自己|来)?(?P<what>承办|承建|负责|牵头|实施|承担|运营|建设|组织|主办|管理|认定|颁发|出资|投资|代为|发放|收购|评审)"
)
_WITH = re.compile(
    r"[与跟和同](?P<who>[^，。；]{2,16}?)(?:一[起道块]|合[着伙作]|联[合手]|共同|携手)*(?:共建|共同|合[办作建]|联[合手]|签[约订]|办的|建的|弄的|搞的)(?P<what>)"
)
"""Two of a kind are held against each other where they have the same `what`, which is empty where any will do."""


def other_doer(told: str, words: Words) -> bool:
    """Told to be done by or with one body, or at one place, and the words found name another for the same."""
    for pattern, said in (
        (_FIRST, words.near),
        (_AT, words.near),
        (_BY, words.said),
        (_NAMED_BY, words.said),
        (_WITH, words.near),
    ):
        one, other = pattern.search(told), pattern.search(said)
        if one and other and one["what"] == other["what"]:
            return not _shares_a_pair(one["who"], other["who"])
    return False


_CAUSE_TOLD = re.compile(
    r"(?:因为?|由于|受)(?P<why>[^，]{2,12}?)(?=影响|袭击|冲击|推迟|延期|延后|停|下降|下滑|减少|少[开建收招办]|晚|没|未|而|导致|造成|才|取消)"
)
_CAUSE = re.compile(r"(?:因|由于|受|主要是)[^，。；]{2,}")


def other_cause(told: str, words: Words) -> bool:
    """Told to have one reason, and the words found give another."""
    cause, there = _CAUSE_TOLD.search(told), _CAUSE.search(words.said)
    return cause is not None and there is not None and not _shares_a_pair(cause["why"], words.said)


def _shares_a_pair(one: str, other: str) -> bool:
    """Whether two names have a pair of characters in common, but for the kind (银行, 集团) that the first ends in."""
    one = one[:-2] if len(one) > 3 else one
    return any(pair in other for pair in bigrams(one) if pair >= "一")

"""Whether what a sentence says is done, and how, is what the cited words say is done, and to the same things.

Nouns are compared elsewhere: they may stand in a heading. A verb, adjective or adverb says something only of what stands
beside it, so it must stand beside the same in the cited words: 启动甲、完成乙 is no source for 完成甲.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from server.answering.amounts import DIRECTION
from server.answering.wording import CLAUSE_END, bigrams, is_glue

Tagger = Callable[[str], Sequence[tuple[str, str]]]
"""Text → its words in order, each with its part of speech as jieba names them."""

_OTHER_TAGS = ("n", "m", "q", "r", "p", "c", "u", "x", "y", "e", "o", "h", "k")
"""Nouns, numbers, and words that only join others."""
_ALIKE = (
    "推进 推动 促进",
    "开展 实施 组织实施",
    "加强 强化 加大",
    "建立 设立 成立 组建 设置",
    "打造 建设 构建 营造",
    "完善 健全 优化 改善",
    "支持 扶持 帮扶",
    "举办 举行",
    "获得 荣获 取得 获",
    "拓展 拓宽",
    "挖掘 发掘",
    "保持 维持",
    "应用 运用 使用",
    "持续 不断",
    "大力 着力 积极",
)
"""Verbs and adverbs that may stand for one another: none of a group says more is done than the others do."""
_EQUALS = {word: tuple(group.split()) for group in _ALIKE for word in group.split()}
_LIGHT = frozenset(
    [
        "指",
        "叫",
        "叫做",
        "属于",
        "称为",
        "是指",
        "涉及",
        "涵盖",
        "包含",
        "旨在",
        "用于",
        "作为",
        "具有",
        "列出",
        "提到",
        "提及",
        "采取",
        "位于",
        "归纳",
        "介绍",
    ]
)
"""Verbs with which an answer says what the report says, and that claim nothing of their own."""
_ENDS = frozenset(
    [
        "完成",
        "建成",
        "竣工",
        "开工",
        "投用",
        "启用",
        "落地",
        "落成",
        "开通",
        "实现",
        "获批",
        "获评",
        "通过",
        "成立",
        "挂牌",
        "上线",
        "入驻",
        "交付",
        "开放",
        "解决",
        "消除",
        "达标",
    ]
)
_SHORT_OF = re.compile(
    r"推进|推动|加快|促进|启动|筹备|谋划|研究|探索|基本|初步|部分|逐步|有序|申报|争创|争取|力争|前期|确保|努力|支持|鼓励"
)
"""What makes of an end a beginning, or a part."""


def doings_stand(clauses: Iterable[str], said: str, tag: Tagger) -> bool:
    """Whether each verb, adjective and adverb of `clauses` stands in `said` beside something its own clause names."""
    cited = [known for clause in CLAUSE_END.split(said) for known in _known(clause, tag)]
    return all(_stands(word, clause, cited) for clause in clauses for word in _doings(clause, tag))


def alike(word: str) -> tuple[str, ...]:
    """The words that may stand for `word`, itself among them."""
    return _EQUALS.get(word, (word,))


def is_light(word: str) -> bool:
    """Whether `word` is a verb that claims nothing of its own."""
    return word in _LIGHT


def _doings(clause: str, tag: Tagger) -> Iterator[str]:
    for word, kind in tag(clause):
        is_said = len(word) > 1 or kind.startswith(("v", "a"))
        is_other = kind.startswith(_OTHER_TAGS) or is_light(word) or is_glue(word)
        # Words of growth and decline are compared with their amount or their clause.
        if is_said and not is_other and not DIRECTION.fullmatch(word):
            yield word


def stretches(clause: str, tag: Tagger) -> Iterator[str]:
    """A clause cut where a list or a conjunction goes on to another verb: 完成甲、启动乙 → 完成甲 and 启动乙."""
    stretch, before = "", ""
    for word, kind in tag(clause):
        if kind.startswith("v") and (before == "、" or before == "c"):
            yield stretch
            stretch = ""
        stretch += word
        before = word if word == "、" else kind
    yield stretch


def _known(clause: str, tag: Tagger) -> Iterator[tuple[str, set[str]]]:
    """The stretches of a cited clause with what each names; one without a noun speaks of what the one before does."""
    before: set[str] = set()
    for stretch in stretches(clause, tag):
        has_noun = any(kind.startswith("n") for _, kind in tag(stretch))
        before = bigrams(stretch) if has_noun else before | bigrams(stretch)
        yield stretch, before


def _stands(word: str, clause: str, cited: Sequence[tuple[str, set[str]]]) -> bool:
    beside = bigrams(clause.replace(word, " "))
    return any(
        same in stretch and (not beside or bool(beside & known)) and _goes_as_far(word, same, clause, stretch)
        for same in alike(word)
        for stretch, known in cited
    )


def _goes_as_far(word: str, same: str, clause: str, stretch: str) -> bool:
    """Whether an end that the clause tells of is told of without what the clause leaves out: 推进甲完成 is not 甲完成."""
    if word not in _ENDS:
        return True
    return all(match[0] in clause for match in _SHORT_OF.finditer(stretch[: stretch.index(same)]))

"""How much of a sentence's wording stands in other words; numbers aside, which `amounts` compares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from index.normalise import fold

_PUNCTUATION = frozenset("，。；：？！（）、《》“”‘’【】［］—…～")
_UNSEEN = ("Cc", "Cf", "Mn", "Me")
_BLANK = re.compile(r"(?<=[^\x00-\x7f])[ \u3000]+|[ \u3000]+(?=[^\x00-\x7f])|(?<=\d) +(?=%)")
_HAN_YEAR = re.compile(r"二([零〇○一二三四五六七八九]{3})(?=年)")
_YEAR_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_GLUE = re.compile(
    r"(?:19|20)\d{2}年|根据(?:报告|计划|资料|来源)?|按照?(?:报告|计划)|报告[中里]?(?:提到|指出|提出|显示|说明|中)?|其中|此外|同时|另外|"
    r"具体(?:来说|包括|为|是)?|主要(?:包括|有|是)?|包括|以及|并且?|分别|达到?|已经?|通过|进行|方面|工作|目标|计划|安排|"
    r"不(?:低于|少于|小于|超过|高于|多于|大于)|超过|至少|至多|最[多少]|以[上下内]|左右|"
    r"情况|内容|措施|问题|报告|资料|年份|预计|预期|力争|争取|可以|能够|一共|总共|年度|全年|当年|全区|本区|[一二三四五六七八九十]是|"
    r"(?<=[”」』》）)])(?:指的?|即|叫做?|称为?)|"
    r"[的了是为在将等和与及或对从由到至有也还要会这该其共约于所就都而以]"
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
CLAUSE_END = re.compile(r"[，,。；;：:！？!?\n|]")


def plain(text: str) -> str:
    """Half-width letters, digits and signs, nothing invisible, no blanks beside Han characters, years in digits.

    Chinese punctuation is kept.
    """
    narrow = "".join(c if c in _PUNCTUATION else unicodedata.normalize("NFKC", c) for c in text)
    narrow = "".join(c for c in narrow if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    narrow = _BLANK.sub("", narrow)
    return _HAN_YEAR.sub(lambda match: "2" + match[1].translate(_YEAR_DIGITS), narrow).strip()


def content(text: str) -> Iterator[str]:
    """The runs of Han characters in `text` that say something: glue words cut out, single characters left out."""
    for run in _HAN.findall(_GLUE.sub(" ", text)):
        if len(run) > 1:
            yield run


def is_glue(word: str) -> bool:
    """Whether nothing of `word` says anything."""
    return not _HAN.search(_GLUE.sub("", word))


def bigrams(text: str) -> set[str]:
    """The character pairs of the content of `text`."""
    return {run[i : i + 2] for run in content(text) for i in range(len(run) - 1)}


def missing(text: str, said: str) -> tuple[int, int, int]:
    """Characters of content in `text`; those in no pair that stands in `said`; the longest stretch of those."""
    total = absent = longest = 0
    for run in content(text):
        stands = [run[i : i + 2] in said for i in range(len(run) - 1)]
        stretch = 0
        for here, before in zip([*stands, False], [False, *stands], strict=True):
            stretch = 0 if here or before else stretch + 1
            absent += stretch > 0
            longest = max(longest, stretch)
        total += len(run)
    return total, absent, longest


def holds_whole(token: str, said: str) -> bool:
    """Whether `token` stands in `said` folded, and not as a piece of a longer number or Latin word."""
    wanted, text = fold(token), fold(said)
    before = r"(?<![\d.a-z])" if wanted[:1].isascii() else ""
    after = r"(?![a-z\d]|\.\d)" if wanted[-1:].isascii() else ""
    return bool(wanted) and re.search(before + re.escape(wanted) + after, text) is not None

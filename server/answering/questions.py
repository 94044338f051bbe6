"""Question → what is asked: its kind, its years, and the words an answer must speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import log

from index.lexical import Tokenizer
from index.normalise import fold
from index.years import years_in
from ingest.model import Report


class Kind(StrEnum):
    """What form of answer a question wants."""

    DEFINITION = "definition"
    LIST = "list"
    NUMBER = "number"
    YES_NO = "yes_no"
    COMPARE = "compare"
    WHY = "why"
    HOW = "how"
    FACT = "fact"


_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.COMPARE,
        re.compile(r"相比|对比|比较|比(?:去年|上年|\d{4}年?)|变化|差(?:多少|几)|(?:多|少|高|低)了?(?:多少|几)"),
    ),
    (
        Kind.DEFINITION,
        re.compile(
            r"(?:是|指)(?:的是)?(?:个?什么|啥|个啥)(?:意思|东西|概念)?[呀啊呢吗?？。!]*$|什么(?:是|叫)|啥(?:是|叫)|(?:什么|啥)意思|"
            r"何谓|何为|含义|定义|名词解释|解释(?:一下)?|的概念|叫(?:什么|啥)"
        ),
    ),
    (Kind.WHY, re.compile(r"为什么|为何|为啥|原因|怎么会|凭什么")),
    (
        Kind.NUMBER,
        re.compile(
            r"多少|几(?!乎|大|项重|年来)|多大|多高|多长|占比|比例是|第几|百分之几|目标(?:值|是)|计划(?:值|数|是)|增速|多远"
        ),
    ),
    (Kind.LIST, re.compile(r"哪些|哪几|有什么|有啥|都有|列出|列举|包括什么|包含|分别|哪[三四五六七八九十两]")),
    (Kind.HOW, re.compile(r"怎么|怎样|如何|咋")),
    (Kind.YES_NO, re.compile(r"是不是|有没有|能不能|会不会|是否|吗[?？。]?$|对不对|对吗|了没")),
)
_QUESTION_WORDS = frozenset(
    [
        "多少",
        "什么",
        "哪些",
        "哪个",
        "哪里",
        "哪儿",
        "哪几",
        "哪",
        "几",
        "怎么",
        "怎样",
        "如何",
        "为什么",
        "为何",
        "是否",
        "有没有",
        "是不是",
        "能不能",
        "会不会",
        "请问",
        "请",
        "问",
        "一下",
        "告诉",
        "知道",
        "想",
        "想问",
        "想知道",
        "介绍",
        "说说",
        "说",
        "讲讲",
        "讲",
        "看看",
        "看",
        "查",
        "查查",
        "查询",
        "帮",
        "帮忙",
        "麻烦",
        "谁",
        "啥",
        "咋",
        "咋样",
        "怎么样",
        "意思",
        "含义",
        "定义",
        "解释",
        "叫",
        "叫做",
        "名字",
        "名称",
        "指",
        "是",
        "有",
        "没有",
        "今年",
        "去年",
        "明年",
        "前年",
        "本年",
        "年度",
        "年",
        "现在",
        "目前",
        "一共",
        "总共",
        "共",
        "大概",
        "大约",
        "左右",
        "到底",
        "究竟",
        "具体",
        "具体内容",
        "内容",
        "方面",
        "情况",
        "关于",
        "有关",
        "相关",
        "报告",
        "里",
        "中",
        "上",
        "里面",
        "中间",
        "这",
        "那",
        "这个",
        "那个",
        "这些",
        "那些",
        "它",
        "他",
        "她",
        "咱",
        "咱们",
        "我们",
        "你们",
        "您",
        "大家",
        "老百姓",
        "区里",
        "我区",
        "全区",
        "本区",
        "能",
        "会",
        "要",
        "可以",
        "应该",
        "需要",
        "做",
        "做了",
        "搞",
        "弄",
        "达到",
        "目标",
        "计划",
        "安排",
        "打算",
        "准备",
        "预计",
        "数",
        "数字",
        "数值",
        "值",
        "数据",
        "指标",
        "值是",
        "不",
        "没",
        "又",
        "再",
        "还",
        "还有",
        "都",
        "也",
        "就",
        "才",
        "只",
        "很",
        "太",
        "更",
        "最",
        "比较",
        "对比",
        "相比",
        "变化",
        "区别",
        "个",
        "家",
        "项",
        "条",
        "座",
        "次",
        "处",
        "问题",
        "东西",
        "事",
        "事情",
        "时候",
        "时间",
        "地方",
        "得",
        "着",
        "过",
        "给",
        "让",
        "用",
        "去",
        "来",
        "到",
        "由",
        "所",
        "其中",
        "主要",
        "分别",
        "列出",
        "列举",
        "包括",
        "包含",
        "属于",
        "多",
        "少",
        "大",
        "小",
        "高",
        "低",
        "好",
        "一",
        "一个",
        "两",
        "属性",
    ]
)
_YEAR_WORD = re.compile(r"^(?:19|20)?\d{2}年?$")


@dataclass(frozen=True, slots=True)
class FocusWord:
    """A word the answer must speak of; `weight` grows with how rare it is in the report."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Query:
    """An understood question."""

    text: str
    kind: Kind
    years: tuple[int, ...]
    focus: tuple[FocusWord, ...]


def kind_of(question: str) -> Kind:
    """The kind of `question`, by its question words; the first that fits."""
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), Kind.FACT)


def understand(question: str, report: Report, tokenizer: Tokenizer, rarity: Rarity) -> Query:
    """Read a cleaned, simplified question against the report it is put to."""
    focus = [FocusWord(word, rarity(word)) for word in focus_words(question, report, tokenizer)]
    return Query(question, kind_of(question), years_in(question, report), tuple(focus))


def focus_words(question: str, report: Report, tokenizer: Tokenizer) -> list[str]:
    """The words of `question` that say what it is about, in order, once each."""
    implied = _names_of_place(report.place)
    words = tokenizer.cut(question)
    kept = [
        word for word in words if word not in _QUESTION_WORDS and word not in implied and not _YEAR_WORD.match(word)
    ]
    return list(dict.fromkeys(kept))


def _names_of_place(place: str) -> set[str]:
    folded = fold(place)
    return {folded, folded.rstrip("区县市旗")} if folded else set()


class Rarity:
    """How telling a word is: ln(1 + N / n) for a word that stands in n of N texts (inverse document frequency)."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [fold(text) for text in texts]
        self._known: dict[str, float] = {}

    def __call__(self, word: str) -> float:
        """The weight of `word`; a word that stands nowhere weighs as much as one that stands once."""
        if word not in self._known:
            if len(self._known) > 20_000:
                self._known.clear()
            count = sum(word in text for text in self._texts)
            self._known[word] = log(1 + len(self._texts) / max(count, 1))
        return self._known[word]

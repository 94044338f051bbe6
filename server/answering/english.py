"""A question in English as the Chinese words that a report would use, word by word, so that its words can be found too.

The lexicon (`english.txt`: the English with its spellings, a tab, the Chinese) is of the language and of what such
reports are about, and of no report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

MOSTLY = 0.7
"""Share of a question's telling words that must be in the lexicon for it to be read so."""
_FEWEST = 3
"""Words of a question; one or two may be names as well."""
_LONGEST = 5
"""Words of the longest phrase."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*%?|[a-z]+(?:-[a-z]+)*")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]+")
"""A word with a capital that does not begin the sentence."""
_ENDS = (
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
)
_YEARS = (
    (re.compile(r"\b((?:19|20)\d{2})\b"), r"\1年"),
    (re.compile(r"\blast year\b"), "去年"),
    (re.compile(r"\bthis year\b"), "今年"),
    (re.compile(r"\bnext year\b"), "明年"),
)
_ASKS = (
    (re.compile(r"\bwhat does .+ mean|\bmeaning of|\bdefinition of|\bdefine\b|\bwhat (?:is|are) meant"), "是什么意思"),
    (re.compile(r"\bhow long\b"), "多长时间"),
    (
        re.compile(
            r"\bhow (?:many|much)\b|\bwhat (?:percentage|percent|share|proportion|number|amount)\b|\bnumber of\b"
        ),
        "是多少",
    ),
    (re.compile(r"\bwhen\b|\bwhat (?:date|time|month|year)\b"), "什么时候"),
    (re.compile(r"\bwhere\b"), "在哪里"),
    (re.compile(r"\bwhy\b|\breasons?\b|\bwhat caused\b"), "为什么"),
    (re.compile(r"\bwho\b|\bwhich (?:department|agency|bureau|office|body)\b"), "由谁负责"),
    (re.compile(r"\bwhich\b|\bwhat are\b|^list\b|^name\b"), "有哪些"),
    (re.compile(r"\bhow\b"), "怎么"),
    (re.compile(r"^(?:is|are|was|were|did|does|do|has|have|will|can|could|am)\b"), "是否"),
)
_MEASURE = re.compile(r"(?:率|额|值|收入|数|量|增速|比重|面积|规模|标准|浓度|目标|计划|支出|投资)$")
_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "by",
        "with",
        "from",
        "and",
        "or",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "will",
        "would",
        "shall",
        "should",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "having",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "there",
        "their",
        "them",
        "they",
        "we",
        "our",
        "us",
        "my",
        "i",
        "me",
        "you",
        "your",
        "he",
        "she",
        "his",
        "her",
        "as",
        "than",
        "then",
        "so",
        "if",
        "any",
        "some",
        "all",
        "into",
        "over",
        "under",
        "about",
        "up",
        "out",
        "off",
        "such",
        "only",
        "also",
        "just",
        "get",
        "gets",
        "got",
        "can",
        "could",
        "may",
        "might",
        "must",
        "please",
        "tell",
        "give",
        "show",
        "what",
        "when",
        "where",
        "who",
        "whom",
        "whose",
        "which",
        "why",
        "how",
        "many",
        "much",
        "long",
        "often",
        "far",
        "year",
        "years",
        "during",
        "while",
        "after",
        "before",
        "between",
        "within",
        "without",
        "through",
        "until",
        "since",
        "ever",
        "yet",
        "still",
        "already",
        "now",
        "current",
        "currently",
        "planned",
        "actually",
        "really",
        "kind",
        "kinds",
        "type",
        "types",
        "name",
        "list",
        "mean",
        "means",
        "meaning",
        "definition",
        "term",
        "set",
        "s",
        "t",
        "d",
        "re",
        "ll",
        "ve",
        "people",
        "percent",
        "percentage",
        "number",
        "amount",
        "share",
        "proportion",
        "value",
        "figure",
        "first",
        "end",
        "more",
        "less",
        "most",
        "least",
        "each",
        "every",
        "other",
        "another",
        "new",
        "same",
        "own",
        "way",
        "one",
        "ones",
        "right",
        "named",
        "called",
        "names",
        "unit",
        "time",
        "say",
        "says",
        "again",
        "here",
        "become",
        "exist",
        "simply",
        "came",
        "once",
        "put",
        "bring",
        "brought",
        "carry",
        "above",
        "below",
        "but",
        "need",
        "needed",
        "left",
        "fully",
        "exactly",
        "around",
        "together",
        "done",
        "kept",
        "keep",
        "previous",
        "find",
        "found",
        "happen",
        "true",
        "correct",
        "include",
        "included",
        "went",
        "like",
        "according",
        "course",
        "last",
        "away",
        "rest",
        "well",
        "really",
        "both",
        "among",
        "inside",
        "behind",
        "whether",
        "thing",
        "things",
        "going",
        "go",
        "make",
        "made",
        "take",
        "taken",
        "come",
        "use",
        "used",
        "not",
        "no",
        "am",
        "report",
        "district",
        "city",
        "county",
        "government",
    ]
)
"""Words that say nothing of what is asked about."""


def in_chinese(question: str) -> str:
    """The question in the report's words, where it is in English and most of its words are known; else as it is.

    So is one with a name that is not known: without it, another place or thing would be asked about.
    """
    if _HAN.search(question):
        return question
    lower = question.lower().replace("’", "'").replace("'s", "")
    undated = lower
    for pattern, _ in _YEARS:
        undated = pattern.sub(" ", undated)
    tokens = _TOKEN.findall(undated)
    phrases = list(_phrases(tokens))
    known = [chinese for _, chinese in phrases if chinese]
    unknown = {english for english, chinese in phrases if not chinese}
    if (
        len(tokens) < _FEWEST
        or not known
        or len(known) < MOSTLY * len(phrases)
        or unknown & set(map(str.lower, _NAME.findall(question)))
    ):
        return question
    years = [match.expand(words) for pattern, words in _YEARS for match in pattern.finditer(lower)]
    asked = next((words for pattern, words in _ASKS if pattern.search(lower)), "")
    if not asked and re.search(r"\bwhat\b", lower):
        asked = "是多少" if _MEASURE.search(known[-1]) or _MEASURE.search(known[0]) else "是什么"
    return f"{'和'.join(dict.fromkeys(years))}{' '.join(dict.fromkeys(known))}{asked}"


def _phrases(tokens: list[str]) -> Iterator[tuple[str, str]]:
    """The phrases that say something, the longest first, each with its Chinese; '' where that is not known."""
    at = 0
    while at < len(tokens):
        tried = (" ".join(tokens[at : at + length]) for length in range(min(_LONGEST, len(tokens) - at), 0, -1))
        phrase = next((phrase for phrase in tried if phrase not in _STOP and _look_up(phrase)), tokens[at])
        if phrase not in _STOP:
            yield phrase, phrase if phrase[0].isdigit() else _look_up(phrase)
        at += phrase.count(" ") + 1


def _look_up(phrase: str) -> str:
    """The Chinese of a phrase, its last word in the plural or another form of a verb."""
    return next((_lexicon()[form] for form in _forms(phrase) if form in _lexicon()), "")


def _forms(phrase: str) -> Iterator[str]:
    yield phrase
    yield phrase.replace("-", " ")
    for end, other in _ENDS:
        if phrase.endswith(end) and len(phrase) > len(end) + 2:
            stem = phrase[: -len(end)] + other
            yield stem
            if len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]


@cache
def _lexicon() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in files("server.answering").joinpath("english.txt").read_text(encoding="utf-8").splitlines():
        english, _, chinese = line.partition("\t")
        for phrase in english.split("|"):
            found.setdefault(phrase.strip(), chinese.strip())
    return found

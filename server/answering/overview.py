"""Broad questions about what was done or is planned in a field: the paragraph that is about it."""

from __future__ import annotations

import re

from index.normalise import fold
from index.search import Found
from ingest.model import Passage, Section
from server.answering.draft import Draft, Source, quoted
from server.answering.matching import coverage
from server.answering.model import Status
from server.answering.questions import FocusWord, Query

_BROAD = re.compile(
    r"(?:有|采取|推出|实施|做|干|开展)了?(?:什么|哪些|啥)(?:新的?|重要|具体|主要)?(?:举措|措施|安排|工作|打算|动作|做法|成绩|成效|进展|任务|计划)?[？?。]*$|"
    r"(?:怎么|如何|咋)(?:做|抓|推进|推动|安排|落实|开展)|(?:举措|措施|安排|打算|工作进展|主要工作)(?:是|有)?(?:什么|哪些|啥)?[？?。]*$"
)
_WORDS_OF_ASKING = frozenset(
    [
        "举措",
        "措施",
        "安排",
        "工作",
        "打算",
        "动作",
        "做法",
        "成绩",
        "成效",
        "进展",
        "任务",
        "采取",
        "推出",
        "实施",
        "开展",
        "推进",
        "推动",
        "落实",
        "主要",
        "具体",
        "重要",
        "方面",
        "领域",
        "工作进展",
    ]
)
TITLE_SHARE = 0.75
"""Share of the topic's weight that a paragraph's title must speak of."""
LONGEST = 8
"""Sentences shown at the most."""


def outline_field(query: Query, found: Found) -> Draft | None:
    """The sentences of the paragraph whose title is what is asked about; None where the question is not so broad."""
    topic = [word for word in query.focus if word.word not in _WORDS_OF_ASKING]
    if not topic or not _BROAD.search(query.asking):
        return None
    for evidence in found.evidence:
        item = evidence.entry.item
        if not isinstance(item, Passage) or (query.years and item.year not in query.years):
            continue
        corpus = evidence.entry.corpus
        if _is_about(corpus.section[item.section], topic):
            spans = [s.span for p in corpus.passages if p.section == item.section for s in p.sentences]
            sentences = [quoted(Source(corpus, span)) for span in (spans[1:] or spans)[:LONGEST]]
            more = "这一段还有别的内容，请点出处查看。" if len(spans) > LONGEST + 1 else None
            return Draft(Status.ANSWERED, tuple(sentences), notice=more)
    return None


def _is_about(section: Section, topic: list[FocusWord]) -> bool:
    return coverage(topic, fold(section.title)) >= TITLE_SHARE

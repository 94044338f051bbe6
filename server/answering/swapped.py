"""A thing that the question names, where the words found tell all the rest of another thing of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from server.answering.candidates import Candidate
from server.answering.draft import Source
from server.answering.focus import likeness
from server.answering.plain import plain
from server.answering.questions import Query
from server.answering.second_look import parts_of, sentences_of

TELLS = 12
"""How like the rest of the question the words found must be."""
APART = 0.7
"""How like it, at the most, and in proportion, what the report says of the thing named may be."""
_LONGEST = 6
"""Characters of a name before its kind."""
_KIND = re.compile(
    r"大学|学院|研究院|研究所|中学|小学|幼儿园|校区|银行|集团|街道|医院|卫生院|岛|沟|厂(?!房|商|家)|水库|电站|泵站|水厂|大桥|隧道|渔港|码头|港区|口岸|机场|公园|湿地|古镇|小区|"
    r"物流园|博物馆|纪念馆|图书馆|广场|胡同|高速|铁路|快速路|大道"
)
_LOOSE = re.compile(
    r"^(?:的|个|些|这|那|各|全|我|老|新|旧|大|小|好|区|市|县|年|家|座|条|项|处|在|是|了|和|与|把|给|被)+"
)


class _Thing(NamedTuple):
    """A name as the question has it, what is its own in that, and its kind."""

    name: str
    core: str
    kind: str


def swapped(query: Query, best: Candidate) -> Source | None:
    """The part of the best sentence that tells what is asked of another thing than is named; None where it is of that one."""
    if best.form == "row":
        return None
    corpus, question = best.source.corpus, plain(query.text)
    things = list(_things(question, plain(corpus.report.text)))
    if not things:
        return None
    title = plain(best.evidence.entry.titles)
    found = max(parts_of(corpus, best.sentence, title, best.year), key=lambda part: likeness(question, part.text))
    for thing in things:
        is_named = thing.core in found.text or thing.core in title
        if is_named or not re.search(f"[一-鿿](?:{thing.kind})", found.text):
            continue
        rest = question.replace(thing.name, "，")
        tells = likeness(rest, found.text)
        own = max((likeness(rest, other.text) for other in sentences_of(corpus) if thing.core in other.text), default=0)
        if tells >= TELLS and own <= APART * tells:
            return found.source
    return None


def _things(question: str, report: str) -> Iterator[_Thing]:
    """The names in a question that the report has, letter for letter, as long as they are the same."""
    for kind in _KIND.finditer(question):
        for start in range(max(0, kind.start() - _LONGEST), kind.start()):
            name = question[start : kind.end()]
            if re.fullmatch("[一-鿿]+", name) and name in report:
                core = _LOOSE.sub("", name)
                if len(core) > len(kind.group()):
                    yield _Thing(name, core, kind.group())
                break

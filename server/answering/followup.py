"""A follow-up → a question that stands alone, from the conversation so far."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.names import NameIndex
from index.normalise import fold
from index.years import NAMED_YEAR
from server.answering.asks import asks_something
from server.answering.model import Turn
from server.answering.plain import bigrams

_POINTS_BACK = re.compile(r"^(?:那|它|他|她|其|这|该|此|还有|其中|另外|再|又)(?!年底|怕)|^(?:的|跟|比)")
_TRAILS_OFF = re.compile(r"呢[？?。!！\s]*$")
_SHORT = 16
_LONGEST = 10
"""Characters, years aside, up to which a question may go on from the last one without a word that says so."""
_PRONOUN = re.compile(r"^(?:那么?)?[,，]?(?:它们?|这个|那个|这项|该项?|其中?|此|这些|那些)(?:的|是|里|中)?")
_FILLER = re.compile(r"^(?:那么?|还有|另外|再问一下|请问|又)[,，]?|[呢呀啊吧的]*[?？。!！\s]*$")
_ASKING = re.compile(
    r"[,，]?(?:一共|总共|分别|各)?(?:是|有|为|达到?|控制在|增长|新增|完成|安排)?了?"
    r"(?:多少|几[个家项处条座张部所]?|什么|啥|哪些|哪几[个项]|哪个|怎么样?|如何|多大|谁).*$|[吗呢?？。!！]+$"
)
_FRAGMENT = re.compile(
    rf"(?:{NAMED_YEAR.pattern}|当年|同年)?的?(?:(?:年度|全年|新增|实际|计划|目标|任务|指标|完成|安排|预期|增速|增长|增幅|占比|总数|数量|情况|结果|进展)(?:数|值|率|量|情况)?){{1,2}}"
    r"(?:是|有|为)?(?:多少|几|什么|啥|怎么样|如何)?[呢呀啊吧]*[?？。!！\s]*"
)
"""A year and an attribute of something that is not said."""
_STAGE = re.compile(r"(?:的?(?:计划|目标|任务|预期|实际|完成)(?:数|值|量|情况)?)+$")
"""Whether what was planned or what came of it is asked for: one takes the other's place."""
_RANKED = re.compile(r"^[一-鿿]{1,3}([级类型式档层段])$")


def carried(question: str, history: Sequence[Turn], names: NameIndex) -> str:
    """The question behind the topic of the asker's last one, where it does not speak of that itself."""
    earlier = _asked_before(history)
    rest = _PRONOUN.sub("", _FILLER.sub("", question))
    topic = _beside(rest, _topic(earlier[-1], names)) if earlier else ""
    if not topic or fold(topic) in fold(question) or len(NAMED_YEAR.sub("", question).strip("？?。！! ")) > _LONGEST:
        return question
    return f"{topic}，{rest}"


def _asked_before(history: Sequence[Turn]) -> list[str]:
    return [turn.content.strip() for turn in history if turn.role == "user" and turn.content.strip()]


def last_answer(history: Sequence[Turn]) -> str:
    """What the conversation's last answer says; '' where there is none."""
    return next((turn.content for turn in reversed(history) if turn.role == "assistant"), "")


def resolve(question: str, history: Sequence[Turn], names: NameIndex) -> str:
    """The question completed from the asker's last one, where it cannot be understood alone.

    A new year takes the old one's place; part of a name takes the place of the name before, where the report has a name
    with that part that is like it; a pronoun takes the old topic; anything else is put behind the old topic.
    """
    earlier = _asked_before(history)
    if not earlier or not _depends(question, names):
        return question
    last = earlier[-1]
    core = _FILLER.sub("", _FILLER.sub("", question))
    if not core or NAMED_YEAR.fullmatch(core):
        swapped = NAMED_YEAR.sub(core, last, count=1) if NAMED_YEAR.search(last) else f"{core}{last}"
        return swapped if core else last
    renamed = _renamed(core, last, names)
    if renamed:
        return renamed
    other = _other_of_its_kind(core, last)
    if other:
        return other
    rest = _PRONOUN.sub("", core)
    topic = _named_before(earlier, names) if rest != core else ""
    topic = topic or _topic(last, names)
    year = NAMED_YEAR.search(last)
    if year:
        rest = re.sub("当年|同年", year.group(), rest)
    if not rest:
        return last
    topic = _beside(rest, topic)
    tail = _ASKING.search(last)
    if tail is None or asks_something(rest):
        return f"{topic}，{rest}"
    return "，".join(filter(None, (topic, rest, tail.group().strip("，,?？"))))


def _topic(last: str, names: NameIndex) -> str:
    """What a question was about: the name in it, else its words but for what asks."""
    named = [hit.name for hit in names.find(last) if hit.how == "exact"]
    return named[0] if named else _ASKING.sub("", last).strip("，,。？? ") or last


def _named_before(earlier: Sequence[str], names: NameIndex) -> str:
    """The name that the asker called last; '' where none."""
    called = ([hit.name for hit in names.find(question) if hit.how == "exact"] for question in reversed(earlier))
    return next((found[0] for found in called if found), "")


def _beside(rest: str, topic: str) -> str:
    """The topic without its year, and without its word for what was planned or done, where `rest` has another."""
    if NAMED_YEAR.search(rest):
        topic = NAMED_YEAR.sub("", topic)
    return _STAGE.sub("", topic) if _STAGE.search(rest) else topic


def _depends(question: str, names: NameIndex) -> bool:
    """Whether a question points back, trails off, or is a mere fragment; one that names something stands alone."""
    if any(hit.how == "exact" for hit in names.find(question)):
        return False
    if _TRAILS_OFF.search(question):
        return len(question) <= _SHORT
    return bool(_POINTS_BACK.search(question)) or len(question) <= 4 or bool(_FRAGMENT.fullmatch(question))


def _renamed(core: str, last: str, names: NameIndex) -> str:
    """The last question with its name replaced by the most similar one of the report that holds `core`; '' without one."""
    folded, before = fold(core), [hit.name for hit in names.find(last) if hit.how == "exact"]
    if not before or len(folded) < 2:
        return ""
    like = [name for name in names.known if folded in name and before[0] not in name and _alike(name, before[0]) >= 0.3]
    if not like:
        return ""
    return fold(last).replace(before[0], max(like, key=lambda name: _alike(name, before[0])))


def _other_of_its_kind(core: str, last: str) -> str:
    """The last question with one level or sort (市级, 甲类) in the place of another; '' where it has none."""
    kind = _RANKED.match(core)
    if not kind:
        return ""
    told = re.search(rf"(?:(?<=年)|(?<=的)|^(?![今去明前]年))[一-鿿]{{1,3}}{kind[1]}", last)
    return f"{last[: told.start()]}{core}{last[told.end() :]}" if told else ""


def _alike(one: str, other: str) -> float:
    """Shared character bigrams / all of them (Jaccard)."""
    first, second = bigrams(one), bigrams(other)
    return len(first & second) / len(first | second) if first | second else 0.0

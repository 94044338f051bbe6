"""A question that asks several things → one question for each, which can be answered alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.names import NameIndex
from index.years import NAMED_YEAR, years_in
from ingest.model import Report
from server.answering.asks import asks_something

MOST = 3
"""Questions that one question is taken apart into, at the most: each is searched for."""
_STANDS_ALONE = 10
"""Characters from which a part says of itself what it is about."""
_CLAUSE = re.compile(r"[^，。？！；,?!;]+[，。？！；,?!;]*")
_INTERROGATIVE = re.compile(
    r"多少|几|哪|谁|什么|啥|怎|咋|如何|为何|何时|吗|嘛|多[大久长高远]|是不是|有没有|是否|能不能"
)
_ASKED_TWICE = re.compile(rf"(?<=[一-鿿])、(?=[^，。？！；,?!;、]*(?:{_INTERROGATIVE.pattern}))")
_TAG = re.compile(r"^(?:[是对]吧|[是对]吗|真的[吗假]?.{0,2}|行吗|好吗|怎么回事|咋回事|是不是[啊呀]?)[？?。!！]*$")
_MERE_TONE = re.compile(r"[？?]|[呢嘛][，,。？?]*$|好几|几[回次]")
_BETWEEN = re.compile(r"、|，|,|；|;|以及|及其|及|和|与|还有")
_BEFORE = re.compile(
    r"之前|以前|前面|先前|原来|已经?|到现在|目前|眼下|现在|上一?轮|头一?年|过去|[未没](?:有|能)?(?:按[期时]|如期)"
)
_AFTER = re.compile(
    r"新的?[^，。；]{0,4}(?:时[限间]|期限|日期|节点|安排)|之后|以后|往后|今后|接下来|接着|后头|后面|下一步|将来?|打算|准备|还(?:要|会|想|打算|准备)|再(?=新?[增建开加扩培评改招引装添推])"
)
"""Words for what has been done and for what is planned; where a question has both, its parts mean the two years."""
_JOINS_YEARS = re.compile(r"^(?:和|与|跟|同|及|、|到|比|对比|相比)+|(?:和|与|跟|同|及|、|到|比|对比|相比)+$")
_ATTRIBUTE = (
    r"(?:数量?|额|率|量|值|比|比重|规模|投资|面积|金额|名称|全称|名单|时间|时限|期限|地点|位置|范围|对象|标准|条件|现状|情况|进展|"
    r"措施|安排|计划|目标|完成|机制|要求|做法|办法|状态|进度|结果|增速|增幅|产值|收入|户数|原因|内容|作用|含义|定义|主体|单位|部门)"
)
_ENDS_IN_ATTRIBUTE = re.compile(
    rf"{_ATTRIBUTE}(?:[值数]|情况)?(?:分别|各自?)?(?:是|为|有)?(?:多少|几[个项家]?|什么|哪些)?[？?。]*$"
)
_FIRST_ATTRIBUTE = re.compile(rf"的?(?:总|计划|完成|新增)?{_ATTRIBUTE}(?:[值数])?$")
_FAILED = re.compile(r"(?<=[一-鿿]{2})(?:未能?|没有?|没能)(?:按[期时]|如期|按计划)?[一-鿿]{0,4}$")
"""What did not come about, and so is not what is asked of it next."""
_GROUNDS = re.compile(r"为什么|为何|为啥|原因|考虑|依据|怎么会")
"""Who asks for the reason of a difference between two years asks one thing."""
_EACH = re.compile(r"(?:分别|各自?)(?:是|为|有|达到?)?(?:多少|几|什么|哪些|怎么样|如何).*$")
_ASKED = re.compile(
    r"[,，]?(?:一共|总共|分别|各|同比)?(?:是|有|为|达到?|控制在|增长|新增|完成|安排)?了?"
    r"(?:多少|几|什么|啥|哪|怎么|如何|多大|多久|谁|是不是|能不能).*$"
)


def sub_questions(question: str, report: Report, names: NameIndex) -> list[str]:
    """The questions that one question holds, each with its topic; empty where it asks but one thing."""
    ways = (_several_asks(question, names), _several_attributes(question, names), _each_year(question, report))
    found = next((found[:MOST] for found in map(_once, ways) if len(found) > 1), [])
    return _before_and_after(question, found, report)


_DONE_BEFORE = re.compile(r"已经?(?!知)|之前|以前|先前|原来|到现在为?止?|过去|截至")
_TO_COME = re.compile(
    r"以后|往后|今后|接下来|接着|后头|后面|下一步|打算|准备(?!金)|(?:还|将)(?:要|会)|会(?:再|加|扩|增|建|修|改|开)"
)


def meant_year(question: str, report: Report) -> int | None:
    """The year that a question without one means by speaking of what has been done, or of what is to come; None else."""
    before, after = bool(_DONE_BEFORE.search(question)), bool(_TO_COME.search(question))
    if before == after or years_in(question, report):
        return None
    return report.year_reviewed if before else report.year_planned


_AND_NEXT = re.compile(
    r"现状[与和及、]|(?:已|前头|之前|以前|去年)[^，。？]{0,12}[，与和及、][^。？]{0,12}(?:下一步|接着|后头|往后|今年|目标)"
)


def means_both_years(question: str, report: Report) -> bool:
    """Whether a question asks what has come of something and what is to come of it, and names neither year."""
    if years_in(question, report):
        return False
    return bool(_AND_NEXT.search(question)) or bool(_BEFORE.search(question) and _AFTER.search(question))


def _before_and_after(question: str, parts: list[str], report: Report) -> list[str]:
    """The parts, each with its year where one asks for what has been done and another for what is planned."""
    if years_in(question, report) or not (_BEFORE.search(question) and _AFTER.search(question)):
        return parts
    return [_told_year(part, report) for part in parts]


def _told_year(part: str, report: Report) -> str:
    """The part with the year that its last clause means, and without words for the other in the topic before it."""
    topic, comma, asking = part.rpartition("，")
    before, after = bool(_BEFORE.search(asking)), bool(_AFTER.search(asking))
    if before == after:
        return part
    year, other = (report.year_reviewed, _AFTER) if before else (report.year_planned, _BEFORE)
    return f"{year}年{other.sub('', topic)}{comma}{asking}" if year else part


def _once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _several_asks(question: str, names: NameIndex) -> list[str]:
    """Clauses that each ask; what is told before one belongs to it, and later ones that are short get the first's topic."""
    told, found, first = "", [], ""
    clauses = _CLAUSE.findall(_apart(question))
    is_plain = any(_INTERROGATIVE.search(clause) for clause in clauses)
    for clause in clauses:
        is_topic = is_plain and not _INTERROGATIVE.search(clause)
        if is_topic or not asks_something(_MERE_TONE.sub("", clause)) or _TAG.match(clause):
            told += clause
            continue
        words = clause.strip("，。？！；,?!; ")
        if len(_without_years(words)) >= _STANDS_ALONE or not first:
            found.append(f"{told}{words}")
        else:
            topic = _topic(first, names)
            is_dated = NAMED_YEAR.search(words) or _TO_COME.search(words)
            found.append(f"{_without_years(topic).strip('，') if is_dated else topic}，{words}")
        first, told = first or f"{told}{words}", ""
    return found


def _apart(question: str) -> str:
    """The question with a comma where 、 stands between two things that are each asked."""
    for mark in _ASKED_TWICE.finditer(question):
        before = re.split("[，。？！；,?!;]", question[: mark.start()])[-1]
        if _INTERROGATIVE.search(before):
            question = f"{question[: mark.start()]}，{question[mark.end() :]}"
    return question


def _each_year(question: str, report: Report) -> list[str]:
    """The question once for each of its two years."""
    years = years_in(question, report)
    if len(years) != 2 or _GROUNDS.search(question):
        return []
    return [_of_year(question, year, report) for year in years]


def _of_year(question: str, year: int, report: Report) -> str:
    """The question without the names of any other year."""
    kept, end = "", 0
    for match in NAMED_YEAR.finditer(question):
        kept += question[end : match.start()]
        end = match.end()
        if year in years_in(match.group(), report):
            kept += match.group()
        else:
            kept = _JOINS_YEARS.sub("", kept)
            end += len(question[end:]) - len(_JOINS_YEARS.sub("", question[end:]))
    return (
        kept + question[end:] if year in years_in(kept + question[end:], report) else f"{year}年{kept}{question[end:]}"
    )


def _several_attributes(question: str, names: NameIndex) -> list[str]:
    """Things listed with 、 or 和 that each end in what is to be told: a number, a name, a time."""
    asking = _EACH.search(question)
    tail = asking.group() if asking else ""
    listed = question[: asking.start()] if asking else question.strip("？?。 ")
    parts = [part.strip() for part in _BETWEEN.split(listed) if part.strip()]
    if (
        len(parts) < 2
        or any(NAMED_YEAR.fullmatch(part) for part in parts)
        or not all(asking or _ENDS_IN_ATTRIBUTE.search(part) for part in parts[1:])
    ):
        return []
    if not asking and not _ENDS_IN_ATTRIBUTE.search(parts[0]) and not NAMED_YEAR.search(parts[0]):
        return []
    first = _FAILED.sub("", _FIRST_ATTRIBUTE.sub("", parts[0]))
    topic, year = _topic(first, names), "".join(NAMED_YEAR.findall(parts[0])[:1])
    found = [] if not year and len(parts) > 2 and all(map(NAMED_YEAR.search, parts[1:])) else [parts[0]]
    for part in parts[1:]:
        if len(_without_years(part)) >= _STANDS_ALONE:
            found.append(part)
        else:
            found.append(f"{_without_years(topic)}{'' if NAMED_YEAR.search(part) else year}{part}")
    return [f"{part}{tail.replace('分别', '').replace('各', '')}" for part in found]


def _topic(words: str, names: NameIndex) -> str:
    """What a part is about: the name in it, else its words but for what asks."""
    named: Sequence[str] = [hit.name for hit in names.find(words) if hit.how == "exact"]
    return named[0] if named else _ASKED.sub("", words).strip("，,。？? ") or words


def _without_years(words: str) -> str:
    return NAMED_YEAR.sub("", words)

"""Which report a question is put to, where several are loaded: by the places and years it names, else by the conversation.

A question that names neither goes to the newest report of the place spoken of before, or of the default one; one that
names several places or years goes to several reports, to each with the question as it is asked of it alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from index.names import NameIndex
from index.normalise import fold
from index.search import Search
from index.stored import Known
from index.years import years_in
from ingest.model import Report, Term
from server.answering.asks import Ask, asks_of, split_parts
from server.answering.model import Turn

Way = Literal["first", "each", "choose"]
MOST = 6
"""Reports that one question is put to at the most: each is searched."""
COMPARED = 24
"""Reports whose definitions of a term are compared at the most: each is read for it."""
MOST_SAID = 10
"""Places that are named at the most where all are."""
_UNIT = re.compile(r"(?:自治[区州县旗]|[省市区县旗州盟])$")
_INNERMOST = re.compile(r".*?[省市州盟](?=.{2,})")
"""What stands before the innermost part of a place's name."""
_NAMES_SOMETHING_ELSE = r"(?!大?[路街巷桥站河湖湾港山村镇乡]|大道|胡同|公园|大厦|小学|中学|医院|大学|广场|小区|社区)"
"""A short name does not mean the place where it is part of the name of a street, a school, …"""
_ALL_PLACES = re.compile(
    r"(?:各|每个|所有|这几个|[两三四几]个)(?:区|县|市|地区|地方)(?:的|都|分别|之间)|(?:各|每|几|两|三|所有)(?:个|份)?报告(?:里|中|都|的|之间|分别)"
)
_BETWEEN_PLACES = re.compile(r"比|差|分别|谁|哪个?(?:区|县|市|地)|各(?:是|为|有)|[更最][高低多少大小快慢]|对照|对比")
_JOINS = r"(?:和|与|跟|同|及|以及|还有|比|对比|相比|、|，|,|vs\.?)"
_ASKS_WHICH = re.compile(
    r"(?:哪个?(?:区|县|市|地方|一?年)|哪个|谁)的?([^，。？?]*?)[更最比较]*[高低多少大小快慢](?:一?些|一?点)?(?=[，。？?\s]*$)"
)
"""Which of several has the higher value."""
_ASKS_CHANGE = re.compile(
    r"(?:都|各|分别)?(?:是)?(?:怎么|如何|怎样|咋)(?:变化?|走)的?|(?:有|发生了?)(?:什么|啥|哪些|多大)?变化|变化(?:情况|趋势|多少|如何)?|走势|趋势|"
    r"相比|(?:相|的)?差(?:了|距|额)?(?:是|有)?(?:多少|多大|几个百分点|几)?(?=[，。？?\s]*$)|[高低多少](?:出|了)?(?:多少|几个百分点|几)(?=[，。？?\s]*$)"
)
_YEARS = re.compile(
    r"(?:从|自|由)?(?<!\d)(?:19|20)\d{2}\s*年?(?:度)?(?:\s*(?:[-—–~～至到和与及跟、,，比]|对比)\s*(?:19|20)\d{2}(?!\d)\s*年?(?:度)?)*(?:之间|期间|以来)?"
)
_RANGE = re.compile(r"(?:19|20)\d{2}\s*年?\s*(?:[-—–~～至到])")
_PLANNED = re.compile(
    r"计划(?!.{0,6}完成)|目标|预期|预计|打算|力争|要达到|安排|准备|拟|将|要(?!求|点|闻|素)|会(?:不会|有)"
)
_DONE = re.compile(r"完成|实际|实绩|结果|做到|达到了|达成|了多少|已经|实现了?|去年")
_OF_REPORT = re.compile(
    r"(?:在|从|按|根据)?((?:19|20)\d{2})年?度?(?:的|那份|这份)?(?:国民经济和社会发展)?(?:计划)?报告(?:里面?|中|上|显示|说|写)*(?:的|，|,)?"
)
"""A report called by its year; what is asked of it is asked of it alone."""
_BARE = re.compile(r"[那么呢呀啊吧的，,。？?！!\s]|还有|另外|请问|换成|改成|如果是|要是|情况|怎么样|如何")


class Side(NamedTuple):
    """One report, and the question as it is put to it."""

    corpus: Known
    question: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where a question goes: to the `first` of the sides that answers, to `each`, or back to the asker, to `choose` one."""

    way: Way
    sides: tuple[Side, ...]
    missing: tuple[str, ...] = ()
    """What was named and no report loaded is about: places' years, in words."""

    @property
    def corpora(self) -> tuple[Known, ...]:
        """The reports, once each."""
        return tuple({side.corpus.report.id: side.corpus for side in self.sides}.values())


class Conversation(NamedTuple):
    """The last question, completed; the turns before it, completed; the report they were about."""

    question: str
    history: tuple[Turn, ...]
    before: Known | None


def in_words(corpora: Iterable[Known]) -> str:
    """The reports in words: each place with the years that its reports plan for."""
    years: dict[str, list[int]] = {}
    for corpus in corpora:
        report = corpus.report
        years.setdefault(report.place or f"《{report.title}》", []).append(report.year_planned or 0)
    said = [f"{place}（{'、'.join(str(year) for year in sorted(of) if year)}年）" for place, of in years.items()]
    return "、".join(said[:MOST_SAID]) + (f"等{len(said)}个地方" if len(said) > MOST_SAID else "")


def complete(question: str, history: Sequence[Turn], corpora: Sequence[Known]) -> Conversation:
    """Read a conversation: a turn that names but a place asks the last question of that place."""
    turns: list[Turn] = []
    last, before = "", None
    for turn in history:
        words = _moved(turn.content, last, corpora) if turn.role == "user" else turn.content
        turns.append(turn.model_copy(update={"content": words}))
        if turn.role == "user" and words.strip():
            last, before = words, route(words, corpora, before).sides[0].corpus
    return Conversation(_moved(question, last, corpora), tuple(turns), before)


def route(question: str, corpora: Sequence[Known], before: Known | None = None) -> Route:
    """Where a question goes; `corpora` are in order, the default report first, `before` is what was spoken of."""
    named = places_named(question, corpora)
    if len(named) < 2 and _ALL_PLACES.search(question):
        named = list(dict.fromkeys(corpus.report.place for corpus in corpora))
    if len(named) > 1 and _is_between(question, named, corpora):
        return _between_places(question, named, corpora)
    place = named[0] if named else (before or corpora[0]).report.place
    own = [corpus for corpus in corpora if corpus.report.place == place]
    return _of_place(question, own, [] if named or before else corpora, before)


def places_named(question: str, corpora: Iterable[Known]) -> list[str]:
    """The places of loaded reports that a question names, in its order."""
    folded = fold(question)
    places = tuple(dict.fromkeys(known.report.place for known in corpora))
    found = {place: _position(folded, names) for place, names in _names_by_place(places).items()}
    return sorted((place for place, at in found.items() if at >= 0), key=lambda place: found[place])


def place_names(place: str) -> tuple[str, ...]:
    """What a place is called, the longest first: in full, by its innermost part, and that without its unit."""
    inner = _INNERMOST.sub("", place, count=1) or place
    return tuple(dict.fromkeys(name for name in (place, inner, _UNIT.sub("", inner)) if len(name) >= 2))


def without_place(question: str, place: str) -> str:
    """The question without the place's name, where it is said with its unit; the short name may be part of another."""
    names = "|".join(re.escape(name) for name in place_names(place) if _UNIT.search(name))
    return re.sub(rf"(?:在)?(?:{names})(?:的|在|，|,)?", "", question) if names else question


def without_own_place(question: str, corpus: Known, names: NameIndex) -> str:
    """The question without the name of the report's place, unless it is part of the name of something there."""
    short = without_place(question, corpus.report.place)
    before, after = ([hit.name for hit in names.find(words)] for words in (question, short))
    return short if short and before == after else question


def speaks_of_another(question: str, others: Iterable[Known], report: Report) -> bool:
    """Whether a question names the place of another loaded report that this report never speaks of."""
    named = places_named(question, others)
    return any(all(name not in report.text for name in place_names(place)) for place in named)


def defined_in(searches: Mapping[str, Search], corpora: Sequence[Known], question: str) -> Route | None:
    """The way to every report that defines the term asked for otherwise than those before it; None where none does.

    A term of the default report that all define alike is asked of that one. The first COMPARED reports are looked at.
    """
    asks = asks_of(split_parts(question).asking)
    by_words: dict[str, Known] = {}
    for corpus in corpora[:COMPARED]:
        search = searches[corpus.report.id]
        for hit in search.names.find(question):
            item = search.entries[hit.row].item
            is_asked = Ask.DEFINITION in asks or hit.name == fold(question).strip("?？。")
            if hit.how == "exact" and is_asked and isinstance(item, Term):
                by_words.setdefault(fold(item.definition.of(search.entries[hit.row].corpus.report.text)), corpus)
    found = {corpus.report.id: corpus for corpus in by_words.values()}
    sides = tuple(Side(corpus, question) for corpus in found.values())[:MOST]
    return Route("each" if len(sides) > 1 else "first", sides) if sides else None


@lru_cache(16)
def _names_by_place(places: tuple[str, ...]) -> dict[str, list[re.Pattern[str]]]:
    """How each place is found in folded text; a name that two places share means neither."""
    names = {place: place_names(place) for place in places if place}
    shared = Counter(name for known in names.values() for name in known)
    return {
        place: [_pattern(name) for name in known if shared[name] == 1 or name == place]
        for place, known in names.items()
    }


def _pattern(name: str) -> re.Pattern[str]:
    is_short = not _UNIT.search(name)
    return re.compile(re.escape(fold(name)) + (_NAMES_SOMETHING_ELSE if is_short else ""))


def _position(folded: str, names: Iterable[re.Pattern[str]]) -> int:
    """Where the first of these names begins; -1 where none is there."""
    return min((match.start() for name in names if (match := name.search(folded))), default=-1)


def _is_between(question: str, named: Sequence[str], corpora: Iterable[Known]) -> bool:
    """Whether places are compared; else the first one's report is asked of the others, which it speaks of itself."""
    own = [corpus for corpus in corpora if corpus.report.place == named[0]]
    others = [name for place in named[1:] for name in place_names(place)]
    is_spoken_of = any(corpus.says(name) for corpus in own for name in others)
    return not is_spoken_of or bool(_BETWEEN_PLACES.search(question))


def _between_places(question: str, named: Sequence[str], corpora: Sequence[Known]) -> Route:
    sides: list[Side] = []
    missing: list[str] = []
    for place in named[:MOST]:
        own = [corpus for corpus in corpora if corpus.report.place == place]
        asked = _of_one(_without_places(question, named))
        found = _of_place(_dated(asked, own[0]), own, [])
        sides += found.sides[:1] if found.way == "first" else found.sides
        missing += found.missing
    return Route("each", tuple(sides[:MOST]), tuple(missing))


def _of_place(question: str, own: Sequence[Known], others: Sequence[Known], before: Known | None = None) -> Route:
    """Among the reports of one place, the newest first; `others` may be offered for a year that none of these is about.

    Without a year the report spoken of `before` goes on being asked; words such as 去年 are said as seen from the newest.
    """
    newest = own[0]
    years = years_in(question, newest.report)
    said = _OF_REPORT.search(question)
    by_year = [c for c in own if said and c.report.year_planned == int(said[1])]
    if by_year:
        asked = _without_places(_OF_REPORT.sub("", question), [by_year[0].report.place])
        return Route("first", (Side(by_year[0], asked or question),))
    if before is not None and before in own and not years:
        return Route("first", (Side(before, question),))
    is_said = any(str(year) in question for year in years)
    if len(years) > 1 and not is_said and set(years) & _covered(newest):
        return Route("first", (Side(newest, question),))
    if not years or any(set(years) <= _covered(corpus) for corpus in own if len(years) > 1):
        chosen = next((c for c in own if set(years) <= _covered(c)), newest)
        return Route("first", (Side(chosen, question),))
    if len(years) > 1:
        return _between_years(question, own, years)
    found = _about(question, years[0], own)
    if found and str(years[0]) not in question:
        found = [newest] if years[0] in _covered(newest) else found[:1]
    if found:
        return Route("first", tuple(Side(corpus, question) for corpus in found))
    elsewhere = [c for c in others if c not in own and years[0] in _covered(c)]
    speaking = [corpus for corpus in own if corpus.says(f"{years[0]}年")]
    if elsewhere and not speaking:
        return Route("choose", tuple(Side(corpus, question) for corpus in elsewhere[:MOST]))
    return Route("first", (Side(speaking[0] if speaking else newest, question),))


def _between_years(question: str, own: Sequence[Known], years: Sequence[int]) -> Route:
    """Each year asked of the report that says it best."""
    wanted = range(years[0], years[-1] + 1) if _RANGE.search(question) else years
    found = [(year, about[0]) for year in wanted if (about := _about(question, year, own))]
    missing = tuple(f"{own[0].report.place}{year}年" for year in wanted if year not in dict(found))
    sides = tuple(Side(corpus, _of_year(question, year)) for year, corpus in found[:MOST])
    if len(sides) < 2:
        return Route("first", (Side(found[0][1] if found else own[0], question),))
    return Route("each", sides, missing)


def _about(question: str, year: int, own: Sequence[Known]) -> list[Known]:
    """The reports about a year: of what was done the one that looks back on it, of what is planned the one that plans it."""
    planned = [corpus for corpus in own if corpus.report.year_planned == year]
    reviewed = [corpus for corpus in own if corpus.report.year_reviewed == year]
    is_plan = bool(_PLANNED.search(question)) and not _DONE.search(question)
    return [*planned, *reviewed] if is_plan else [*reviewed, *planned]


def _covered(corpus: Known) -> set[int | None]:
    return {corpus.report.year_reviewed, corpus.report.year_planned}


def _dated(question: str, newest: Known) -> str:
    """A question about a plan or a result that names no year, asked of the newest report's."""
    report = newest.report
    is_plan, is_done = bool(_PLANNED.search(question)), bool(_DONE.search(question))
    if is_plan == is_done or years_in(question, report):
        return question
    return f"{report.year_planned if is_plan else report.year_reviewed}年{question}"


def _of_year(question: str, year: int) -> str:
    """The question asked of one year alone."""
    said = iter([f"{year}年"])
    return _of_one(_YEARS.sub(lambda _: next(said, ""), question))


def _of_one(question: str) -> str:
    """A question about a difference or a change as one about a value."""
    asked = _ASKS_CHANGE.sub("", _ASKS_WHICH.sub(r"\1", question))
    if asked == question:
        return question
    return re.sub(r"(?:分别|各)?(?:是|为)?(?:多少|几)?[，,。？?！!\s]*$", "", asked) + "是多少"


def _without_places(question: str, places: Sequence[str]) -> str:
    """The question without the names of places, and without what joined them to others."""
    for place in places:
        names = "|".join(_pattern(name).pattern for name in place_names(place))
        question = re.sub(rf"{_JOINS}(?:{names})(?:的|在|相比)?|(?:{names})(?:的|在)?{_JOINS}?", "", question)
    return question.strip("，,的 ")


def _moved(question: str, last: str, corpora: Sequence[Known]) -> str:
    """The last question asked of the place that this one names, where it names nothing else; else as it is."""
    named = places_named(question, corpora)
    if len(named) != 1 or not last:
        return question
    rest = _without_places(_BARE.sub("", question), named)
    year = _YEARS.fullmatch(rest)
    if rest and not year:
        return question
    asked = _without_places(last, places_named(last, corpora))
    return f"{named[0]}{_YEARS.sub(rest, asked, count=1) if year and _YEARS.search(asked) else rest + asked}"

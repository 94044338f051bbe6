"""Rows of the plan table in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from index.normalise import fold
from index.synonyms import synonyms
from index.years import years_in
from ingest.model import Corpus, Indicator, IndicatorValue
from server.answering.cells import BODY, DONE, NUMBER, PLAN, compared, say_gap
from server.answering.cells import row_name as row_name
from server.answering.cells import with_unit as with_unit
from server.answering.draft import Draft, DraftSentence, Source
from server.answering.model import Status
from server.answering.plain import bigrams
from server.answering.table_blank import BLANK, blank_rows
from server.answering.table_compare import AGAINST, compare_named, compare_rows
from server.answering.table_premise import NOT_SO, taken_for_granted

_ABOUT_TABLE = re.compile(r"指标|表内|表上|大表|约束性|预期性|计划表|附件|附表|表里|表中|一栏|维度")
_SEVERAL = re.compile(
    r"项数|列名|哪些|哪几|哪[二两三四五六七八九十]|有(?:什么|啥)|列出|列举|都有|分别|(?:多少|几)(?:个|项|条|样)|[共有](?:多少|几)|指标的?(?:名称|名字|名单|清单|项数|个数|数量)"
)
_KEYWORDS = re.compile(r"的指标[？?。]*$|\s(?:指标|项数|个数|清单)(?:\s|$)|^指标\s|指标\s+(?:项数|个数|清单)")
"""Words put side by side that ask for rows of the table."""
_COUNT = re.compile(r"项数|指标数|个数|(?:多少|几)(?:个(?!百分|点)|项|条|样)|总数|数量|[共有](?:多少|几)")
_DIMENSION = re.compile(r"维度|类别|领域|哪一?[类块]|归[到在入]|属于哪")
_COMPARES = re.compile(
    r"(?:比|较|跟|和).{0,12}?(?:多|少|高|低|增加|减少|提高|下降|差|涨|降)|(?:多|少|高|低|差)(?:出)?(?:多少|几)|差多少|短了?(?:多少|几)|相差|净增|增量|"
    r"超[了出额]|没(?:有|能)?(?:完成|达到|达标)|是否(?:完成|达|超)|(?:完成|达标|达到)[^，。；]{0,6}[吗没么嘛吧]|超过(?:计划|目标|预期)|[多少高低]于(?!.*(?:考虑|原因|理由|为))|(?<![最差不至多])[多少][一-龥]{1,3}?几|[比较]\S{0,12}[多少超短]\S?了?(?:多少|几)"
)
_ALL_VALUES = re.compile(
    r"(?:[三两几]个?|各|每|所有|全部)(?:年度?|栏|列)?的?(?:数值|数字|数据|[栏列年值])(?![内轻])|历年|逐年|[三3]个数"
)
_ROW_NUMBERS = re.compile(
    r"序号(?:为|是)?第?(?P<a>\d{1,3}(?:[、和,，]\d{1,3})*)(?![\d.%至到-])|第(?P<b>\d{1,3})(?:[项号条个]|行)|(?<!\d)(?P<c>\d{1,3})号指标"
)
_UNIT_ASKED = re.compile(r"计量单位|(?<![任头管办用个])单位(?:是|为|呢|[？?，。]|$)|什么单位|[及和与、]单位")
_ASKS_DIMENSIONS = re.compile(
    r"(?:几|多少)(?:个|大|种)?(?:评价)?(?:维度|类别|领域|方面|板块|大?类)|"
    r"(?:哪些|哪几个?|哪一?个|哪[二两三四五六七八九十]个?|什么|每个?|各个?)(?:评价)?(?:维度|类别|领域|板块)|(?:维度|类别|领域|板块)(?:有|是|包括)?(?:哪|几|多少|什么|啥)"
)
_EVERY = re.compile(r"全部|全是|全为|都是|均为|都为|均是|清一色|只有")
LIKELY = 0.5
"""Share of the pairs of characters of a row's name that a question must have to mean the row."""
_COUNT_DIMENSIONS = re.compile(r"(?:几|多少)(?:个|大|种)?")
_ONE = re.compile(r"唯一|哪一?[项条个]|只有")

_YEAR_AND_ROLE = re.compile(r"((?:19|20)\d{2})年?[^，。、；？\d]{0,3}(目标|计划|预期|完成|实际|实绩)")
_OF_SOME = re.compile(
    r"完成|达到|超额|最[优好高多低]|负|类|跟[^，。？]{2,12}(?:有关|沾边|相关)|负责|牵头|头上|名下|归|管|那[一几]?[块类些]"
)
"""What is asked of some rows only."""
_NOT_MEANT = re.compile(
    r"(?:非|不[要是问看])[^，。；？（()）]*?(?:完成|实际|计划|目标|弄成|办成|做成|做到|达到|凑|最后)[^，。；？（()）]*"
)
"""A column that is named as the one not asked for."""
_AT_FIRST = re.compile(r"一开始|开头|年初|原先|本来|原定|当初")
"""Speaks of the plan that a result is known of by now."""
_GROUP = re.compile(r"类|维度|领域|块|方面|归")
"""Where a group of rows is spoken of, part of its name will do."""
_VALUE_ASKED = re.compile(r"多少|几(?!个?(?:部门|单位))|百分之|(?:完成|计划|目标|实际|预期)(?:值|数|量)|数[值字]")
_WHO = re.compile(
    r"责任(?:单位|部门|人)|牵头|主管|(?:哪|什么|啥)[^，。？]{0,3}(?:部门|单位|局|委|办(?![法事理])|口)|谁[^，。？]{0,3}(?:管|负责|抓|扛)|归(?:谁|哪)|由谁"
)
_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")
_FULL = re.compile(r"百分之百|百分百|100%")


def answer_table(question: str, corpus: Corpus) -> Draft | None:
    """What is asked of the table as a whole: rows by number, dimensions, rows compared or listed; None where nothing is."""
    rows = corpus.indicators
    if not rows:
        return None
    named = named_rows(question, rows)
    is_compared = bool(_COMPARES.search(question) or AGAINST.search(question))
    pair = (named or loosely_named(question, rows)) if is_compared else []
    others = others_asked(question, named[0]) if len(named) == 1 else []
    denied = len(named) == 1 and taken_for_granted(question, corpus, named[0])
    if others or denied:
        years = years_in(question, corpus.report)
        row = answer_row(question, corpus, named[0], years) if others else whole_year(question, corpus, named[0])
        row = replace(row, text=f"{NOT_SO}{row.text}") if denied else row
        return Draft(Status.ANSWERED_CORRECTION if denied else Status.ANSWERED, (row,))
    for sentences in (
        () if named else _numbered(question, corpus),
        compare_named(question, corpus, pair),
        () if named else _dimensions(question, corpus),
        () if named else blank_rows(question, corpus),
        () if named else compare_rows(question, corpus, _narrowed(question, rows)),
    ):
        if sentences:
            return Draft(Status.ANSWERED, sentences)
    return answer_list(question, corpus)


def answer_list(question: str, corpus: Corpus) -> Draft | None:
    """The rows whose attribute, dimension or value the question names; None where it asks for no rows or names none."""
    folded = fold(question)
    is_one = bool(_ONE.search(question)) and len(_tests(folded, corpus.indicators)) > 1
    is_short = bool(_KEYWORDS.search(question)) and not named_rows(question, corpus.indicators)
    is_of_body = bool(_named_others(folded, corpus.indicators)) and bool(
        re.search(r"指标(?:个?数量?|总数|[共一]?[共有](?:多少|几)[个项]?)?[？?。]*$", question)
    )
    if not ((_SEVERAL.search(question) or is_one or is_short or is_of_body) and _ABOUT_TABLE.search(question)):
        return None
    rows = _asked_rows(folded, corpus.indicators)
    if not rows:
        return None
    number = _count(rows)
    names = "；".join(f"{row.number} {row_name(row)}".strip() for row in rows)
    sources = tuple(Source(corpus, row.span) for row in rows)
    return Draft(
        Status.ANSWERED, (DraftSentence(f"共{number}项：{names}。", sources, "computed", frozenset({str(number)})),)
    )


def named_rows(question: str, rows: Sequence[Indicator]) -> list[Indicator]:
    """The rows whose whole name stands in the question, in its order; a name within a longer one is not meant."""
    left, found = fold(question), []
    for row in sorted(rows, key=lambda row: -len(row.name)):
        names = (fold(row.name), fold(_BRACKETED.sub("", row.name)))
        name = next((name for name in names if name and name in left), names[0])
        place = left.find(name)
        if name and place >= 0:
            found.append((place, row))
            left = left.replace(name, "\0" * len(name))
    return [row for _, row in sorted(found, key=lambda item: item[0])]


def loosely_named(question: str, rows: Sequence[Indicator]) -> list[Indicator]:
    """The two rows that a question names in part, each with words that the other lacks; [] where they are not two."""
    folded = fold(question)
    said = bigrams(folded)
    for word in re.findall(r"[a-z]{2,}", folded):
        said |= {pair for other in synonyms().get(word, ()) for pair in bigrams(other)}
    grams = {row.id: bigrams(fold(row.name)) for row in rows}
    likely = [row for row in rows if len(grams[row.id] & said) >= LIKELY * len(grams[row.id])]
    if len(likely) != 2:
        return []
    first, second = likely
    own = (grams[first.id] - grams[second.id], grams[second.id] - grams[first.id])
    if not all(grams_of & said for grams_of in own):
        return []
    return sorted(likely, key=lambda row: folded.find(fold(row.name)[:2]))


def gap_of_row(question: str, corpus: Corpus, row: Indicator) -> DraftSentence | None:
    """How far apart the two values of a row are that a question compares; None where it compares none."""
    pair = compared(question, row, corpus.report) if _COMPARES.search(question) else None
    return say_gap(corpus, row, *pair) if pair else None


def _numbered(question: str, corpus: Corpus) -> tuple[DraftSentence, ...]:
    """The rows asked for by their numbers."""
    found = [match.group("a") or match.group("b") or match.group("c") for match in _ROW_NUMBERS.finditer(question)]
    if not found or not (_ABOUT_TABLE.search(question) or "序号" in question):
        return ()
    numbers = {number for group in found for number in re.findall(r"\d+", group)}
    rows = [row for row in corpus.indicators if row.number.strip(".、") in numbers]
    years = years_in(question, corpus.report)
    return tuple(answer_row(question, corpus, row, years) for row in rows)


def _dimensions(question: str, corpus: Corpus) -> tuple[DraftSentence, ...]:
    """The dimensions with the number of their rows, and those whose rows all have the attribute named."""
    names = list(dict.fromkeys(row.dimension for row in corpus.indicators if row.dimension))
    about = _ABOUT_TABLE.search(question) or "维度" in question
    if len(names) < 2 or not (about and _ASKS_DIMENSIONS.search(question)):
        return ()
    if any(fold(name) in fold(question) for name in names):
        return ()
    groups = {name: [row for row in corpus.indicators if row.dimension == name] for name in names}
    extreme = re.search(r"最[多少]", question)
    if extreme:
        number = (max if extreme.group() == "最多" else min)(_count(rows) for rows in groups.values())
        chosen = {name: rows for name, rows in groups.items() if _count(rows) == number}
        return (_say_dimensions(corpus, f"指标{extreme.group()}的维度", chosen),)
    sentences = [_say_dimensions(corpus, f"共{len(names)}个维度", groups)]
    attributes = {row.attribute for row in corpus.indicators if row.attribute and row.attribute in question}
    if attributes and _EVERY.search(question):
        whole = {name: rows for name, rows in groups.items() if {row.attribute for row in rows} <= attributes}
        words = f"指标全部为{'、'.join(sorted(attributes))}的维度有{len(whole)}个"
        sentences.append(_say_dimensions(corpus, words, whole))
        if not _COUNT_DIMENSIONS.search(question):
            sentences = sentences[1:]
    return tuple(sentences)


def _say_dimensions(corpus: Corpus, opening: str, groups: Mapping[str, Sequence[Indicator]]) -> DraftSentence:
    """The dimensions with the number of rows of each, cited by their rows; all rows where there is none."""
    listed = "、".join(f"{name}（{_count(rows)}项）" for name, rows in groups.items())
    rows = [row for group in groups.values() for row in group] or list(corpus.indicators)
    results = frozenset(re.findall(r"\d+", opening)) | {str(_count(group)) for group in groups.values()}
    text = f"{opening}：{listed}。" if listed else f"{opening}。"
    return DraftSentence(text, tuple(Source(corpus, row.span) for row in rows), "computed", results)


def _count(rows: Sequence[Indicator]) -> int:
    """How many indicators the rows are: those of one number count once."""
    return len({row.number or row.id for row in rows})


def answer_row(question: str, corpus: Corpus, indicator: Indicator, years: Sequence[int]) -> DraftSentence:
    """One row in words: its values (of the years asked for, where it has them) with unit, and its attribute.

    Where who is responsible for it, or another column of its own, is asked for, that, and a value only if one is too.
    """
    if others := others_asked(question, indicator):
        values = (
            _values_asked(question, corpus, indicator, years)
            if _VALUE_ASKED.search(question) or _COMPARES.search(question)
            else ()
        )
        facts = [_say(value, indicator.unit, dated=True) for value in values]
        facts += [f"{title}为{words}" for title, words in others]
        facts += _attribute_of(indicator) if re.search("约束性|预期性|属性", question) else []
        sources = (Source(corpus, indicator.span), Source(corpus, indicator.header))
        return DraftSentence(f"{row_name(indicator)}：{'，'.join(facts)}。", sources, "composed")
    return _in_words(question, corpus, indicator, _values_asked(question, corpus, indicator, years))


def _in_words(question: str, corpus: Corpus, indicator: Indicator, wanted: Sequence[IndicatorValue]) -> DraftSentence:
    dated = len(indicator.values) > 1
    facts = [_say(value, indicator.unit, dated) for value in wanted]
    facts += _attribute_of(indicator)
    if indicator.unit and _UNIT_ASKED.search(question):
        facts.append(f"计量单位为{indicator.unit}")
    if indicator.dimension and _DIMENSION.search(question):
        facts.append(f"列在“{indicator.dimension}”下")
    text = f"{row_name(indicator)}：{'，'.join(facts)}。"
    header = (Source(corpus, indicator.header),) if dated else ()
    return DraftSentence(text, (Source(corpus, indicator.span), *header), "composed")


def _attribute_of(indicator: Indicator) -> list[str]:
    return [f"属于{indicator.attribute}指标"] if indicator.attribute else []


def others_asked(question: str, row: Indicator) -> list[tuple[str, str]]:
    """The cells of a row's other columns that a question asks for, by their titles or by asking who is responsible."""
    asks_who = bool(_WHO.search(question))
    return [(title, words) for title, words in row.others if title in question or (asks_who and BODY.search(title))]


def whole_year(question: str, corpus: Corpus, row: Indicator) -> DraftSentence:
    """The row with all values of the year asked for, by default the one carried out, so that plan and result stand side by side."""
    years = years_in(question, corpus.report) or (corpus.report.year_reviewed,)
    values = [value for value in row.values if value.year in years]
    return _in_words(question, corpus, row, values or row.values)


def _values_asked(
    question: str, corpus: Corpus, indicator: Indicator, years: Sequence[int]
) -> Sequence[IndicatorValue]:
    """The values of the years and roles asked for: of a year carried out the result, unless its plan is asked for."""
    if _ALL_VALUES.search(question):
        return indicator.values
    question = _NOT_MEANT.sub("", question)
    said = [(int(year), bool(DONE.search(role))) for year, role in _YEAR_AND_ROLE.findall(question)]
    plan, done = bool(PLAN.search(question)), bool(DONE.search(question))
    pair = compared(question, indicator, corpus.report) if _COMPARES.search(question) else None
    if pair:
        return sorted(pair, key=indicator.values.index)
    exactly = (
        [] if plan and done and len(said) < 2 else [v for v in indicator.values if (v.year, v.role == "完成") in said]
    )
    if exactly:
        return exactly
    of_year = [value for value in indicator.values if not years or value.year in years] or list(indicator.values)
    if plan != done:
        of_role = [value for value in of_year if (value.role == "完成") == done]
        first = [value for value in of_role if value.year == corpus.report.year_reviewed]
        return (first if plan and not years and _AT_FIRST.search(question) else []) or of_role or of_year
    if not plan:
        return [
            v for v in of_year if v.role == "完成" or not any(o.year == v.year and o.role == "完成" for o in of_year)
        ]
    return of_year


def _say(value: IndicatorValue, unit: str, dated: bool) -> str:
    """The value under its column's title; its year only where the table has values of several columns."""
    header = value.header if dated else re.sub(r"\d{4}年?", "", value.header) or value.role
    if BLANK.match(value.text):
        return f"{header}一栏为“{value.text}”，没有列出数值" if value.text else f"{header}一栏空着"
    return f"{header}{with_unit(value.text, unit)}"


def _asked_rows(folded: str, rows: Sequence[Indicator]) -> list[Indicator]:
    """The rows that fit everything the question names; [] where it names nothing of the table but the table."""
    tests = _tests(folded, rows)
    if not tests:
        is_all = bool(_COUNT.search(folded)) and not _OF_SOME.search(folded)
        return list(rows) if is_all else []
    return [row for row in rows if all(test(row) for test in tests)]


def _narrowed(question: str, rows: Sequence[Indicator]) -> list[Indicator]:
    """The rows of the attribute and the dimension that a question names; all where it names none."""
    tests = _tests(fold(question), rows, (_attribute, _dimension))
    return [row for row in rows if all(test(row) for test in tests)]


_Test = Callable[[Indicator], bool]
_CellOf = Callable[[Indicator], str]


def _tests(folded: str, rows: Sequence[Indicator], cells: Sequence[_CellOf] | None = None) -> list[_Test]:
    """What a row must fulfil to be meant: the attribute, dimension or value that the question names."""
    tests: list[_Test] = []
    for cell in cells or (_attribute, _dimension, _value):
        named = {cell(row) for row in rows if cell(row) and fold(cell(row)) in folded}
        if cell is _dimension and not named and _GROUP.search(folded):
            named = {
                cell(row) for row in rows if len(cell(row)) > 3 and {cell(row)[:2], cell(row)[-2:]} & bigrams(folded)
            }
        if named:
            tests.append(partial(_has, cell, frozenset(named)))
    others = _named_others(folded, rows) if not cells else set()
    if others:
        tests.append(lambda row: any(fold(words) in others for _, words in row.others))
    if not cells and _FULL.search(folded):
        tests.append(lambda row: row.unit == "%" and row.planned.number == 100 and _is_plain(row.planned.text))
    return tests


def _named_others(folded: str, rows: Sequence[Indicator]) -> set[str]:
    """The words of other columns that a question names, such as a body responsible."""
    cells = {
        fold(cell)
        for row in rows
        for title, cell in row.others
        if len(cell) > 2 and (cell in folded or BODY.search(title))
    }
    return {cell for cell in cells if any(_is_called(name, folded) for name in re.split("[、，,/ ]", cell))}


def _is_called(name: str, folded: str) -> bool:
    """Whether a question has a name, or the short form of a body's: its first character, some more in order, and its last."""
    core, folded = name.lstrip("省市区县州旗"), re.sub("[那这]个", "", folded)
    if len(name) > 2 and name in folded:
        return True
    short = re.search(f"{re.escape(core[0])}[一-鿿]{{1,4}}{re.escape(core[-1])}", folded) if len(core) > 2 else None
    return short is not None and _is_in_order(short.group(), core)


def _is_in_order(part: str, whole: str) -> bool:
    characters = iter(whole)
    return all(character in characters for character in part)


def _has(cell: _CellOf, named: frozenset[str], row: Indicator) -> bool:
    return cell(row) in named


def _attribute(row: Indicator) -> str:
    return row.attribute


def _dimension(row: Indicator) -> str:
    return row.dimension


def _value(row: Indicator) -> str:
    """A value in words, such as 达到上级要求; a number alone is too short to be named by accident."""
    return row.planned.text if row.planned.number is None and len(row.planned.text) > 3 else ""


def _is_plain(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None

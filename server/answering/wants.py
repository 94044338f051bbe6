"""Which unit a question's number must have."""

from __future__ import annotations

import re
from functools import lru_cache

from server.answering.numbers import Figure, figures

_MONEY = re.compile(r"多少(?:钱|资金|经费|投资|奖金)|资金|金额|投资额|总价|花了多少|投入多少|注册资本|几个亿|多少亿")
_PEOPLE = re.compile(r"多少(?:个)?(?:人|居民|老人|学生|孩子|群众)|几个人|人数|人次")
_SHARE = re.compile(
    r"百分之几|百分比|占比|比例|比率|覆盖率|合格率|失业率|就业率|增速|增幅|增长率|几成|百分点|(?:涨|增长?|降低?|下降|提高)了?(?:多少|几个?点|几成)(?![家个处万人张])"
)
_AREA = re.compile(r"多大(?:面积)?|面积|多少(?:平方米|平米|平方|公顷)")
_MEASURE = re.compile(r"(?:多少|几)\s*(场次|公里|[家个处栋条座所部支项场辆张套户间名块枚只件篇份届次岁年天月])")
_UNITS = {
    _MONEY: re.compile(r"元$"),
    _PEOPLE: re.compile(r"人$|人次$|名$"),
    _SHARE: re.compile(r"%$|百分点$|成$"),
    _AREA: re.compile(r"平方米$|公顷$|平方公里$"),
}
_COUNT_NOUN = re.compile(r"([家处栋条座所部项场辆张套户间名块枚只件篇份届次人列])数(?![据字值额])")
_HAN_FIGURE = re.compile(
    r"(?<![第十一二三四五六七八九百])(?:(?:[二两三四五六七八九]|[二三四五六七八九]?十[一二三四五六七八九]?|百)|(?<=不少于)一|(?<=不超过)一)"
    r"(?P<unit>个月|小时|个工作日|[年天日次周倍成折个家人元项])(?![以之来]?[行计规攻提]|体|级|类|届)"
)
"""A count in Chinese characters, as in 最长三年 or 不少于一次; 三年行动计划 and 第三次 are none."""
_ANY_COUNT = re.compile(r"[家个处栋条座所部支项场辆张套户间名件份次人]$|场次$")


def wanted_unit(question: str) -> re.Pattern[str] | None:
    """What the unit of the number asked for must look like; None where the question leaves it open."""
    measure = _MEASURE.search(question) or _COUNT_NOUN.search(question)
    if measure and measure[1] not in "个年":
        return re.compile(re.escape(measure[1]) + "$")
    for cue, unit in _UNITS.items():
        if cue.search(question):
            return unit
    return _ANY_COUNT if measure and measure[1] == "个" else None


def figures_wanted(text: str, unit: re.Pattern[str] | None) -> list[Figure]:
    """The figures in `text` that have the wanted unit; all but bare years where none is wanted."""
    found = [figure for figure in figures(text) if figure.unit != "年"]
    return [figure for figure in found if unit is None or unit.search(figure.unit)]


@lru_cache(16_384)
def has_figure(text: str, unit: re.Pattern[str] | None) -> bool:
    """Whether `text` has a figure as `figures_wanted` finds them, or one in Chinese characters."""
    if figures_wanted(text, unit):
        return True
    return any(unit is None or unit.search(found["unit"]) for found in _HAN_FIGURE.finditer(text))

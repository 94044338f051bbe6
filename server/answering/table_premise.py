"""What a question takes for granted of a table row, though the row says otherwise."""

from __future__ import annotations

import re

from index.normalise import fold
from ingest.model import Corpus, Indicator
from server.answering.cells import BODY, PLAN, UNREACHED, plan_and_result, reached
from server.answering.plain import bigrams

NOT_SO = "报告里不是这样说的："
"""What opens a correction."""
_ASKS = re.compile(r"是否|是不是|[吗嘛么][？?。]*$|有没有|没有?[？?。]*$|属于?(?:什么|哪)|还是")
_TAG = re.compile(
    r"[，,]?(?:请|帮我?)?(?:(?:是否|是不是)?(?:属实|正确|准确)|核[对实一]|确认|对[吧吗不]|是[吧吗]|没错吧)(?:一?下)?[吗么吧]?[？?。]*$"
)
"""Asks whether what was told is so."""
_TAKEN = re.compile(r"约束性|预期性")
_TOLD_BODY = re.compile(
    r"(?:责任|牵头|主管|负责)(?:的?(?:单位|部门|人))?[为是:：](?P<of>[一-鿿]{2,16})|[由归](?P<by>[一-鿿]{2,14}?)(?:牵头|负责|主管|管)"
)
_NO_BODY = re.compile(r"哪|谁|什么|啥|几")


def taken_for_granted(question: str, corpus: Corpus, row: Indicator) -> bool:
    """Whether the question gives the row another attribute or body than its cells, or calls a met plan missed."""
    if _ASKS.search(_TAG.sub("", question)):
        return False
    taken = set(_TAKEN.findall(question))
    is_other_attribute = len(taken) == 1 and bool(row.attribute) and row.attribute not in taken
    if is_other_attribute or _tells_other_body(question, row) or _tells_plan_as_result(question, row):
        return True
    cells = plan_and_result(question, corpus, row) if UNREACHED.search(question) else None
    return bool(cells and reached(*cells, row.name))


def _tells_other_body(question: str, row: Indicator) -> bool:
    """Whether another body is told to be responsible for the row than the one that its cell names."""
    told = _TOLD_BODY.search(_TAG.sub("", question))
    name = (told["of"] or told["by"]) if told else ""
    bodies = "，".join(words for title, words in row.others if BODY.search(title))
    if not name or not bodies or _NO_BODY.search(name):
        return False
    return not any(pair in bodies for pair in bigrams(name))


def _tells_plan_as_result(question: str, row: Indicator) -> bool:
    """Whether what was only planned is told as what a year came to: no word of planning, and the result is another one."""
    if PLAN.search(question):
        return False
    told = set(re.findall(rf"(?<![\d.])(\d+(?:\.\d+)?){re.escape(fold(row.unit))}", fold(question)))
    years = {value.year for value in row.values if value.role == "完成" and f"{value.year}年" in question}
    done, planned = (_numbers(row, years, role) for role in ("完成", "计划"))
    return bool(row.unit) and bool(told & (planned - done)) and not told & done


def _numbers(row: Indicator, years: set[int | None], role: str) -> set[str]:
    cells = (value for value in row.values if value.year in years and value.role == role)
    return {number for value in cells for number in re.findall(r"\d+(?:\.\d+)?", fold(value.text))}

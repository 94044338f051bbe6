"""What a question tells, beside what it asks: the clauses that hold something as a fact, in plain words."""

from __future__ import annotations

import re

from server.answering.plain import plain

LONGEST = 3
"""Clauses that a question may have; one of more tells a story."""
_CLAUSE = re.compile(r"[，。？！；,?!;]+")
_WHY = re.compile(
    r"(?:到底|那)?(?:为什么|为啥|为何|凭啥|凭什么|咋就?|怎么(?=[^，]{0,3}(?:[多少高低大小涨降升减没停会就还又]|不(?!到)))|(?:是)?(?:因为|由于)?(?:什么|啥)(?:原因|缘故|回事)(?:呢|造成的)?)|的(?:依据|原因|理由)(?:何在|是什么|是啥|在哪)?$"
)
_OPEN = re.compile(
    r"多少|几(?!乎)|哪(?!够|能有)|谁|什么|啥|怎|咋|如何|何时|何地|多[大久长高远快]|来着|(?:情况|原因|依据|安排|名单|结果|效果|呢)$"
)
_NEUTRAL = re.compile(
    r"是否|能否|有无|可否|有没有|(?:是[^，]+|[大小高低多少升降涨跌增减]|吗|了)还是|(?![是对])([\u4e00-\u9fff])不\1|([\u4e00-\u9fff])没\2|可不可以|[了过着好成完方](?:没|没有)$|还没有$|[^对是]不$|没得$|是[^不]是."
)
"""Asks whether something is so without holding it so."""
_STORY = re.compile(rf"(?!.*是否)(?:{_NEUTRAL.pattern})")
"""What the neutral question at the end of a story has."""
_PLAIN = re.compile(r"^(?![^，]*不是)(?:是已经|20\d\d年|[^就只都已早\d])*(?<!对)(?<!是)吗$")
"""Likewise, without a word that holds it so."""
_SUPPOSED = re.compile(r"^(?:那|就)?(?:假如|假设|假定|如果|若(?!干)|要是|倘若|万一)")
_OWN = re.compile(
    r"我(?![区县市省国们听])|我们(?=[楼院家店村这那])|儿子|闺女|女儿|俺|娃|老[公婆伴乡]|[爸妈爷奶]|室友|同事|邻居|下班|小本买卖|(?<![所有的些位])上岁数(?!的)|家里"
)
"""Tells of oneself, which no report bears out or denies."""
_KEYWORDS = re.compile(
    r"^[^了是就才只都已还又没未不超达]*(?:数|率|额|量|目标|面积|进度|时间|地点|计划|标准|规模|比例)$"
)
_SENTENCE = re.compile(
    r"(?<![英人专天])才|未|仅限?|下降|减少|回落|上升|突破(?!性)|[了是吧吗没不就都还又只已么嘛呢几哪啥谁怎被]|什么|多少|为何|何|凭|听说|据说|既然|作为|定为|列[为入]|由|受|获|评[为上]|对否|正确|准确|确认|核实|属实|的(?:依据|原因|理由)$"
)
"""What a sentence has and a row of key words lacks."""
_TAG = re.compile(
    r"^(?:对[吗么不否吧嘛]|对不对?|没[记搞弄]错吧?|是否(?:正确|准确|如此)|(?:正确|准确)[吗么]|是[吗么吧嘛]|是不是|是这样[吗么吧]|没错吧|真的[吗么]|真的假的|(?:请|帮我?)?(?:确认|核实)(?:一下|下)?|(?:是否|是不是)?属实[吗么]?|不是[吗么]|这么[多少高低大小]|太[^，]{1,8}|这也叫[^，]+)$"
)
_MARK = re.compile(r"是不是|不是(?=[^，]*[吗嘛么])|不就(?=[^，]*[吗嘛么])|对[吗不吧]$|是[吗吧]$|(?:我?听|据|都)说|说是")
_EITHER = re.compile(r"(?![是对])([\u4e00-\u9fff])不\1|([\u4e00-\u9fff])没\2|是否|(?<=.)(?:没有?|不|[吗么嘛吧])$")
_CONFIRMS = re.compile(
    r"吧|嘛|对[吗么不吧]|是[吗么吧]|是不是|不是|不就|真的|没错|[记搞弄]错|对否|正确|准确|既然|确认|核实|属实"
)
_TURNED = re.compile(
    r"(?:下降|减少|降低|上升|上涨|涨|跌|掉|缩水|减产|增长|提高|扩大|缩小)了(?=多少|几)|唯一的[^，]+(?=[是在]哪)"
)
"""How much something rose tells that it did."""
_AFTER = re.compile(
    r"^([^，]{1,12}?[建修投开竣完搬启挂装通并成][^，]{0,4}?)(?:以后|之后|后)(?![年天面续勤期备])(?![^，]*[能会要将])"
)


def told(question: str) -> list[str]:
    """The clauses of a question that tell something; none where it only asks.

    A clause that asks why tells what it asks the reason of; one that asks for something, neutrally whether something
    is so, or supposes it tells nothing. What comes before a neutral question is a story.
    """
    if not _SENTENCE.search(question):
        return []
    clauses = [clause for clause in _CLAUSE.split(plain(question)) if clause and not _TAG.match(clause)]
    if not clauses or len(clauses) > LONGEST:
        return []
    if _STORY.search(clauses[-1]) and not confirms(question):
        return [f"{after[1]}后"] if (after := _AFTER.search(clauses[-1])) and not _OWN.search(question) else []
    own = next((i for i, clause in enumerate(clauses) if _OWN.search(clause)), len(clauses))
    return [kept for clause in clauses[:own] if (kept := _told(clause))]


def held_up(question: str) -> list[str]:
    """The clauses of a question that tell something, or ask whether it is so, as if they told it."""
    clauses = [clause for clause in _CLAUSE.split(plain(question)) if clause and not _TAG.match(clause)]
    stated = (_MARK.sub("", _EITHER.sub(_one, clause)) for clause in clauses if not _OWN.search(clause))
    return [clause for clause in stated if clause and not _OPEN.search(clause) and not _SUPPOSED.search(clause)]


def _one(match: re.Match[str]) -> str:
    """The word that is held up and denied, once: 能不能 is 能, 有没有 is 有, 是否 nothing."""
    return match[1] or match[2] or ""


def confirms(question: str) -> bool:
    """Whether a question holds something to be so and wants it confirmed, as with 吧, 对吗 or 是不是."""
    return bool(_CONFIRMS.search(question))


def _told(clause: str) -> str:
    without = _WHY.sub("", clause)
    if _SUPPOSED.search(clause) or _NEUTRAL.search(without) or _PLAIN.search(without):
        return ""
    if without == clause and _KEYWORDS.search(clause):
        return ""
    turned = _TURNED.search(without)
    if turned:
        return without[: turned.end()]
    if _OPEN.search(without):
        after = _AFTER.search(without)
        return f"{after[1]}后" if after and not _OPEN.search(after[1]) else ""
    return _MARK.sub("", without)

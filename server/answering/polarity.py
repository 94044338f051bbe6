"""The 是的 or 不是 that opens an answer, where the words found decide what is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.normalise import fold
from index.synonyms import synonyms
from ingest.model import Corpus, Indicator, Term
from server.answering.amounts import amounts, han_value
from server.answering.asks import Ask
from server.answering.candidates import Candidate
from server.answering.cells import SURPASSED, UNREACHED, plan_and_result, reached
from server.answering.claims import BUILT
from server.answering.conditions import keeps
from server.answering.denial import bears_out, is_not_so
from server.answering.focus import nearest
from server.answering.matching import match
from server.answering.plain import plain
from server.answering.questions import Query
from server.answering.told import held_up

SURE = 0.5
"""Share of the question's weight that an answer must speak of where it decides a matter."""
MEANT = 0.24
"""Likewise for nearness in meaning."""
SAME = 0.5
"""How well a word must stand in the words found, itself or in other words, to be affirmed."""
ALIKE = 0.5
"""Likewise for its nearness in meaning."""
FAR = 0.2
"""Nearness in meaning below which a word is not spoken of at all."""
MOST = 0.45
"""Share of the weight of the words asked that must be affirmed."""
TOLD = 0.3
"""Share of the story's weight that must be spoken of where it is asked whether one may."""
_ASKS = re.compile(r"是否|是不是|真的假的|可否|能否|是/否")
_CLAUSE = re.compile(r"[^，。？！；,?!;]+[，。？！；,?!;]*")
_WHETHER = re.compile(
    r"是否|是不是|有没有|可不可以|可否|能否|对不对|真的假的|是/否|(?![是对好])([\u4e00-\u9fff])不\1|有无|(?:吗|嘛|(?<!什)么|没|没有|(?<!对)不|吧)[呀啊呢]?[，。？！；,?!;]*$"
)
_OPEN = re.compile(r"多少|几(?!乎)|哪|谁|什么|啥|怎|咋|如何|为何|多[大久长高]")
_TWICE = re.compile(r"([\u4e00-\u9fff])不\1")
_FREE = r"免费|免收|免[交缴除]|全额(?:补[贴助]|减免|报销|资助)|无偿|不收(?:取|费)|由[^，。；]{0,6}(?:财政|政府|公家)[^，。；]{0,4}(?:承担|负担|兜底|出资|全包)"
_PAID = r"收取|自费|自付|自筹|付费|票价|缴纳"
_KEPT = r"保留|延续|继续|延长|照常|不(?:减少|撤|变|取消|停|关)"
_STOPPED = r"关[停闭]|取消|撤销|停(?:发|办|止|运|业)|终止"
_UNHARMED = r"零(?:伤亡|死亡)|(?:未|没有|无)(?:发生|造成|出现)?(?:重大)?(?:人员)?(?:死亡|伤亡|失踪)"
_HARMED = r"造成[^，。；]{0,8}(?:死亡|遇难)|\d人(?:死亡|遇难|失踪)"
_NEVER = re.compile(r"(?!)")
_ONLY_FIRST = re.compile(r"[前首]\d+(?:分钟|小时|次|[天日名年月])")
"""Free for the first so many: of the rest nothing is told."""
_GROUP = re.compile(
    r"\d+周?岁|低保|特困|困难|老年?人|学生|[女男]生|残疾人|军人|患者|孤儿|儿童|幼儿|脱贫|户籍|对象|新生|毕业生|农户|企业"
)
_AGE = re.compile(
    r"(?:(?<!\d)|(?<=[妈爸爷奶婆公姥娘伴]))(\d{2,3}|[二三四五六七八九]?十[一二三四五六七八九]?)(?:多?周?岁|了|(?=[，,)）]))"
)
_AGE_BOUND = re.compile(r"(\d{1,3})周?岁(?:及|或)?(以上|以下|以内)")
_MAY = re.compile(
    r"能不能|可不可以|行不行|可否|能否|(?:可以|(?<![智功性节效产机职才动])能(?!源|力|耗|量|效))[^，。？]{0,20}[吗么嘛不没][？?。]*$"
)
"""Who asks whether one may, asks it of somebody: what is told of them must be met too."""
_BELONGS = re.compile(r"归|算|属于|包括|包含|在内|是不是(?:也|一种)|管(?:不管|得着|不着|我|他)")
_FORBIDS = re.compile(r"不(?:可|得(?![少低高超多])|能|予|再|准|许)|禁止|严禁|停止|暂停")
_ALREADY = re.compile(
    r"[了过](?:没有?|吗|么|不|吧)[呀啊呢]?[，。？！；,?!;]*$|(?:现在|眼下|已经?)[^，。？]{0,8}[能可][^，。？]*[吗么不没吧][？?。]*$"
)
"""Asks whether something has come about by now."""
_IN_USE = re.compile(rf"{BUILT}|开放|运行|开诊|开馆|入驻")
_NOT_YET = re.compile(r"(?:尚|还|仍|暂)(?:未|没|无法|不能)|未(?:获|能|完|到|作|做)|没有(?!发生)|暂不")
_AHEAD = re.compile(
    r"(?:月|年)?底前|年内|[\d上下]月(?:建成|完工|投用|开放|通车)|力争|争取|(?<!行动)计划|预计|具备[^，]{0,6}条件|封顶|在建|正在"
)
_FILLED = re.compile(
    r"(?:给出|列出|填|写|公布|定|设)(?:了|有)?(?:具体)?[^，。？]{0,4}(?:数|值)|(?:是否|有没有)(?:设[定置]?|制?定)[^，。？]{0,4}(?:计划|目标)|有无[^，。？]{0,6}(?:计划|目标|数值)"
)
_OCCURS = re.compile(r"发生|出现|有没有|有过")
_COMPLETES = re.compile(r"完成|达到|达标|达成|实现|做到|够数|超(?:额|过|出|了)")


@dataclass(frozen=True, slots=True)
class _Matter:
    """Something that can be asked in everyday words: how, what words say that it is so, and what that it is not."""

    asked: re.Pattern[str]
    so: re.Pattern[str]
    not_so: re.Pattern[str]
    denial: str


_MATTERS = (
    _Matter(
        re.compile(
            r"免费|不(?:需?要|用|花|收|掏|交)(?:我们?|自己)?[花掏交出付]?(?:一分)?钱|免(?:收|交|缴)|白(?:送|坐|看|给)"
        ),
        re.compile(_FREE),
        re.compile(_PAID),
        "不是，",
    ),
    _Matter(
        re.compile(r"[掏花交付要收]钱|[付自收缴]费|[买购]票|[得要用]交(?![通流易给])|自己?(?:掏|出(?![去来门行])|付)"),
        re.compile(_PAID),
        re.compile(_FREE),
        "不用，",
    ),
    _Matter(
        re.compile(
            r"(?:还|继续)(?:能|会|给|有)?(?:发|补|给|办|领|留|开门|营业)(?:钱|我们)?[吗么嘛不没了？?]|保留[^，。]*[吗么嘛]"
        ),
        re.compile(_KEPT),
        re.compile(_STOPPED),
        "不会，",
    ),
    _Matter(
        re.compile(r"还(?:要|得|用|需要?|非得|必须)[^，。？]{0,12}[吗么嘛不没][？?。]*$"),
        re.compile(r"继续|仍[须需]|仍然|照常"),
        re.compile(r"告别|不再|无[须需]|不必|免于|取消|结束(?:了|长期|多年)"),
        "不用，",
    ),
    _Matter(
        re.compile(r"关(?:门|了|掉|停|闭)|取消|撤(?:了|掉|销)|停(?:了|办|掉|发|运|业)|不(?:办|发|补|给|干)了|到头"),
        re.compile(_STOPPED),
        re.compile(_KEPT),
        "不是，",
    ),
    _Matter(
        re.compile(r"[死伤](?:过|了)?[^，。？]{0,3}人|人[^，。？]{0,2}(?:死|没了|遇难|失踪)|伤亡|出人命|遇难|丧命"),
        re.compile(_HARMED),
        re.compile(_UNHARMED),
        "没有，",
    ),
    _Matter(
        re.compile(r"(?:调整|变动|动)(?:过|了)?(?:没有?|吗|么)|是否(?:调整|变动|有变化)"),
        re.compile(r"调整为|提高到|降低?到|上调|下调"),
        re.compile(r"不变|未作?(?:出)?调整|没有(?:调整|变)|维持"),
        "没有，",
    ),
    _Matter(
        re.compile(r"(?:突破|超(?:过|出|了)?|越过)[^，。？]{0,8}(?:红线|上限|限额|控制线|底线|预算|指标)"),
        re.compile(r"突破(?!性)|超出|超标|高于|多用"),
        re.compile(r"少用|低于|未(?:突破|超)|没有?(?:突破|超)|不超|控制在[^，。；]{0,14}(?:以[内下]|之内)|结余"),
        "没有，",
    ),
    _Matter(
        re.compile(r"(?<!提)(?:涨|提高|上升|增加)[^，。？]{0,4}[吗么嘛没不点些？?]"),
        re.compile(r"涨|提[高升]|上升|增[加长至]|扩大"),
        _NEVER,
        "",
    ),
    _Matter(
        re.compile(r"(?:降(?![水雨温])|下降|减少|缩短)[^，。？]{0,4}[吗么嘛没不点些？?]"),
        re.compile(r"下?降|减|缩|回落|下调"),
        _NEVER,
        "",
    ),
)


def opening(query: Query, best: Candidate) -> str:
    """The word that answers a question whether something is so; '' where none is asked or the words do not decide it."""
    clauses = [clause for clause in _CLAUSE.findall(query.text) if _WHETHER.search(clause) and not _OPEN.search(clause)]
    asks = query.asks[0] is Ask.YES_NO or bool(_ASKS.search(query.asking)) or any(map(_BELONGS.search, clauses))
    item = best.evidence.entry.item
    if isinstance(item, Indicator):
        return _of_row(query.text, best.source.corpus, item) if clauses or asks else ""
    if not clauses and not asks:
        return ""
    said, is_plan = best.source.text, best.year == best.source.corpus.report.year_planned
    kept = keeps(query.text, said) if clauses and _near(best) else None
    if kept is False:
        return "不能，" if re.search("能(?![源力耗量效])[^，。？]*[吗么嘛不没]", query.text) else _no(query.text)
    matter = next((m for m in _MATTERS if m.asked.search(_TWICE.sub(r"\1", query.text))), None)
    if matter:
        so = decided(query, matter, said)
        is_so = so and _near(best) and bears_out("".join(clauses) or query.text, said, is_plan=is_plan)
        return matter.denial if so is False else _yes(query.text) if is_so else ""
    asked = "".join(clauses) if any(map(held_up, clauses)) else query.text
    if (
        denied(query, said)
        or negated(query, said)
        or outside(query.text, said)
        or only_a_stage(asked, said)
        or is_not_so(asked, said, is_plan=is_plan, year=best.year)
        or (_near(best) and (not_yet(asked, said) or forbidden(query.text, said)))
    ):
        return _no(query.text)
    if kept and _MAY.search(query.text):
        return "可以，"
    is_so = asks and (
        (_near(best) and is_done(query.text, asked, best))
        or (bears_out(query.text, said, is_plan=is_plan) and _affirmed(query, best))
    )
    return _yes(query.text) if is_so else ""


def is_done(question: str, asked: str, best: Candidate) -> bool:
    """Whether it is asked if something can be used or will be built, and what speaks of it tells that it is or will be."""
    said, is_plan = best.source.text, best.year == best.source.corpus.report.year_planned
    near = nearest(plain(question), plain(said))[0]
    if is_plan:
        return bool(re.search(rf"[能会](?:{BUILT})", plain(asked))) and bool(_BUILT.search(plain(said)))
    is_used = _ALREADY.search(asked) or re.search(r"能[^，。]{1,8}了没", asked)
    return bool(is_used) and bool(_IN_USE.search(near)) and not _AHEAD.search(near)


def not_yet(asked: str, said: str) -> bool:
    """Whether it is asked if something has come about, and what speaks of it says that it has not, or that it will."""
    if not _ALREADY.search(asked) or _NEGATES.search(_TWICE.sub(r"\1", _ALREADY.sub("", plain(asked)))):
        return False
    near, both = nearest(plain(asked), plain(said))
    return bool(_NOT_YET.search(both)) or bool(_AHEAD.search(near) and not re.search("已|完成|正式|圆满", near))


def forbidden(question: str, said: str) -> bool:
    """Whether one asks if one may, and what speaks of it forbids that."""
    _, both = nearest(plain(question), plain(said))
    return (
        bool(_MAY.search(question)) and bool(_FORBIDS.search(both)) and not _FORBIDS.search(_TWICE.sub(r"\1", question))
    )


def negated(query: Query, said: str) -> bool:
    """Whether the clause that speaks best of the question, or the one behind it, negates the last word asked."""
    if not query.asked or _NEGATES.search(_TWICE.sub(r"\1", plain(query.text))):
        return False
    word = query.asked[-1].word
    _, near = nearest(plain(query.asking).replace(word, ""), plain(said))
    words = "|".join(re.escape(other) for other in (word, *synonyms().get(word, ())) if len(other) > 1)
    return bool(words) and bool(re.search(rf"{_NEGATES.pattern}[^，。；]{{0,8}}(?:{words})", fold(near)))


def outside(question: str, said: str) -> bool:
    """Whether one asks if one may with less of something (不到三年) than the words found ask for (三年以上)."""
    if not _MAY.search(question) and not re.search(r"能[^，。？]*[不吗么没][？?。]*$", question):
        return False
    needed = [amount for amount in amounts(plain(said)) if amount.bound in ("least", "above")]
    own = [amount for amount in amounts(_LESS.sub("不足", plain(question))) if amount.bound in ("below", "most")]
    return any(a.unit == b.unit and a.high <= b.low for a in own for b in needed)


def only_a_stage(asked: str, said: str) -> bool:
    """Whether it is asked if something is built, open or finished, and what speaks of it tells only a stage before."""
    if not _BUILT.search(asked) and "完成" not in asked:
        return False
    near, both = nearest(_BUILT.sub("", plain(asked)), plain(said))
    return bool(_BEFORE_BUILT.search(near) or _BEHIND.search(both)) and not _BUILT.search(near)


def _near(best: Candidate) -> bool:
    """Whether the words found speak enough of the question for a matter that they decide."""
    return best.spoken >= SURE or best.meaning >= MEANT


def _affirmed(query: Query, best: Candidate) -> bool:
    """Whether the words found say all that is asked: the last word, the most telling one, and none is far from them.

    What is asked comes last in Chinese. A report that speaks of stations does not say that there will be a railway one.
    """
    said = fold(best.words)
    if isinstance(best.evidence.entry.item, Term) and _BELONGS.search(query.text):
        return _is_of_kind(query, best)
    words = [(word, met) for word, met in zip(query.asked, best.met, strict=True) if len(word.word) > 1]
    if not words or _is_untold(query, best):
        return False
    found = [match(word.word, said) >= SAME or met >= ALIKE for word, met in words]
    nouns = [i for i, (word, _) in enumerate(words) if word.noun] or range(len(words))
    heaviest = max(nouns, key=lambda i: words[i][0].weight)
    share = sum(w.weight for (w, _), there in zip(words, found, strict=True) if there) / sum(w.weight for w, _ in words)
    is_far = any(not there and met < FAR and word.noun for (word, met), there in zip(words, found, strict=True))
    return found[-1] and found[heaviest] and not is_far and share >= MOST


def _is_untold(query: Query, best: Candidate) -> bool:
    """Whether one asks if one may, and the words found speak of nothing that one tells of oneself, or forbid something."""
    told = best.feature("told_here") + best.feature("told_near")
    may = _MAY.search(query.text)
    if not may:
        return False
    nouns = [word.word for word in query.told if word.noun and len(word.word) > 1]
    said = fold(best.words)
    unknown = [noun for noun in nouns if match(noun, said) < SAME]
    return bool(_FORBIDS.search(best.source.text)) or (bool(query.told) and told < TOLD) or bool(unknown)


def _is_of_kind(query: Query, best: Candidate) -> bool:
    """Whether a definition names the thing asked, or its kind by the character that ends its name: 岗亭 is of 亭站类."""
    said, names = fold(best.words), fold(best.evidence.entry.titles)
    asked = [word.word for word in query.focus if len(word.word) > 1]
    heads = {word.removesuffix("子")[-1] for word in asked if word not in said}
    is_named = any(
        word.noun and word.word in said and word.word not in names for word in query.focus if len(word.word) > 1
    )
    return is_named or any(head in said for head in heads)


def decided(query: Query, matter: _Matter, said: str) -> bool | None:
    """Whether the words found say that the matter asked is so.

    A rule and its exception may stand side by side: the last clause that speaks of whom the question speaks of decides,
    and a clause about some people only decides for those.
    """
    for clause in reversed(re.split(r"[，。；;,]", fold(said))):
        so, not_so = matter.so.search(clause), matter.not_so.search(clause)
        found = not_so or so
        if found is None or (so and not_so) or _ONLY_FIRST.search(clause):
            continue
        if _is_meant(query, clause[: found.start()]):
            return not_so is None
    return None


def denied(query: Query, said: str) -> bool:
    """Whether the words found deny one of the words asked."""
    words = {other for item in query.asked for other in (item.word, *synonyms().get(item.word, ())) if len(other) > 1}
    asked = fold(query.text)
    named = "|".join(
        re.escape(word) for word in sorted(words) if not re.search(f"[不未没无零]{re.escape(word)}", asked)
    )
    return bool(named) and bool(re.search(f"{_DENIES}(?:{named})", fold(said)))


_LESS = re.compile(r"短于|不满|没满|不够|没到|未满|还差")
_BUILT = re.compile(BUILT)
_BEHIND = re.compile(
    r"(?:进度|进展)[^，。；]{0,3}(?:滞后|缓慢|偏慢)|(?:仅|只|全年|累计)完成[^，。；%]{0,10}(?<!\d)\d{1,2}(?:\.\d+)?%|[仅只]完成[^，。；]{0,6}(?:施工|工程|主体|基础)"
)
_BEFORE_BUILT = re.compile(
    r"阶段性|桩基|具备[^，]{0,6}条件|前期|可行性|可研|选址|立项|勘察|论证|主体封顶|合龙|开工建设|启动"
)
_NEGATES = re.compile(r"(?:暂?不(?![断仅但少低高超小大足同止是])|未(?!来)|没有?|不再|不得|禁止|无法)")
_DENIES = r"(?:(?:不|未|没有?|无|零|禁止)(?:可|得|能|予|再)?(?:够?按[期时]|如[期约]|及时|全部|正式|实际)?|(?:未|没有?)(?:发生|出现|造成|新增)(?:一[起户例人次])?)"


def _is_meant(query: Query, whom: str) -> bool:
    """Whether the question is of those whom a clause speaks of; a clause that names no group speaks of all."""
    if not _GROUP.search(whom):
        return True
    bound, age = _AGE_BOUND.search(whom), _AGE.search(query.text)
    if bound and age:
        years = int(age[1]) if age[1].isdigit() else int(han_value(age[1]))
        return years >= int(bound[1]) if bound[2] == "以上" else years <= int(bound[1])
    words = {other for item in query.focus for other in (item.word, *synonyms().get(item.word, ()))}
    return any(word[i : i + 2] in whom for word in words for i in range(len(word) - 1))


def _of_row(question: str, corpus: Corpus, row: Indicator) -> str:
    """Of a table row: whether it has the attribute asked for, is filled in, or came up to its plan."""
    named = [word for word in ("约束性", "预期性") if word in question]
    if len(named) == 1:
        return "是的，" if named[0] == row.attribute else "不是，"
    if _OCCURS.search(question) and (count := _done_number(corpus, row)) is not None:
        return "没有，" if count == 0 else "有，"
    if _FILLED.search(question):
        asked = [v for v in row.values if v.role == "计划" and v.year is not None and f"{v.year}年" in question]
        return "有的，" if any(v.number is not None for v in asked or [row.planned]) else "没有，"
    if not _COMPLETES.search(question):
        return ""
    cells = plan_and_result(question, corpus, row)
    met = reached(*cells, row.name) if cells else None
    if cells is None or met is None:
        return ""
    if UNREACHED.search(_TWICE.sub(r"\1", question)):
        return "不是，" if met else "是的，"
    if SURPASSED.search(question):
        return "" if cells[0].bound == "about" else "是的，" if met and cells[0].number != cells[1].number else "没有，"
    return "是的，" if met else "没有，"


def _done_number(corpus: Corpus, row: Indicator) -> float | None:
    """What the row's year came to, as a number."""
    done = (v.number for v in row.values if v.role == "完成" and v.year == corpus.report.year_reviewed)
    return next(done, None)


def _yes(question: str) -> str:
    if _MAY.search(question):
        return "可以，"
    return "会的，" if "会不会" in question else "有的，" if "有没有" in question else "是的，"


def _no(question: str) -> str:
    if _MAY.search(question):
        return "不能，"
    return (
        "不会，"
        if re.search("会不会|还(?:给|会|发|补|办|开)", question)
        else "没有，"
        if re.search(r"有没有|还有吗|是否(?:发生|出现)|[了过]没(?:有)?[呀啊]?[？?]*$", question)
        else "不是，"
    )

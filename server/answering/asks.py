"""A question's parts: what is asked, of which type, and what is only told beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Ask(StrEnum):
    """What must stand in the words of an answer."""

    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    PLACE = "place"
    PERSON = "person"
    BODY = "body"
    CONTACT = "contact"
    CONDITION = "condition"
    ROSTER = "roster"
    EXTREME = "extreme"
    REASON = "reason"
    LIST = "list"
    DEFINITION = "definition"
    NAME = "name"
    HOW = "how"
    YES_NO = "yes_no"
    FACT = "fact"


_CUES: tuple[tuple[Ask, re.Pattern[str]], ...] = (
    (
        Ask.CONTACT,
        re.compile(
            r"(?<!打)(?<!打[过了])(?<!打个)电话(?!骂|投诉|反映|里|上)|热线是多少|打(?:哪个|什么|啥|几)号|拨打?(?:什么|哪|多少)|联系方式|怎么联系|接入号|(?:热线|专线|服务)号码?(?=$|[，。？?是])|网址|网站是|链接|下载|公众号|邮箱|微信号|二维码"
        ),
    ),
    (
        Ask.CONDITION,
        re.compile(
            r"(?:什么|哪些|啥|申请|申领|领取|准入|参加|报名|具体)的?(?:条件|资格|材料|手续|流程|程序)|够不够(?:资格|格|条件)|符不符合|收入线|门槛|[条资]?[件格](?:是什么|有哪些)|(?:怎么|如何|咋)(?:申请|报名|办理|领取|预约|参加|入住)|(?:找谁|上哪儿?|去哪儿?|到哪儿?)(?:申请|报名|办|领|问)"
        ),
    ),
    (
        Ask.EXTREME,
        re.compile(
            r"(?:哪|谁)[^，。？]{0,12}(?:最多|最少|最高|最低|最大|最小|最快|最好|最贵)|(?:最多|最少|最高|最低|最大)的(?:是|有)?(?:哪|谁)"
        ),
    ),
    (
        Ask.ROSTER,
        re.compile(
            r"分(?:街道|区|年龄|行业|月|季度|学校|社区|类别?|项)(?:的)?(?:数据|情况|统计|明细|名单|数)|(?:各月份?|(?:各|每个?)(?:街道|社区|区县?|学校|季度|行业|企业|单位))[^，。？]{0,8}(?:多少|几|哪|数据|情况)|名单|(?:名称|名录|产品|企业|型号)清单|花名册|明细|分布|(?:都|分别|各)叫(?:什么|啥)名"
        ),
    ),
    (
        Ask.DATE,
        re.compile(
            r"什么时候|啥时候|何时|几月|几号|哪天|哪一天|哪年|哪一年|哪个月|多久|多长时间|几点|周几|时间表?(?:是|为|？|\?|$)|日期|竣工|完工|开工时间|截止|期限|多会儿|(?:^|\s|的|、|和|及|与)(?:举办|举行|具体|开放|通车|建成|启用)?时间(?:[、，。？?\s和及与]|地点|$)"
        ),
    ),
    (
        Ask.REASON,
        re.compile(
            r"为什么|为何(?![种物人时地处等级])|为啥|[怎咋](?:么|个)?(?:一)?回事|原因|怎么会|凭什么|因为什么|缘由|归因|理由|依据是"
        ),
    ),
    (
        Ask.MONEY,
        re.compile(
            r"多少(?:钱|资金|经费|万元?|亿元?|块)|(?<!哪)几(?:块|万块|个?亿|百万|千万)|几万块|(?:金额|总额|投资额|总投资|注册资本|救助金|奖励金额|资金|经费|造价|票价|收费|价格|房租|租金|保费|工资|费用|总投资|产值|(?:补[助贴]|奖[励金]|收费|低保|救助|津贴|保障|缴费|发放|给付|养老金|保险金|补偿|赔偿|征收|供养)(?:的)?(?:上限|标准))(?:标准)?(?:是|为|有)?(?:多少|几|什么|？|\?|$|及|和|、|与|\s|[:：])|收费|票价|(?:^|\s)投资(?:额|\s|$)|一?个月(?:能)?(?:拿|领|发)|多少.{0,2}(?:奖金|补贴|补助|奖励|补偿)|(?:补|奖|发|花|投|赔|收)了?多少(?!人|家|户|个|件|套|张|部|项|名|间|娃|学生|孩子|老人|病人)|(?:补|贴|奖)了?几[百千万]"
        ),
    ),
    (
        Ask.NUMBER,
        re.compile(
            r"多少|(?<!哪)几(?!乎|大|项重|年来|点|类|方面|种)|多大|多高|多长|百分之几|占比|比例(?:是|为)?|比率|几成|[增涨降跌]幅|增速|(?:目标|计划|预期|指标)(?:值|数|是多|为多)|第几|多远|数量|总数|[合总共]计|上限|下限|(?:规模|面积|里程|长度|人次|收入|产值|投资|(?<!总)[额量率值]|数据)(?:对照|对比)?[。？?]?$|(?:[栋户人家项条件次张个处座所套辆部幢栋起例名艘株台]|完成|计划|目标|任务|新增|实际|实绩)数(?=[、，。？?和及与:：]|$)"
        ),
    ),
    (
        Ask.PERSON,
        re.compile(
            r"(?<!部门是)(?<!单位是)(?<!机构是)(?<![跟和与给帮为])谁(?![说家跟和与的能知记晓清懂]|[站受顶吃架扛熬忍][得不]|来?[出掏付]|来?(?:承担|买单|负担))|负责人|哪位"
        ),
    ),
    (
        Ask.BODY,
        re.compile(
            r"哪(?:个|家)(?:部门|单位|机构|公司|企业|银行)|(?:部门|单位|机构)是(?:谁|哪)|什么(?:部门|单位|机构)|由哪"
        ),
    ),
    (
        Ask.PLACE,
        re.compile(
            r"在哪(?!几|些|个|项|一)|哪里|哪儿|何处|什么地方|啥地方|地址|地点|位置|哪(?:个|条)(?:街|路|胡同|地方|片)"
        ),
    ),
    (
        Ask.DEFINITION,
        re.compile(
            r"(?:是|指)(?:的)?(?:是)?(?:个|一个)?(?:什么|啥|咋回事|怎么回事)(?:意思|东西|概念|玩意儿?|来头|说法)?[呀啊呢吗嘛？?。!！]*$|什么(?:是|叫)|啥(?:是|叫)|(?:什么|啥)意思|何谓|何为|含义|释义|定义|名词解释|解释(?:一下|下)?|的概念|到底(?:是|指)(?:什么|啥)|指啥|指什么|是干(?:什么|啥|嘛)的|图的?是?(?:什么|啥)|算(?:什么|啥|哪|怎么?)样的?(?:才算)?[？?]*$"
        ),
    ),
    (
        Ask.NAME,
        re.compile(
            r"叫(?:什么|啥|做什么)|(?:名称|全称|全名|大名|名字|名儿)|哪(?:一)?(?:项|个|部|家|种|类)(?:政策|文件|计划|改革|工程|称号|系统|平台|指标|维度|项目)?|什么(?:称号|名称|奖|荣誉|系统|平台|项目|计划|政策|文件|典型)"
        ),
    ),
    (
        Ask.LIST,
        re.compile(
            r"哪些|哪几|哪[二两三四五六七八九十]|有(?:什么|啥)|都有|列出|列举|包括|包含|分别|都(?:是|做|干|去|办)了?(?:什么|啥|哪)|各(?:是|有)|几(?:类|方面|种|大)"
        ),
    ),
    (
        Ask.HOW,
        re.compile(
            r"怎么|怎样|如何|咋|(?:什么|啥|哪些)(?:办法|措施|举措|做法|安排|动静|打算)|想.{0,2}办法|做了什么|干了什么|干什么|做什么"
        ),
    ),
    (
        Ask.YES_NO,
        re.compile(
            r"是不是|有没有|能不能|会不会|可不可以|是否|真的假的|对不对|(?:吗|嘛|(?<!什)么|没|没有)[？?。！!]*$|真[^，。？]{1,6}了[？?]*$|对吧|是吧"
        ),
    ),
)
_ENGLISH: tuple[tuple[Ask, re.Pattern[str]], ...] = tuple(
    (ask, re.compile(cue, re.IGNORECASE))
    for ask, cue in (
        (Ask.MONEY, r"how much (?:money|funding|subsidy)|\bcosts?\b|\bprice\b"),
        (Ask.DATE, r"\bwhen\b|what (?:year|date|time)|how long"),
        (Ask.REASON, r"\bwhy\b|\breasons?\b"),
        (
            Ask.NUMBER,
            r"how (?:many|much|high|low|large|big)|\b(?:number|percentage|rate|share|target|growth) (?:of|for|in)\b",
        ),
        (Ask.PERSON, r"\bwho\b"),
        (Ask.PLACE, r"\bwhere\b"),
        (
            Ask.DEFINITION,
            r"what (?:is|are|does) .{1,40}(?:mean|meaning)|what is an?\b|\bdefin|meaning of|what does .{1,40} stand for",
        ),
        (Ask.LIST, r"\bwhich\b|\blist\b|what are"),
        (Ask.HOW, r"\bhow (?:does|do|will|is|are)\b|measures"),
        (Ask.YES_NO, r"^(?:is|are|was|were|does|do|did|has|have|will|can)\b"),
    )
)
_INTERROGATIVE = re.compile(
    r"多少|几|什么|啥|哪|谁|吗|嘛|呢|(?<!什)么[？?]|怎|咋|如何|为何|何时|何处|是否|是不是|有没有|能不能|会不会|真的假的|[？?]|多大|多高|多长|多久|来着|含义|释义|定义|占比|全称|地址|电话|名单|原因|[了过成好完到着](?:没|没有|不)[。！!]*$|(?![是对好])([\u4e00-\u9fff])不\1|属实|确认|核实"
)
_PART = re.compile(r"[^，。？！；,?!;\n]+[，。？！；,?!;\n]*")
_TONE = re.compile(r"[？?]")
_MIN_PART = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """The asking parts of a question together, and what else is said in it."""

    asking: str
    context: str


def split_parts(question: str) -> Parts:
    """Tell the asking parts of a question from the story around them.

    Where no part asks, or what asks is too short to stand alone ('是多少？'), the part before it asks too.
    """
    parts = [match.group() for match in _PART.finditer(question)]
    asking = [asks_something(part) for part in parts]
    if not any(asks_something(_TONE.sub("", part)) for part in parts):
        return Parts(question, "")
    for i in range(len(parts) - 1, 0, -1):
        if asking[i] and not asking[i - 1] and len(_stripped(parts[i])) < _MIN_PART:
            asking[i - 1] = True
    return Parts(
        "".join(part for part, asks in zip(parts, asking, strict=True) if asks),
        "".join(part for part, asks in zip(parts, asking, strict=True) if not asks),
    )


def asks_something(part: str) -> bool:
    """Whether a part of a question has a word that asks."""
    return bool(_INTERROGATIVE.search(part))


def asks_of(asking: str) -> tuple[Ask, ...]:
    """What the asking parts ask for, the most particular first; FACT where no cue says."""
    found = tuple(dict.fromkeys(_found(asking)))
    return found or (Ask.FACT,)


def _found(asking: str) -> Iterator[Ask]:
    for ask, cue in (*_CUES, *_ENGLISH):
        if cue.search(asking):
            yield ask


def _stripped(part: str) -> str:
    return re.sub(
        r"多少|几[个家项条处点号]?|什么|哪些|哪里|到底|究竟|[呀啊呐哩]|真的假的|是真的|真的|是不是|是否|对不对|属实|确认|核实|一下|有这(?:回|码)?事|呢|吗|[，。？！；,?!;\s]|分别|各?是|有",
        "",
        part,
    )

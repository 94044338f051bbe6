"""Questions that no report answers, each with its own status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

from index.normalise import fold
from index.years import years_in
from ingest.model import Report
from server.answering.asks import split_parts
from server.answering.model import Status

_PATTERNS: tuple[tuple[Status, re.Pattern[str]], ...] = (
    (
        Status.PROMPT_THEFT,
        re.compile(
            r"(?:系统)?提示词|系统(?:的)?提示(?!音|灯|牌)|system\s*prompt|系统指令|系统设定|(?:你的|内部|隐藏的?)(?:全部)?(?:指令|规则|设定|设置|配置)|initial instructions|your (?:instructions|prompt|rules)",
            re.I,
        ),
    ),
    (
        Status.INJECTION,
        re.compile(
            r"(?:忽略|无视|忘记|忘掉|跳过|绕过|别管|不要管(?![道理线网辖廊])|不用管(?![道理线网辖廊])|抛开|不用看|别看|不要看)[^。？?]{0,16}(?:指令|指示|规则|要求|限制|设定|报告|原文|上文|上面|之前|约束)|"
            r"按我(?:给|说|讲)的(?:口径|数字?|数据|答案|内容)?[^，。？?]{0,4}(?:回答|答复|说|写|报)|ignore (?:all |any |the )?(?:previous|above|prior)|disregard|jailbreak|越狱|不受[^，。？?]{0,8}(?:限制|约束|规则)[；;，,]|开发者模式|调试模式|(?<![a-z])DAN(?![a-z])|"
            r"(?:你现在|从现在起|现在开始|接下来|以后)[^。？?]{0,12}你(?:就|要|来)?(?:是|扮演|变成|当|做)|(?:你|请|来)扮演|扮演一[个名位]|假装(?:你|自己)|以[^。？?]{1,8}(?:名义|身份)(?:宣布|发布|写|回答|起草)|<\|?(?:im_start|system)",
            re.I,
        ),
    ),
    (
        Status.EMERGENCY,
        re.compile(
            r"^(?!.*(?:防止|预防|防范|避免|发病率|宣传|知识|培训|演练)).*(?:救命(?!那|的|机|仪|设备|器)|着火了|起火了|地震了|(?:地|楼|墙|房)[^，。]{0,6}(?:裂了?|塌了?|陷了?)[^。]{0,14}(?:往哪跑|快跑|救|逃)|往哪(?:儿|里)?[跑逃躲]|[喊叫]不醒|不省人事|(?:爆炸|塌)了[^，。]{0,6}(?:救|快)|煤气(?:味|泄漏|中毒)|晕倒|昏迷|没(?:有)?呼吸|心脏病发|自杀|不想活|活不下去|想死|割腕|跳楼|被打了|有人打我|被绑|正在被抢)|"
            r"^(?!.*(?:防止|预防|防范|避免|宣传|知识|培训|演练|报告))(?=.*(?:怎么办|咋办|咋整|救|快|要紧|叫不醒|打几)).*(?:[我俺咱]|老[伴公婆头]|[爸妈爹娘爷奶]|孩子|小孩|宝宝|老[大二三]|[儿女]儿|儿子|娃|媳妇|老(?:爷子|太太|人|头)|有人|人(?:躺|倒|摔)|快[！!，,来说点]|救).*"
            r"(?:胸口?[^，。]{0,3}[疼痛闷]|喘不[上过]|上不来气|呼吸困难|大出血|吐血|抽搐|抽过去|叫不醒|晕(?:过去|了|倒)|煤气漏|漏[了着]?煤?气|触电|溺水|烧?迷糊[了过]|起不来|不动弹|跟人撞|撞(?:了|到|倒|上)人|(?:一直|流|淌)[^，。]{0,3}血|断气|中毒|掉(?:进|到|下)?[河水井海江湖塘坑沟]里|喝了?农药|被车撞|摔得?不能动|吞了?[^，。]{0,6}(?:电池|硬币|玻璃|钉子|磁铁|异物|药片)|噎[着住]|憋得?[红紫青]|卡[了在住]?[^，。]{0,4}(?:喉|嗓|气管))"
        ),
    ),
    (
        Status.INSULT,
        re.compile(
            r"傻[逼屄叉Xx]|[草操肏]你|你妈[的逼]|他妈的|滚蛋|去死|王八蛋|混蛋|废物东西|脑残|智障|蠢货|(?:你|真|就)是?个?垃圾|垃圾(?:机器人|客服|玩意)|^垃圾(?:系统|东西)|fuck|shit\b|stupid bot",
            re.I,
        ),
    ),
    (
        Status.TASK,
        re.compile(
            r"(?:写|编写?|生成|起草|创作)(?:一?[个段篇首份封]|点|出)?[^，。？?进入成]{0,12}(?:代码|程序|脚本|诗(?!会|歌节|意|书)|作文|小说|故事|情书|论文(?![:：用里要])|演讲稿|发言稿|文案|邮件|简历|python|sql|java|excel|vba|宏)|翻译(?:成|一下|这|以下)|"
            r"python|javascript|\bsql\b|write (?:a|an|me|some)\b.{0,30}(?:code|script|program|poem|essay)|translate\b",
            re.I,
        ),
    ),
    (
        Status.REALTIME,
        re.compile(
            r"(?:今天|明天|后天|现在|周末|这周|最近|本周)[^。？?]{0,6}天气|(?:明[天儿日早晚]|今[晚儿]|后[天儿]|这[两几]天)[^，。？?]{0,10}(?:零下|多少度|几度|冷不冷|热不热|下[雨雪]|刮风|降温|穿)|天气(?:怎么样|如何|预报|好不好|好吗|咋样)|^天气(?!好坏|质量|变化)|气温多少|[下落]不[下落][雨雪]|会不会[下落刮飘](?:[大小]?[雨雪风])|[下落][雨雪][吗么不]|带伞|几度|现在几点|今天(?:几号|星期|礼拜|周几)|星期几|股价|汇率|油价|限号|堵不堵|路况|彩票|(?<![占同环])比分(?![别析布])|weather",
            re.I,
        ),
    ),
    (
        Status.ADVICE,
        re.compile(
            r"(?:划算|合算)还是|还是[^，。？?]{1,10}(?:划算|合算)|(?:买|投资|炒)[^，。？?]{0,10}(?:合适吗|划算吗|好吗|哪只|哪个好)|推荐(?:[一二两三几]|个|下|一下|哪)|股票[^，。？?]{0,8}(?:买|推荐|涨)|的股(?:票|份)?[，,][^。？?]{0,16}(?:割|扛|抛|卖|清仓|补仓|加仓|持有)|你(?:觉得|认为|怎么看|建议)|(?<![“])该不该|值不值得|要不要(?:买(?!票)|卖)|怎么选(?![出举定聘拔])|(?:该|能|要|得|可以)(?:吃|用|喝|开)(?:点|些)?(?:哪种|哪个|什么|啥|哪些)药|(?:血[压糖脂]高|高血[压糖脂]|糖尿病|痛风|孕妇|怀孕|胃病|过敏)[^。？?]{0,10}(?:能不能|可不可以|能|可以|该不该)[^，。？?]{0,2}[吃喝]|我[^。？?]{0,12}(?:这病|病了|头晕|发烧)[^。？?]{0,8}(?:怎么治|咋治|吃药)|给(?:我|点)[^，。]{0,4}建议"
        ),
    ),
    (
        Status.PERSONAL,
        re.compile(
            r"家庭住址|家住哪|手机号|身份证号|私人电话|(?<!能)(?:帮我|给我|替我)(?:办(?![^，。？]{0,4}(?:哪|什么|啥))|查一?下?我|申请|报名|预约|投诉|交)|我的(?:社保|医保|养老金|退休金|工资|账户|案件|申请|户口|房子|公积金|档案|身份证|低保)|(?:我|俺)的?(?:身份证|社保卡|手机|账)号?尾号|身份证(?:尾)?号?[是为]?\d|查查?(?:看)?我(?![们区市县国省镇乡])|我(?![们区市县国省镇乡街院校])[^，。？?]{0,14}(?:批|审|办|发)(?:下来|完|过)了?(?:没|吗|么)|我(?:家)?(?:能|可以|够不够|符不符合|符合|有资格)(?:领|申请|享受|拿|报|不能|条件)(?![^，。？?]{0,8}的(?:工具|软件|小程序|平台|系统|窗口|服务|办法|那[种个]))|我(?:该|应该)?(?:找谁|去哪(?:儿|里)?(?:办|申请))"
        ),
    ),
    (
        Status.CHITCHAT,
        re.compile(
            r"你(?:是谁|叫什么|几岁|多大了|是男|是女|吃了|好笨|真聪明|喜欢|爱|会什么|能做什么|是人|是机器人)|讲个?笑话|说个?笑话|陪我聊|唱首?歌|who are you|tell me a joke",
            re.I,
        ),
    ),
)
_GREETING = re.compile(
    r"(?:你好|您好|早上好|早安|下午好|晚上好|中午好|嗨|哈喽|hi|hello|hey|在吗|在不在|喂)(?:[呀啊哦吗]|[,，!！。.~～\s])*(?:你好|在吗)?[?？!！。.~～\s]*",
    re.I,
)
_THANKS = re.compile(
    r"(?:好的?|嗯|行|ok|明白了?|知道了|懂了)?[,，\s]*(?:谢谢|多谢|感谢|谢了|辛苦了?|thanks?|thank you|thx)(?:[你您啦了啊呀哈]|[,，!！。.~～\s]|大家|很?有用|帮助)*",
    re.I,
)
_NEIGHBOUR = re.compile(
    r"(?:隔壁|邻近|相邻|兄弟)的?[\u4e00-\u9fff]{0,3}?(?<![小社校片园辖景城院厂库])[区县市](?![域里内民场长政委区])|(?:其他|其它|别的|周边)(?:几个)?(?:[区县](?![域里内])|区县|县市区)"
)
_AROUND = re.compile(r"[\u4e00-\u9fff]{2,6}[省市]")
_WHOLE = re.compile(r"([\u4e00-\u9fff]{2})(?:全[市省]|[市省]全[市省域])")
"""A city or province as a whole, of which a district is a part."""
_PLACE_NAME = re.compile(
    r"(?!.*(?:新区|地区|(?:^|[心主老旧新县市全近大进入])城区|市区|郊区|社区|小区|片区|园区|辖区|景区|灾区|校区|功能区|核心区))[\u4e00-\u9fff]{2,6}(?:自治区|自治州|[省市区县旗州])"
)
_DIVISION = re.compile(r"(?<=..)(?:新?区|[省市县旗州])$")
"""What a place's short name does without."""


def courtesy(question: str) -> Status | None:
    """The status of a greeting or of thanks, else None."""
    if _GREETING.fullmatch(question):
        return Status.ANSWERED_GREETING
    return Status.ANSWERED_THANKS if _THANKS.fullmatch(question) else None


def out_of_scope(question: str) -> Status | None:
    """The status of a question that is none for this service, else None."""
    return courtesy(question) or next((status for status, pattern in _PATTERNS if pattern.search(question)), None)


def other_place(tags: Sequence[tuple[str, str]], report: Report) -> str | None:
    """The first place that a question names and that the report never speaks of.

    A place is a known name, or a word tagged as one that ends as the names of places do. So is the city or province
    around the report's place, where something of it is asked (某市的…): the report speaks of it, but not for it.
    """
    text = fold(report.text)
    words = [word for word, _ in tags]
    question = "".join(words)
    if neighbour := _NEIGHBOUR.search(question):
        return neighbour.group()
    own = fold(report.place)
    if (whole := _WHOLE.search(question)) and whole[1] in _known_places() and own[-1:] not in ("市", "省"):
        return whole[0]
    for word, next_word in pairwise(words):
        is_around = _AROUND.fullmatch(word) and next_word == "的" and fold(word) not in own.removeprefix(fold(word))
        if is_around and fold(word) != own and own[-3:] not in fold(question):
            return word
    for word, tag in tags:
        is_known = bool({word, _DIVISION.sub("", word)} & _known_places())
        is_place = is_known or (tag == "ns" and bool(_PLACE_NAME.fullmatch(word)))
        if is_place and fold(word) not in text and not _is_background(word, question):
            return word
    return None


def _is_background(place: str, question: str) -> bool:
    """Whether a place is named only as where the asker, or one of the family, is, goes or comes from."""
    told = re.compile(
        rf"(?:我|俺|咱|[儿女]子|孩子|[爸妈爹娘老]|媳妇)[^，。？?的]{{0,4}}[在从到去回]{re.escape(place)}(?!的)|从{re.escape(place)}(?=[^，。？?]{{0,6}}[回来])"
    )
    return bool(told.search(question)) and place not in told.sub("", question)


@cache
def _known_places() -> frozenset[str]:
    """Provinces, cities and districts by their short names."""
    lines = files("server.answering").joinpath("places.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def other_year(question: str, report: Report) -> int | None:
    """A year that a question names and that the report neither covers nor mentions."""
    covered = {report.year_reviewed, report.year_planned}
    years = years_in(question, report)
    asked = years_in(split_parts(question).asking, report)
    if len(asked) == 1 and asked[0] not in covered and "比" not in question:
        years = asked
    if not years or any(year in covered for year in years):
        return None
    return next((year for year in years if f"{year}年" not in report.text), None)

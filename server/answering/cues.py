"""What a text must hold to answer a type of question: a sum of money, a date, a list of names."""

from __future__ import annotations

import re
from functools import lru_cache

from server.answering.asks import Ask

_CUES: dict[Ask, re.Pattern[str]] = {
    Ask.MONEY: re.compile(r"\d[\d.,]*(?:余|多)?[十百千万亿]*(?:余|多)?[美欧日港]?元"),
    Ask.DATE: re.compile(
        r"(?<!\d)(?:19|20)\d{2}年|\d{1,2}月|\d日|年底|季度|上半年|下半年|周年|\d+(?:个月|天|小时|分钟|周|年)|每[天日周月季年]|长期|以来"
    ),
    Ask.PLACE: re.compile(
        r"位于|坐落|地处|落户|落地|布局|赴|前往|[路街巷道](?:\d+号|及|和|、|沿线|[东西南北]侧)|\d号|在[^，。；]{2,14}(?:路|街|巷|道|广场|周边|沿线|地区|片区|区|县|市|镇|村|园|馆|店|院|中心|内)|[与向和][^，。；]{2,14}[区县市省]|[路街]及"
    ),
    Ask.PERSON: re.compile(
        r"(?:主任|书记|[区县市局院校]长|负责人|冠军|导演)(?:是|为|：|:)|[\u4e00-\u9fff]{2,3}(?:同志|先生|女士|院士|教授)|由[^，。]{2,12}(?:担任|牵头)|担任"
    ),
    Ask.BODY: re.compile(r"由|被|负责|牵头|部门|单位|委员会|[局委办院部司行社会]|公司|集团|联合|共建"),
    Ask.CONTACT: re.compile(r"电话|网址|网站|www|http|公众号|小程序|\d{5,}"),
    Ask.CONDITION: re.compile(r"条件|申请|符合|满足|材料|资格|须|应当|岁以上|户籍|流程"),
    Ask.ROSTER: re.compile(r"[^、，。；]{2,16}、[^、，。；]{2,16}(?:、|和|等|及|[2-9两三][家个处项条座所部种类])"),
    Ask.EXTREME: re.compile(r"最[多少高低大小]|第一|首位"),
    Ask.REASON: re.compile(r"因|由于|导致|影响|受|主要是|得益于|为了|为解决|以.{2,20}为|旨在|不足|不利"),
    Ask.LIST: re.compile(r"、|[^持]和|及|；|以及|“[^”]*”“"),
    Ask.NAME: re.compile(r"[“《]"),
}


@lru_cache(16_384)
def has_cue(ask: Ask, text: str) -> bool:
    """Whether `text` holds what a question of this type asks for."""
    cue = _CUES.get(ask)
    return cue is None or bool(cue.search(text))

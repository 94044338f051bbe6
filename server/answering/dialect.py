"""Words with which people of a region ask, as the standard language asks: 好多 as 多少, 啥子 as 什么, 伐 as 吗.

What asks, denies or closes a question, and of Cantonese, which has characters of its own for them, its small words
too: words for things are the synonyms' (`index/synonyms.txt`).
"""

from __future__ import annotations

import re

_END = r"(?=[嘛哦哟呢呀啊噻咯哈]*(?:[，。？！,?!]|$))"
_COUNTED = r"(?=个|家|人(?!来|都|在)|户|条|处|张|斤|亩|岁|天|年|钱|块|元|公里|套|趟|次|名|座|所|间|吨|平)"
_EDGE = r"(?<![一两旁身周海江河湖路街岸这那里外前后上下左右东南西北])"
"""Before 边 where it asks, and is not the edge of something."""


def _compiled(*words: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), standard) for pattern, standard in words)


_WORDS = _compiled(
    (rf"(?<![了么要很])好多(?:{_COUNTED}|{_END})", "多少"),
    (rf"(?<=要)好多{_COUNTED}|(?<=[了要])好多{_END}", "多少"),
    (r"好多(?=耍?客|班|趟)", "多少"),
    (r"几多", "多少"),
    (r"几钿", "多少钱"),
    (r"旧年(?!画|历)", "去年"),
    (r"几时", "什么时候"),
    (r"几钱", "多少钱"),
    (r"(?<=[满要等过])几久", "多久"),
    (r"好久(?=[能会才开通完建修到发]|可以)", "什么时候"),
    (r"做啥子|搞啥子|干啥子|弄啥嘞?|干哈|嘎哈", "干什么"),
    (r"啥子|哪样(?![的子])|乜嘢?|么子|么事", "什么"),
    (r"咋个样|咋样子|啷个样", "怎么样"),
    (r"咋个|咋子|啷个|点样|点解", "怎么"),
    (rf"{_EDGE}边(?=个[局办委科所部单镇村街区园]|几|[条间家样种类位只栋座款])", "哪"),
    (rf"{_EDGE}边个(?!别|体)", "谁"),
    (rf"{_EDGE}边[度处啲]|哪凯|哪嗨|哪疙瘩|哪旮旯|哪达|哪搭", "哪里"),
    (r"得不得行|要得不|中不中|得行不", "行不行"),
    (rf"(?:伐|勿啦|口伐|伐啦){_END}", "吗"),
)
_CANTONESE = re.compile(rf"[嘅嗰𠮶唔冇佢哋咗喺嚟啲畀攞嘢睇搵咁嗌噉谂]|几多|{_EDGE}边[个度]|乜|旧年(?!画)|系咪")
"""What only Cantonese is written with."""
_CANTONESE_WORDS = _compiled(
    (r"系咪|系唔系", "是不是"),
    (r"咪(?:就)?系|即系", "就是"),
    (r"[定抑]系", "还是"),
    (r"(?<![关体联院直嫡派水谱])系(?![统列数谱主科])", "是"),
    (r"([\u4e00-\u9fff])唔\1", r"\1不\1"),
    (r"唔(?:使|驶)", "不用"),
    (r"有冇", "有没有"),
    (r"冇(?![\u4e00-\u9fff]?天)", "没有"),
    (r"唔", "不"),
    (r"嘅", "的"),
    (r"[嗰𠮶][啲d]?", "那"),
    (r"呢(?=[个条间件种样度啲张座栋])", "这"),
    (r"[佢渠]哋", "他们"),
    (r"哋", "们"),
    (r"佢", "他"),
    (r"咗", "了"),
    (r"喺", "在"),
    (r"嚟", "来"),
    (r"啲", "些"),
    (r"咁", "这么"),
    (r"畀|俾", "给"),
    (r"攞", "拿"),
    (r"嘢", "东西"),
    (r"睇", "看"),
    (r"搵", "找"),
    (r"谂", "想"),
    (r"(?<![晾暴防翻])晒(?!太阳|场|台|衣|被|谷|粮)|哂", "完"),
    (r"旧年|上年", "去年"),
    (r"而家|家阵|依家", "现在"),
    (r"听日", "明天"),
    (r"屋企", "家里"),
    (r"朝(?:头)?早", "早上"),
    (r"夜晚黑|晚黑", "晚上"),
    (r"仲(?=有|要|未|系|会|可|得|能|喺|在)", "还"),
    (r"先至", "才"),
    (r"搞掂", "完成"),
    (r"揸\s?fit", "负责"),
    (r"(?<=[\d一二三四五六七八九十百千万])蚊", "元"),
    (r"(?<=几多)文(?![字章件化物])", "元"),
    (r"(?<=张)飞", "票"),
    (r"巴仙", "%"),
    (r"未(?=[？?。]*$)", "没有"),
    (r"细路(?:仔)?", "孩子"),
    (r"阿公阿婆", "老人"),
    (r"收工|放工", "下班"),
    (r"返工", "上班"),
    (r"揾工", "找工作"),
    (r"打风", "台风"),
    (r"尾班", "末班"),
    (r"(?<![发一引兴掀升立建])起(?=(?:间|座|栋|条|几|多少)|新楼|屋|楼|在)", "建"),
)


def standard(question: str) -> str:
    """The question with the standard language's words of asking."""
    small_words = _CANTONESE_WORDS if _CANTONESE.search(question) else ()
    for pattern, words in (*small_words, *_WORDS):
        question = pattern.sub(words, question)
    return question

"""Words with which people of a region ask, as the standard language asks: 好多 as 多少, 啥子 as 什么, 伐 as 吗.

Only what asks, denies or closes a question: words for things are the synonyms' (`index/synonyms.txt`).
"""

from __future__ import annotations

import re

_END = r"(?=[嘛哦哟呢呀啊噻咯哈]*(?:[，。？！,?!]|$))"
_COUNTED = r"(?=个|家|人(?!来|都|在)|户|条|处|张|斤|亩|岁|天|年|钱|块|元|公里|套|趟|次|名|座|所|间|吨|平)"
_WORDS = tuple(
    (re.compile(pattern), standard)
    for pattern, standard in (
        (rf"(?<![了么要很])好多(?:{_COUNTED}|{_END})", "多少"),
        (rf"(?<=要)好多{_COUNTED}|(?<=[了要])好多{_END}", "多少"),
        (r"好多(?=耍?客|班|趟)", "多少"),
        (r"几多", "多少"),
        (r"(?<=[满要等过])几久", "多久"),
        (r"好久(?=[能会才开通完建修到发]|可以)", "什么时候"),
        (r"做啥子|搞啥子|干啥子|弄啥嘞?|干哈|嘎哈", "干什么"),
        (r"啥子|哪样(?![的子])|乜嘢?|么子|么事", "什么"),
        (r"咋个样|咋样子|啷个样", "怎么样"),
        (r"咋个|咋子|啷个|点样|点解", "怎么"),
        (r"边个", "谁"),
        (r"边度|边处|哪凯|哪嗨|哪疙瘩|哪旮旯", "哪里"),
        (r"有冇", "有没有"),
        (r"冇(?![\u4e00-\u9fff]?天)", "没有"),
        (r"得不得行|要得不|中不中|得行不", "行不行"),
        (rf"(?:伐|勿啦|口伐|伐啦){_END}", "吗"),
    )
)


def standard(question: str) -> str:
    """The question with the standard language's words of asking."""
    for pattern, words in _WORDS:
        question = pattern.sub(words, question)
    return question

"""A thing named in a question, and the words found tell the rest of another of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore
from ingest.corpus import ingest_file
from server.answering.compose import ranked_of
from server.answering.pipeline import Knowledge
from server.answering.questions import understand
from server.answering.swapped import swapped

_REPORT = """关于石桥县2031年国民经济和社会发展计划执行情况与2032年国民经济和社会发展计划（草案）的报告
石桥县发展和改革局
各位代表：
受县人民政府委托，现将有关情况报告如下，请予审议。
一、2031年国民经济和社会发展计划执行情况
东屿岛海底供水管道建成通水，岛上3860名居民告别水船运水；西屿岛候船厅投入使用。
县中医院门诊综合楼封顶，配套资金2100万元没有到位。县人民医院传染病区投用，设床位60张。
二、2032年国民经济和社会发展计划安排
继续推进各项工作。
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder: Path = tmp_path_factory.mktemp("report")
    (folder / "shiqiao-2032.txt").write_text(_REPORT, encoding="utf-8")
    store, embedder = SnapshotStore(folder / "data"), HashEmbedder()
    store.build([ingest_file(folder / "shiqiao-2032.txt")], {}, embedder)
    return Knowledge.of(store.open(embedder))


def _swapped(knowledge: Knowledge, question: str) -> str:
    search, report = knowledge.snapshot.search, knowledge.snapshot.default.report
    query = understand(question, report, search.lexical.tokenizer, knowledge.rarity)
    ranked, _ = ranked_of(query, search.find(question, query.years))
    source = swapped(query, ranked[0].candidate)
    return source.text if source else ""


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("西屿岛海底供水管道惠及岛上多少居民？", "东屿岛海底供水管道建成通水"),
        ("县人民医院门诊综合楼配套资金2100万元何时到位", "县中医院门诊综合楼封顶"),
    ],
)
def test_what_is_told_of_another_thing_of_the_kind_is_seen(knowledge: Knowledge, question: str, said: str) -> None:
    assert _swapped(knowledge, question).startswith(said)


@pytest.mark.parametrize(
    "question",
    [
        "东屿岛海底供水管道惠及岛上多少居民？",
        "西屿岛候船厅投入使用了吗",
        "县中医院门诊综合楼配套资金2100万元到位没有",
        "县人民医院传染病区有多少床位",
        "南屿岛海底供水管道惠及多少居民",
    ],
)
def test_what_is_told_of_the_thing_named_or_of_one_unknown_is_let_be(knowledge: Knowledge, question: str) -> None:
    assert not _swapped(knowledge, question)

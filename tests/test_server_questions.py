"""Questions to the real model over whole reports; loose enough to outlive tuning."""

from __future__ import annotations

import pytest

from index.embedder import SentenceTransformerEmbedder
from index.snapshot import SnapshotStore
from ingest.model import Corpus
from server.answering.model import Answer, Turn
from server.answering.pipeline import Knowledge, answer

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def other(
    tmp_path_factory: pytest.TempPathFactory, other_corpus: Corpus, real_embedder: SentenceTransformerEmbedder
) -> Knowledge:
    """The report of another place."""
    store = SnapshotStore(tmp_path_factory.mktemp("other"))
    store.build([other_corpus], {}, real_embedder)
    return Knowledge.of(store.open(real_embedder))


def _says(given: Answer, *words: str) -> bool:
    return given.status.is_answer and all(word in given.answer for word in words) and bool(given.citations)


@pytest.mark.parametrize(
    ("question", "words", "kind"),
    [
        ("第五立面是什么？", ("建筑物的房顶",), "term"),
        ("守袋行动是什么意思？", ("三方结对共建",), "term"),
        ("产业十条是什么？", ("促进产业高质量发展若干措施",), "term"),
        ("2024年高质量上市挂牌企业数量的计划是多少家？", ("85",), "indicator"),
        ("计划表里约束性指标有哪些？", ("7项", "细颗粒物", "常住人口规模"), "indicator"),
        ("2023年新建应急避难场所几处？", ("6处",), "passage"),
        ("2024年保障性住房计划竣工多少套？", ("1100套",), "passage"),
    ],
)
def test_a_question_about_the_body_the_table_or_the_glossary_is_answered_from_there(
    real_knowledge: Knowledge, question: str, words: tuple[str, ...], kind: str
) -> None:
    given = answer(real_knowledge, question)
    assert _says(given, *words)
    assert kind in {citation.kind for citation in given.citations}


def test_what_the_report_does_not_say_is_refused(real_knowledge: Knowledge) -> None:
    given = answer(real_knowledge, "区里打算什么时候开通到火星的航班，票价多少钱？")
    assert given.status.value == "unanswerable_not_in_report"
    assert given.related


def test_another_place_is_refused(real_knowledge: Knowledge) -> None:
    assert answer(real_knowledge, "海淀区的登记失业率是多少？").status.value == "unanswerable_other_place"


def test_a_follow_up_is_answered_for_its_year(real_knowledge: Knowledge) -> None:
    before = Turn(role="user", content="2023年登记失业率是多少？")
    assert _says(answer(real_knowledge, before.content), "2.35%")
    assert _says(answer(real_knowledge, "那2024年呢？", [before]), "3.5%")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("2024年粮食产量完成了多少？", ("21.8万吨",)),
        ("2025年森林防灭火视频监控覆盖率要达到多少？", ("100%",)),
        ("2024年全年接待游客多少万人次？", ("312万人次",)),
    ],
)
def test_the_report_of_another_place_answers_its_own_questions(
    other: Knowledge, question: str, words: tuple[str, ...]
) -> None:
    assert _says(answer(other, question), *words)

"""No sentence holds that the words it cites do not say."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import Tokenizer
from ingest.model import Corpus
from server.answering.support import LONGEST, Statement, check

JOBS = "连续九年创建充分就业区，登记失业率2.35%，保持全市最优。"
GOAL = "民生保障方面，居民收入增长与经济增长同步，登记失业率控制在3.5%以内。"
GROWTH = "经济发展方面，地区生产总值增速安排5%左右，一般公共预算收入增速安排4.5%左右。"
BUILT = "新建公园4个、学校5所，拆除违法建设10万余平方米，同比下降3.2%。"
HOPE = "推动公共空间改造，力争形成20个示范社区，确保就业率不低于95%。"
DONE = "2023年20项计划指标中，19项达到目标，1项细颗粒物（PM2.5）年均浓度未完成计划目标。"
NAMED = "发布“金桥十条”2.0版，推出《往事》等3—5部剧目，3月15日前形成“4+N”体系。"
SPREAD = "城镇和农村低保标准分别提高5%和7%。"
REVIEWED, PLANNED = 2023, 2024
TAG = Tokenizer([]).tags


def _says(sentence: str, words: str, year: int | None = None, asked: tuple[int, ...] = ()) -> bool:
    return check(sentence, [Statement(words, "", year, year == PLANNED)], TAG, asked).holds


@pytest.mark.parametrize(
    ("sentence", "words", "year"),
    [
        ("登记失业率为2.35%，保持全市最优。", JOBS, REVIEWED),
        ("2023年，登记失业率为2.35%。", JOBS, REVIEWED),
        ("登记失业率为２．３５％。", JOBS, REVIEWED),
        ("登记失业率为 2.35 %。", JOBS, REVIEWED),
        ("登记失业率为百分之二点三五。", JOBS, REVIEWED),
        ("2024年登记失业率计划控制在3.5%以内。", GOAL, PLANNED),
        ("二〇二四年登记失业率控制在3.5%以内。", GOAL, PLANNED),
        ("登记失业率不超过3.5%。", GOAL, PLANNED),
        ("地区生产总值增速为5%左右。", GROWTH, PLANNED),
        ("地区生产总值增速约5%。", GROWTH, PLANNED),
        ("一般公共预算收入增速安排4.5%左右，地区生产总值增速安排5%左右。", GROWTH, PLANNED),
        ("新建学校5所，新建公园4个。", "新建公园4个、新建学校5所。", REVIEWED),
        ("拆除违法建设100000余平方米。", BUILT, REVIEWED),
        ("拆除违法建设超过10万平方米，同比下降3.2%。", BUILT, REVIEWED),
        ("就业率不低于95%。", HOPE, PLANNED),
        ("就业率至少95%。", HOPE, PLANNED),
        ("力争形成20个示范社区。", HOPE, PLANNED),
        ("计划形成20个示范社区。", HOPE, PLANNED),
        ("推出《往事》等3至5部剧目。", NAMED, None),
        ("3月15日前形成“4+N”体系。", NAMED, None),
        ("发布“金桥十条”2.0版。", NAMED, None),
    ],
)
def test_a_sentence_that_its_source_says_in_other_words_holds(sentence: str, words: str, year: int | None) -> None:
    assert check(sentence, [Statement(words, "", year, year == PLANNED)], TAG).problems == ()


@pytest.mark.parametrize(
    ("sentence", "words", "year", "problem"),
    [
        ("登记失业率为2.36%。", JOBS, REVIEWED, "amount"),
        ("登记失业率为2.35个百分点。", JOBS, REVIEWED, "amount"),
        ("登记失业率为2.35。", JOBS, REVIEWED, "amount"),
        ("登记失业率为百分之二点三。", JOBS, REVIEWED, "amount"),
        ("登记失业率为2.35%左右。", JOBS, REVIEWED, "amount"),
        ("登记失业率超过2.35%。", JOBS, REVIEWED, "amount"),
        ("登记失业率下降2.35%。", JOBS, REVIEWED, "amount"),
        ("登记失业率为2%至3%。", JOBS, REVIEWED, "amount"),
        ("2022年登记失业率为2.35%。", JOBS, REVIEWED, "year"),
        ("2024年登记失业率为2.35%。", JOBS, REVIEWED, "amount"),
        ("今年登记失业率为2.35%。", JOBS, REVIEWED, "strength"),
        ("登记失业率为2.35%，保持全国最优。", JOBS, REVIEWED, "strength"),
        ("登记失业率计划为2.35%。", JOBS, REVIEWED, "time"),
        ("连续十年创建充分就业区。", JOBS, REVIEWED, "amount"),
        ("连续创建双十充分就业区。", JOBS, REVIEWED, "numeral"),
        ("登记失业率为3.5%。", GOAL, PLANNED, "amount"),
        ("登记失业率控制在3.5%以上。", GOAL, PLANNED, "amount"),
        ("登记失业率已控制在3.5%以内。", GOAL, PLANNED, "time"),
        ("登记失业率没有控制在3.5%以内。", GOAL, PLANNED, "negation"),
        ("居民收入下降与经济增长同步。", GOAL, PLANNED, "direction"),
        ("地区生产总值增速安排4.5%左右。", GROWTH, PLANNED, "amount"),
        ("地区生产总值下降5%左右。", GROWTH, PLANNED, "amount"),
        ("地区生产总值增长到5%左右。", GROWTH, PLANNED, "amount"),
        ("增加违法建设。", BUILT, REVIEWED, "direction"),
        ("两项增速合计9.5%。", GROWTH, PLANNED, "amount"),
        ("新建学校4个。", BUILT, REVIEWED, "amount"),
        ("新建公园4个、学校6所。", BUILT, REVIEWED, "amount"),
        ("新建公园9个。", BUILT, REVIEWED, "amount"),
        ("新建公园四十个。", BUILT, REVIEWED, "amount"),
        ("新建公园肆个。", BUILT, REVIEWED, "numeral"),
        ("新建公园玖个。", BUILT, REVIEWED, "numeral"),
        ("新建公园几十个。", BUILT, REVIEWED, "numeral"),
        ("新建公园数个。", BUILT, REVIEWED, "numeral"),
        ("新建公园若干。", BUILT, REVIEWED, "numeral"),
        ("新建公园近万。", BUILT, REVIEWED, "coverage"),
        ("新建公园⑨个。", BUILT, REVIEWED, "amount"),
        ("新建公园4\u200b5个。", BUILT, REVIEWED, "amount"),
        ("新建公园4\u03365个。", BUILT, REVIEWED, "amount"),
        ("新建公园九成。", BUILT, REVIEWED, "amount"),
        ("新建公园three个。", BUILT, REVIEWED, "fixed"),
        ("拆除违法建设10万平方米。", BUILT, REVIEWED, "amount"),
        ("拆除违法建设10亿余平方米。", BUILT, REVIEWED, "amount"),
        ("拆除违法建设1000余平方米。", BUILT, REVIEWED, "amount"),
        ("拆除违法建设同比增长3.2%。", BUILT, REVIEWED, "amount"),
        ("拆除违法建设同比下降至3.2%。", BUILT, REVIEWED, "amount"),
        (
            "地区生产总值增长10.6%。",
            "地区生产总值突破6000亿元，同比增长5.8%；公共预算收入完成9亿元，同比增长10.6%。",
            REVIEWED,
            "amount",
        ),
        ("社区示范形成20个。", "力争形成20个社区示范。", PLANNED, "time"),
        ("就业率超过95%。", HOPE, PLANNED, "amount"),
        ("1项完成计划目标。", DONE, REVIEWED, "negation"),
        ("19项达到，1项未完成。", DONE, REVIEWED, "amount"),
        ("20项达到目标。", DONE, REVIEWED, "amount"),
        ("细颗粒物（PM10）年均浓度未完成计划目标。", DONE, REVIEWED, "fixed"),
        ("发布“金桥八条”2.0版。", NAMED, None, "quotation"),
        ("发布“金桥十条”3.0版。", NAMED, None, "amount"),
        ("推出《往昔》等3—5部剧目。", NAMED, None, "quotation"),
        ("推出《往事》等3部剧目。", NAMED, None, "amount"),
        ("推出《往事》等5部剧目。", NAMED, None, "amount"),
        ("3月16日前形成“4+N”体系。", NAMED, None, "fixed"),
        ("5月15日前形成“4+N”体系。", NAMED, None, "fixed"),
        ("形成4+M体系。", NAMED, None, "fixed"),
        ("形成4个体系。", NAMED, None, "amount"),
        ("城镇低保标准提高7%。", SPREAD, None, "amount"),
        ("新建公园4个，市民都很喜欢这里的环境。", BUILT, REVIEWED, "coverage"),
        ("新建医院4个。", BUILT, REVIEWED, "coverage"),
        ("是的，新建公园4个。", BUILT, REVIEWED, "polarity"),
        ("The registered unemployment rate is 2.35%.", JOBS, REVIEWED, "language"),
        ("新建公园4个。" * 100, BUILT, REVIEWED, "length"),
        ("", BUILT, REVIEWED, "length"),
        ("天气晴朗适合出行游玩。", BUILT, REVIEWED, "uncited"),
    ],
)
def test_a_sentence_that_its_source_does_not_say_is_refused_and_why(
    sentence: str, words: str, year: int | None, problem: str
) -> None:
    found = check(sentence, [Statement(words, "", year, year == PLANNED)], TAG).problems
    assert problem in found


def test_a_hope_is_not_told_as_a_certainty() -> None:
    assert not _says("社区示范形成20个。", "力争形成20个社区示范。", PLANNED)
    assert _says("社区示范力争形成20个。", "力争形成20个社区示范。", PLANNED)


def test_words_of_a_year_that_was_not_asked_about_do_not_hold() -> None:
    assert not _says("登记失业率为2.35%。", JOBS, REVIEWED, (2024,))
    assert not _says("登记失业率2.35%。", JOBS, REVIEWED, (2024,))
    assert _says("登记失业率为2.35%。", JOBS, REVIEWED, (2023, 2024))


def test_a_year_that_stands_above_the_words_is_reported() -> None:
    assert check("2023年登记失业率为2.35%。", [Statement(JOBS, "", REVIEWED)], TAG).years == (2023,)
    assert check("登记失业率为2.35%。", [Statement(JOBS, "", REVIEWED)], TAG).years == ()


def test_a_number_in_another_scale_or_in_characters_is_written_as_the_source_writes_it() -> None:
    assert check("拆除违法建设100000余平方米。", [Statement(BUILT)], TAG).text == "拆除违法建设10万余平方米。"
    assert check("登记失业率为百分之二点三五。", [Statement(JOBS)], TAG).text == "登记失业率为2.35%。"
    assert check("公园四个，学校五所。", [Statement("公园4个，学校5所。")], TAG).text == "公园4个，学校5所。"


def test_a_sentence_rests_on_no_more_statements_than_it_needs() -> None:
    statements = [Statement(GROWTH, "", PLANNED, True), Statement(JOBS, "", REVIEWED), Statement(BUILT, "", REVIEWED)]
    assert check("登记失业率为2.35%。", statements, TAG).used == (1,)
    assert check("登记失业率为2.35%，新建公园4个。", statements, TAG).used == (1, 2)
    assert check("新建公园4个、学校5所", statements, TAG).is_quote


def test_a_number_of_one_source_does_not_bear_out_the_subject_of_another() -> None:
    statements = [Statement("甲园扩建面积增长5%。", "", REVIEWED), Statement("乙园扩建面积增长6%。", "", REVIEWED)]
    assert check("甲园扩建面积增长5%。", statements, TAG).holds
    assert not check("甲园扩建面积增长了6%。", statements, TAG).holds


def test_nouns_that_a_tagger_found_must_stand_in_the_words_or_above_them() -> None:
    words = Statement("完成道路大修4条。", "临海市2023年计划执行情况", REVIEWED)
    assert check("临海市完成道路大修4条。", [words], TAG).holds
    assert "noun" in check("云海市完成道路大修4条。", [words], TAG).problems


WORKS = "推进老旧小区改造，启动滨河公园建设，完成中心广场提升、启动地下管网更新。"
POLICY = "优化营商环境，取消收费事项，支持东部片区企业发展，推动图书馆开放。"


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("推进老旧小区改造。", WORKS),
        ("推动了老旧小区的改造。", WORKS),
        ("启动了滨河公园建设，推进了老旧小区改造。", WORKS),
        ("完成中心广场的提升。", WORKS),
        ("启动了地下管网的更新。", WORKS),
        ("措施包括优化营商环境、取消收费事项。", POLICY),
        ("扶持东部片区的企业发展。", POLICY),
        ("叫“滨河行动”。", "实施“滨河行动”，改善水岸环境。"),
    ],
)
def test_what_is_done_may_be_told_in_a_word_that_says_no_more(sentence: str, words: str) -> None:
    assert check(sentence, [Statement(words, "", REVIEWED)], TAG).problems == ()


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("完成老旧小区改造。", WORKS),
        ("启动老旧小区改造。", WORKS),
        ("完成滨河公园建设。", WORKS),
        ("暂停滨河公园建设。", WORKS),
        ("启动中心广场提升。", WORKS),
        ("完成地下管网更新。", WORKS),
        ("拆老旧小区改造。", WORKS),
        ("支持收费事项。", POLICY),
        ("取消东部片区企业发展。", POLICY),
        ("图书馆开放。", POLICY),
        ("积极取消收费事项。", POLICY),
    ],
)
def test_something_else_done_to_it_or_the_same_done_to_something_else_does_not_hold(sentence: str, words: str) -> None:
    assert "doing" in check(sentence, [Statement(words, "", REVIEWED)], TAG).problems


def test_every_sentence_of_a_report_holds_against_itself(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus, other_corpus):
        for passage in report.passages:
            for sentence in passage.sentences:
                words = sentence.span.of(report.report.text)
                verdict = check(words, [Statement(words, "", passage.year)], TAG)
                assert verdict.holds or len(words) > LONGEST or len(words) < 4


def test_no_sentence_of_a_report_holds_with_another_number(corpus: Corpus, other_corpus: Corpus) -> None:
    tried = 0
    for report in (corpus, other_corpus):
        for passage in report.passages:
            for sentence in passage.sentences:
                words = sentence.span.of(report.report.text)
                for match in re.finditer(r"\d+(?:\.\d+)?", words):
                    other = words[: match.start()] + f"{float(match[0]) + 3:g}" + words[match.end() :]
                    tried += 1
                    assert not check(other, [Statement(words, "", passage.year)], TAG).holds
    assert tried > 300


AREAS = "总结旧城经验，推进河西、白塔寺、北桥片区腾退空间再利用，持续提升利用率。"


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("推进腾退空间再利用的片区有北桥片区。", False),
        ("推进腾退空间再利用的片区包括河西、北桥片区。", False),
        ("推进腾退空间再利用的片区有河西、白塔寺、北桥片区。", True),
        ("推进腾退空间再利用的片区有北桥片区等。", True),
        ("推进北桥片区腾退空间再利用。", True),
    ],
)
def test_a_list_given_as_the_whole_one_leaves_no_member_out(sentence: str, holds: bool) -> None:
    assert ("list" not in check(sentence, [Statement(AREAS, "", PLANNED, True)], TAG).problems) is holds


OTHERS = ("完成", "启动", "取消", "暂停", "推迟", "验收", "拆除", "出售")


def test_no_sentence_of_a_report_holds_with_another_verb(corpus: Corpus, other_corpus: Corpus) -> None:
    tried, held = 0, []
    for report in (corpus, other_corpus):
        sentences = [s.span.of(report.report.text) for passage in report.passages for s in passage.sentences]
        for words in sentences:
            verb = next((w for w, kind in TAG(words) if kind == "v" and len(w) == 2 and words.count(w) == 1), None)
            for other in OTHERS if verb and 20 < len(words) < LONGEST else ():
                if other in words:
                    continue
                tried += 1
                if check(words.replace(verb or "", other), [Statement(words)], TAG).holds:
                    held.append(words.replace(verb or "", f"{verb}→{other}"))
    assert tried > 500
    assert held == []


AMOUNT = st.tuples(st.integers(1, 9999), st.sampled_from(["%", "个", "万人次", "亿元", "个百分点"]))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(AMOUNT, AMOUNT)
def test_only_the_same_amount_holds(one: tuple[int, str], other: tuple[int, str]) -> None:
    words = f"重点任务完成情况为{one[0]}{one[1]}，进展顺利。"
    assert _says(f"重点任务的完成情况是{other[0]}{other[1]}。", words) == (one == other)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_gets_a_verdict_and_every_number_of_one_that_holds_stands_in_its_source(one: str, two: str) -> None:
    verdict = check(one, [Statement(two)], TAG)
    assert verdict.holds == (not verdict.problems)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text("登记失业率增长下降0123456789.%万亿个人项未不了将，。“”年以上内左右至-", min_size=1, max_size=60))
def test_random_words_of_a_report_never_bring_in_a_number(sentence: str) -> None:
    words = "登记失业率增长5%，下降12万人，不低于30项。"
    verdict = check(sentence, [Statement(words)], TAG)
    if verdict.holds:
        numbers = set(re.findall(r"\d+(?:\.\d+)?", verdict.text))
        assert numbers <= {"5", "12", "30"}


SLOW = (
    "1",
    "1,",
    "1.",
    "一",
    "1-",
    "1万",
    "百分之",
    "不",
    "“",
    "A1",
    "4+",
    "2月",
    "增长",
    "2024年",
    "1,111",
    "十百千万亿",
    "（",
    "第",
)


@pytest.mark.parametrize("piece", SLOW)
def test_no_repetition_makes_the_check_slow(piece: str) -> None:
    """The worst of these takes a fraction of a second; a pattern that backtracks would not come back at all."""
    for length in (LONGEST, 1_000, 100_000):
        words = (piece * length)[:length]
        begun = perf_counter()
        check(words[:LONGEST], [Statement(words)], TAG)
        check(f"{words[: LONGEST - 4]}，测试", [Statement(words)], TAG)
        assert perf_counter() - begun < 10

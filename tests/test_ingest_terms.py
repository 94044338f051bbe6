from __future__ import annotations

from pathlib import Path

import pytest

from ingest.corpus import ingest_file
from ingest.model import Corpus, Term
from ingest.terms import everyday_names

QUOTES = str.maketrans("", "", "“”‘’")


def _term(corpus: Corpus, number: int) -> Term:
    return corpus.terms[number - 1]


def _ingest(folder: Path, body: str, *glossary: str) -> Corpus:
    path = folder / "r.txt"
    path.write_text("\n".join(["一、北原市2021年工作", body, "附件1", "名词解释", *glossary]), encoding="utf-8")
    return ingest_file(path)


def test_the_shipped_glossary_is_read_entry_by_entry(corpus: Corpus, report_path: Path) -> None:
    lines = report_path.read_text(encoding="utf-8").split("\n名词解释\n")[-1].splitlines()
    written = [tuple(line.split("． ", 1)[1].split("：", 1)) for line in lines if "． " in line]
    assert [term.number for term in corpus.terms] == [str(i) for i in range(1, 41)]
    assert [(term.name, term.definition.of(corpus.report.text)) for term in corpus.terms] == written


@pytest.mark.parametrize(
    ("number", "aliases"),
    [
        (2, set()),
        (3, {"双提升工程", "双提升"}),
        (6, {"金服十条2.0版", "金服十条"}),
        (8, {"金科十条2.0版", "金科十条", "关于支持国家级金融科技示范区建设若干措施"}),
        (9, {"两区建设", "两区"}),
        (10, {"4+N产业", "4+N"}),
        (12, {"营商环境", "西城区全面优化营商环境助力企业高质量发展实施方案"}),
        (13, {"1+5+N产业政策体系", "1+5+N"}),
        (19, {"养老服务十件事", "十件事"}),
        (20, set()),
        (22, {"攻坚克难每月一题", "每月一题"}),
        (23, {"红墙巷往社区党建品牌", "红墙巷往"}),
        (28, {"新时代枫桥经验", "枫桥经验"}),
        (33, {"举手式退租", "举手式"}),
    ],
)
def test_a_term_goes_by_its_name_without_quotes_without_version_and_by_its_short_name(
    number: int, aliases: set[str], corpus: Corpus
) -> None:
    assert set(_term(corpus, number).aliases) == aliases


@pytest.mark.parametrize(
    ("definition", "aliases"),
    [
        ("一项工作，又称“暖心工程”。", {"暖心工程"}),
        ("一项工作，又名“暖心工程”，亦称暖心计划，俗称“送暖”。", {"暖心工程", "暖心计划", "送暖"}),
        ("俗称的“送暖”工作。", {"送暖", "送暖工作"}),
        ("即《若干供暖措施》（简称“暖十条”），共十条。", {"若干供暖措施", "暖十条"}),
        ("《若干供暖措施》（试行，以下简称“暖十条”）共十条。", {"若干供暖措施", "暖十条"}),
        ("依照《若干供暖措施》（简称“暖十条”）的一项工作。", set()),
        ("即《若干供暖措施》，依照《供暖条例》（以下简称“条例”）制定，简称“暖十条”。", {"若干供暖措施", "暖十条"}),
    ],
)
def test_other_names_are_the_terms_unless_they_name_a_document_inside_its_definition(
    definition: str, aliases: set[str], tmp_path: Path
) -> None:
    corpus = _ingest(tmp_path, "一段话。", f"1.冬季行动：{definition}", "2.甲乙：丙。")
    assert set(corpus.terms[0].aliases) == aliases


def test_an_alias_that_is_an_everyday_word_is_told_apart(corpus: Corpus) -> None:
    assert {alias for term in corpus.terms for alias in everyday_names(term)} == {"营商环境"}


def test_no_two_shipped_terms_share_a_name(corpus: Corpus) -> None:
    names = [name for term in corpus.terms for name in (term.name, *term.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("number", "uses"),
    [
        (1, ["中国式现代化西城实践“2-1-1-5-2”框架体系"]),
        (2, ["“红墙先锋工程”"] * 2),
        (3, ["“双提升”工程"] * 2),
        (4, ["长安计划"] * 2),
        (9, ["“两区”建设", "“两区”", "“两区”", "“两区”建设", "“两区”建设"]),
        (12, ["“营商环境6.0”"]),
        (17, ["“政策计算器”"]),
        (20, ["“一键呼”"] * 2),
        (22, ["攻坚克难“每月一题”", "“每月一题”"]),
        (23, ["“红墙‘巷’往”社区党建品牌"]),
        (26, ["“类博物馆”"] * 2),
        (28, ["新时代“枫桥经验”"]),
        (36, ["东有巨人港"]),
        (40, ["中有联盟链"]),
    ],
)
def test_the_uses_of_a_term_are_found_with_and_without_quotes(number: int, uses: list[str], corpus: Corpus) -> None:
    assert [use.of(corpus.report.text) for use in _term(corpus, number).uses] == uses


def test_every_shipped_term_is_used_in_the_body_and_only_there(corpus: Corpus) -> None:
    annexes = min(s.span.start for s in corpus.sections if s.kind == "annex")
    for term in corpus.terms:
        assert term.uses
        for use in term.uses:
            assert use.end <= annexes
            words = use.of(corpus.report.text).translate(QUOTES)
            assert words in {name.translate(QUOTES) for name in (term.name, *term.aliases)}


def test_a_name_inside_a_longer_name_of_another_term_is_no_use(tmp_path: Path) -> None:
    corpus = _ingest(
        tmp_path, "推进智慧医养和智慧医养平台。再提“智慧医养”。", "1.智慧医养：甲。", "2.“智慧医养”平台：乙。"
    )
    short, long = corpus.terms
    text = corpus.report.text
    assert [(use.of(text), text[: use.start].count("智慧医养")) for use in short.uses] == [
        ("智慧医养", 0),
        ("“智慧医养”", 2),
    ]
    assert [use.of(text) for use in long.uses] == ["智慧医养平台"]


def test_a_glossary_line_without_colon_is_told_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    corpus = _ingest(
        tmp_path,
        "一段话。",
        "1．绿色食堂：甲。",
        "2．幸福小站是指乙，包括：丙。",
        "（3）健康小屋：丁。",
        "它还是戊。",
        "4、好邻居——己。",
    )
    assert [(t.number, t.name, t.definition.of(corpus.report.text)) for t in corpus.terms] == [
        ("1", "绿色食堂", "甲。"),
        ("3", "健康小屋", "丁。\n它还是戊。"),
        ("4", "好邻居", "己。"),
    ]
    assert [(n.line, n.message) for n in corpus.notices] == [
        (6, "glossary line not understood: 2．幸福小站是指乙，包括：丙。")
    ]


def test_a_glossary_is_known_by_the_shape_of_its_lines_where_its_title_is_another(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    text = "一、北原市2021年工作\n一段话。\n附件1\n几个说法\n1.甲乙：丙。\n2.丁戊：己。\n"
    path.write_text(text, encoding="utf-8")
    assert [t.name for t in ingest_file(path).terms] == ["甲乙", "丁戊"]


def test_a_line_of_very_many_brackets_without_a_colon_is_left_unread(tmp_path: Path) -> None:
    corpus = _ingest(tmp_path, "一段话。", "1.甲乙：丙。", "2." + "（丁）" * 60)
    assert [t.name for t in corpus.terms] == ["甲乙"]
    assert [n.line for n in corpus.notices] == [6]

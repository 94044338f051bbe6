from __future__ import annotations

from pathlib import Path

import pytest

from ingest.corpus import ingest_file
from ingest.model import Corpus, Section, SectionKind


def _headings(corpus: Corpus, level: int) -> list[Section]:
    return [s for s in corpus.sections if s.kind is SectionKind.HEADING and s.level == level]


def _children(corpus: Corpus, parent: Section) -> list[Section]:
    return [s for s in corpus.sections if s.parent == parent.id]


def _paragraphs(corpus: Corpus, parent: Section) -> list[Section]:
    return [s for s in _children(corpus, parent) if s.kind is SectionKind.PARAGRAPH]


def _shape(corpus: Corpus) -> list[tuple[int, str, str]]:
    """Level, label and title of headings and labelled paragraphs."""
    return [
        (s.level, s.label, s.title) for s in corpus.sections if s.kind in (SectionKind.HEADING, SectionKind.PARAGRAPH)
    ]


def _ingest(tmp_path: Path, *lines: str) -> Corpus:
    path = tmp_path / "r.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return ingest_file(path)


def test_the_shipped_report_has_two_parts_with_five_chapters_each(corpus: Corpus) -> None:
    parts = _headings(corpus, 1)
    assert [(p.label, p.title, p.year) for p in parts] == [
        ("一、", "2023年国民经济和社会发展计划执行情况", 2023),
        ("二、", "2024年国民经济和社会发展目标任务及主要举措", 2024),
    ]
    chapters = [[s for s in _children(corpus, p) if s.kind is SectionKind.HEADING] for p in parts]
    assert [[c.label for c in of_part] for of_part in chapters] == [[f"（{i}）" for i in range(1, 6)]] * 2
    assert [[c.year for c in of_part] for of_part in chapters] == [[2023] * 5, [2024] * 5]
    assert [[len(_paragraphs(corpus, c)) for c in of_part] for of_part in chapters] == [
        [6, 10, 6, 5, 4],
        [6, 9, 6, 4, 4],
    ]
    assert [c.title for c in chapters[1]] == [
        "全力促发展保安全，更加有力服务保障首都功能",
        "锚定“4+N”产业发展方向，大力推动经济高质量发展",
        "坚持在发展中保障和改善民生，持续提高人民生活品质",
        "大力优化城市功能与品质，精心打造和谐宜居城市环境",
        "培育壮大优质文化供给，坚定推动文化强区建设",
    ]


def test_paragraphs_before_and_behind_the_chapters_stand_under_their_part(corpus: Corpus) -> None:
    review, plan = _headings(corpus, 1)
    assert [s.title for s in _paragraphs(corpus, review)] == [
        "2023年是全面贯彻落实党的二十大精神的开局之年",
        "一年来",
        "一年来",
        "2023年20项计划指标中",
        "我们清醒地认识到，与新时代首都发展的更高要求相比，前进道路上仍有许多困难挑战",
    ]
    assert [s.title for s in _paragraphs(corpus, plan)] == [
        "2024年是新中国成立75周年",
        "经济发展方面",
        "生态环境方面",
        "民生保障方面",
        "为了实现上述目标任务",
    ]


def test_paragraphs_are_titled_by_their_lead_sentence(corpus: Corpus) -> None:
    chapter = _headings(corpus, 2)[3]
    assert [s.title for s in _paragraphs(corpus, chapter)] == [
        "城市更新绘就老城新面貌",
        "居住环境持续改善",
        "城市精细管理水平稳步提高",
        "绿色低碳转型有序推进",
        "两个“关键小事”扎实推进",
    ]


def test_preamble_closing_and_annexes_are_told_apart(corpus: Corpus) -> None:
    by_kind = {
        kind: [s.heading.of(corpus.report.text)[:6] for s in corpus.sections if s.kind is kind]
        for kind in (SectionKind.PREAMBLE, SectionKind.CLOSING)
    }
    assert by_kind[SectionKind.PREAMBLE] == ["各位代表：", "受西城区人民"]
    assert by_kind[SectionKind.CLOSING] == ["各位代表，2", "以上报告，请", "附件：1.西", "2.名词解释"]
    annexes = [s for s in corpus.sections if s.kind is SectionKind.ANNEX]
    assert [(s.label, s.title) for s in annexes] == [
        ("附件1", "西城区2024年国民经济和社会发展计划表"),
        ("附件2", "名词解释"),
    ]
    assert annexes[0].span.end + 1 == annexes[1].span.start
    assert annexes[1].span.end == len(corpus.report.text)
    assert corpus.notices == ()


def test_numbering_of_three_levels_with_run_in_titles_is_understood(other_corpus: Corpus) -> None:
    assert _shape(other_corpus) == [
        (1, "一、", "2024年国民经济和社会发展计划执行情况"),
        (2, "", "2024年"),
        (2, "（一）", "产业转型迈出新步伐"),
        (3, "1.", "工业经济稳中提质"),
        (3, "2.", "林下经济提档升级"),
        (3, "3.", "文化旅游持续升温"),
        (2, "（二）", "城乡建设展现新面貌"),
        (3, "", "一年来"),
        (3, "1.", "基础设施加快完善"),
        (3, "2.", "乡村建设扎实推进"),
        (2, "（三）", "民生保障取得新进展"),
        (3, "1.", "就业和社会保障更加有力"),
        (3, "2.", "公共服务持续改善"),
        (2, "", "在看到成绩的同时"),
        (1, "二、", "２０２５年经济社会发展总体要求和主要目标"),
        (2, "", "2025年是“十四五”规划收官之年"),
        (2, "", "主要预期目标是"),
        (2, "（１）", "地区生产总值增长5.5%左右"),
        (2, "（２）", "一般公共预算收入增长4％"),
        (2, "（３）", "城镇调查失业率控制在5.5%以内"),
        (2, "（４）", "森林覆盖率保持稳定"),
        (1, "三、", "重点任务和保障措施"),
        (2, "（一）", "做强特色产业"),
        (3, "1.", "壮大绿色食品加工"),
        (3, "2.", "做优冰雪和避暑旅游"),
        (2, "（二）", "补齐民生短板"),
        (3, "1.", "办好民生实事"),
        (3, "2.", "守牢安全底线"),
    ]


def test_parts_speak_of_the_year_their_title_names_or_means(other_corpus: Corpus, tiny_corpus: Corpus) -> None:
    assert [s.year for s in _headings(other_corpus, 1)] == [2024, 2025, 2025]
    assert [s.year for s in _headings(tiny_corpus, 1)] == [2022, 2023]
    for passage in other_corpus.passages:
        assert passage.year == other_corpus.section[passage.section].year


def test_a_year_in_full_width_digits_dates_its_part(tmp_path: Path) -> None:
    corpus = _ingest(
        tmp_path,
        "北原市2020年计划执行情况与2021年计划草案的报告",
        "一、２０２０年的事",
        "都办成了。",
        "二、２０２１年的事",
        "接着办。",
    )
    assert [s.year for s in _headings(corpus, 1)] == [2020, 2021]


def test_annexes_in_another_order_and_with_the_title_on_the_same_line_are_found(other_corpus: Corpus) -> None:
    annexes = [s for s in other_corpus.sections if s.kind is SectionKind.ANNEX]
    assert [(s.label, s.title) for s in annexes] == [
        ("附件1", "林海县2025年民生实事清单"),
        ("附件2", "林海县2025年国民经济和社会发展计划主要指标表"),
    ]
    closing = [s for s in other_corpus.sections if s.kind is SectionKind.CLOSING]
    assert [s.title for s in closing] == [
        "各位代表",
        "以上报告",
        "附件",
        "林海县2025年国民经济和社会发展计划主要指标表",
    ]


def test_parts_and_bracketed_numbers_without_annexes_are_understood(tiny_corpus: Corpus) -> None:
    assert _shape(tiny_corpus) == [
        (1, "第一部分", "计划执行情况"),
        (2, "(1)", "工业生产保持平稳"),
        (3, "", "全市规模以上工业总产值达到1032亿元"),
        (2, "（2）", "外贸出口较快增长"),
        (3, "", "出口总额突破80亿美元"),
        (1, "第二部分", "主要目标和重点任务"),
        (2, "（1）", "主要目标"),
        (3, "", "地区生产总值增长6%以上"),
        (2, "（2）", "重点任务"),
        (3, "", "开工建设职业教育园区"),
    ]
    assert not [s for s in tiny_corpus.sections if s.kind is SectionKind.ANNEX]
    assert [*tiny_corpus.terms, *tiny_corpus.indicators, *tiny_corpus.notices] == []


def test_an_untitled_paragraph_right_under_a_heading_stays_under_it(tmp_path: Path) -> None:
    corpus = _ingest(
        tmp_path,
        "一、部",
        "（一）甲",
        "好。事情办成了。",
        "（二）乙",
        "这一段没有标题句，只有一句话。",
        "坏。事情没办成。",
    )
    second = _headings(corpus, 2)[1]
    assert [s.title for s in _paragraphs(corpus, second)] == ["这一段没有标题句", "坏"]


def test_a_numbered_paragraph_stays_in_its_chapter_even_without_a_lead_sentence(tmp_path: Path) -> None:
    corpus = _ingest(
        tmp_path, "一、部", "（一）甲", "1.好。事情办成了。", "2.只有一句话，没有标题句。", "3.坏。事情没办成。"
    )
    assert [s.label for s in _paragraphs(corpus, _headings(corpus, 2)[0])] == ["1.", "2.", "3."]


def test_headings_behind_the_tail_of_a_chapter_return_to_their_own_level(tmp_path: Path) -> None:
    lines = [
        "一、部",
        "（一）甲",
        "1.小节",
        "好。事情办成了。",
        "总之，情况就是这样。",
        "2.小节",
        "好。又办成了。",
        "（二）乙",
        "完。",
    ]
    corpus = _ingest(tmp_path, *lines)
    assert [(s.level, s.label) for s in corpus.sections if s.kind is SectionKind.HEADING] == [
        (1, "一、"),
        (2, "（一）"),
        (3, "1."),
        (3, "2."),
        (2, "（二）"),
    ]
    tail = next(s for s in corpus.sections if s.title == "总之")
    assert (tail.level, corpus.section[str(tail.parent)].label) == (2, "一、")


def test_a_report_without_numbered_headings_is_a_flat_list_with_a_notice(tmp_path: Path) -> None:
    corpus = _ingest(tmp_path, "2021年，北原市增长5%。", "今后还要努力。")
    assert {(s.level, s.parent) for s in corpus.sections} == {(1, None)}
    assert any("no numbered headings" in notice.message for notice in corpus.notices)


def test_a_table_above_the_title_is_no_annex_and_holds_nothing_that_follows(tmp_path: Path) -> None:
    lines = [
        "\t会议文件",
        "\t（八）",
        "",
        "北原市2021年计划草案的报告",
        "一、部",
        "推进好邻居。",
        "附件1",
        "名词解释",
        "1.好邻居：甲。",
    ]
    corpus = _ingest(tmp_path, *lines)
    assert [(s.kind, s.level, s.parent) for s in corpus.sections[:2]] == [(SectionKind.PREAMBLE, 1, None)] * 2
    assert [s.label for s in corpus.sections if s.kind is SectionKind.ANNEX] == ["附件1"]
    assert [len(term.uses) for term in corpus.terms] == [1]


def test_only_the_line_right_under_an_annex_mark_becomes_its_title(tmp_path: Path) -> None:
    corpus = _ingest(tmp_path, "一、部", "一段话。", "附件1", "很长的一段话，" * 20, "短短一行")
    annex = corpus.sections[-1]
    assert (annex.kind, annex.title) == (SectionKind.ANNEX, "")


@pytest.mark.parametrize("name", ["corpus", "other_corpus", "tiny_corpus"])
def test_a_section_lies_within_its_parent_one_level_below_it(name: str, request: pytest.FixtureRequest) -> None:
    corpus: Corpus = request.getfixturevalue(name)
    for section in corpus.sections:
        if section.parent is None:
            assert section.level == 1
        else:
            parent = corpus.section[section.parent]
            assert section.level == parent.level + 1
            assert parent.span.contains(section.span)
    assert [s.span.start for s in corpus.sections] == sorted(s.span.start for s in corpus.sections)

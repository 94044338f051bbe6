"""What holds for every corpus, whatever the report: spans, tiling, budget, ids, saving; and for random documents."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.canonical import Line, PlacedTable, canonicalise
from ingest.clauses import split_clauses
from ingest.corpus import ingest_file
from ingest.model import Corpus, Span
from ingest.passages import BUDGET
from ingest.readers import Cell, Document, Paragraph, Table, UnreadableFile
from ingest.readers.word_text import read_text
from ingest.sentences import split_sentences
from ingest.tokens import count_tokens

RANDOM = settings(max_examples=80, deadline=None, derandomize=True)
REPORTS = pytest.mark.parametrize("name", ["corpus", "other_corpus", "tiny_corpus"])
WORDS = st.text(alphabet="甲乙增2024５.，。；！？：、“”‘’（）()《》 \u3000\tA,b-%", max_size=40)


def _is_tiled(text: str, whole: Span, parts: list[Span]) -> bool:
    """Whether `parts` lie in order inside `whole`, without overlap, and leave out nothing but blanks."""
    edges = [whole.start, *(edge for part in parts for edge in part), whole.end]
    gaps = "".join(text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2))
    return edges == sorted(edges) and not gaps.strip() and all(part.start < part.end for part in parts)


def _check(corpus: Corpus) -> None:
    text = corpus.report.text
    whole = Span(0, len(text))
    for section in corpus.sections:
        assert whole.contains(section.span)
        assert section.span.contains(section.heading)
    for passage in corpus.passages:
        words = passage.span.of(text)
        assert whole.contains(passage.span)
        assert "\n" not in words
        assert corpus.section[passage.section].span.contains(passage.span)
        assert _is_tiled(text, passage.span, [s.span for s in passage.sentences])
        assert passage.tokens == count_tokens(words)
        assert passage.tokens <= BUDGET or len(passage.sentences) == 1
        for sentence in passage.sentences:
            assert _is_tiled(text, sentence.span, list(split_clauses(text, sentence.span)))
    assert all(one.span.end <= next_one.span.start for one, next_one in pairwise(corpus.passages))
    for term in corpus.terms:
        assert whole.contains(term.span)
        assert term.name_span.of(text) == term.name
        assert term.span.contains(term.name_span)
        assert term.span.contains(term.definition)
        assert all(whole.contains(use) for use in term.uses)
    for indicator in corpus.indicators:
        assert indicator.name in indicator.span.of(text)
        for value in indicator.values:
            assert indicator.span.contains(value.span)
            assert value.span.of(text) == value.text
    for ids in (
        [s.id for s in corpus.sections],
        [p.id for p in corpus.passages],
        [s.id for p in corpus.passages for s in p.sentences],
        [t.id for t in corpus.terms],
        [i.id for i in corpus.indicators],
    ):
        assert len(ids) == len(set(ids))


@REPORTS
def test_every_span_holds_its_words_and_sentences_tile_passages_within_the_budget(
    name: str, request: pytest.FixtureRequest
) -> None:
    _check(request.getfixturevalue(name))


@REPORTS
def test_a_corpus_is_loaded_as_it_was_saved(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    corpus: Corpus = request.getfixturevalue(name)
    corpus.save(tmp_path / "saved")
    assert Corpus.load(tmp_path / "saved") == corpus


@REPORTS
def test_every_paragraph_of_running_text_is_in_the_passages(name: str, request: pytest.FixtureRequest) -> None:
    corpus: Corpus = request.getfixturevalue(name)
    text = corpus.report.text
    covered = [
        *(p.span for p in corpus.passages),
        *(t.span for t in corpus.terms),
        *(s.heading for s in corpus.sections),
    ]
    offset = 0
    for line in text.split("\n"):
        span = Span(offset, offset + len(line))
        offset += len(line) + 1
        is_annex_title = any(s.title == line for s in corpus.sections)
        assert "\t" in line or is_annex_title or any(part.overlaps(span) for part in covered), line


def test_glossary_entries_are_terms_and_no_passages(corpus: Corpus) -> None:
    assert not any(term.span.overlaps(passage.span) for term in corpus.terms for passage in corpus.passages)


def test_a_section_is_found_with_its_ancestors(corpus: Corpus) -> None:
    sentence = next(p for p in corpus.passages if "第五立面" in p.span.of(corpus.report.text))
    assert [s.label for s in corpus.path(sentence.section)] == ["二、", "（4）", ""]
    assert corpus.path(sentence.section)[-1].title == "深化城市精细化治理"


def test_a_sentence_keeps_its_id_when_a_paragraph_is_added_before_it(
    data: Path, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    lines = (data / "fengxi-2023.txt").read_text(encoding="utf-8").splitlines()
    lines.insert(6, "新加的一段话。它在最前面。")
    path = tmp_path / "fengxi-2023.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    longer = ingest_file(path)
    before = {s.id: s.span.of(tiny_corpus.report.text) for p in tiny_corpus.passages for s in p.sentences}
    after = {s.id: s.span.of(longer.report.text) for p in longer.passages for s in p.sentences}
    assert before.items() < after.items()
    assert len(after) == len(before) + 2


def test_equal_sentences_have_ids_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("一、部\n同一句话。同一句话。\n同一句话。", encoding="utf-8")
    assert len({s.id for p in ingest_file(path).passages for s in p.sentences}) == 3


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("增长5%。下降2.5%！", ["增长5%。", "下降2.5%！"]),
        ("打造“甲。”品牌。完。", ["打造“甲。”", "品牌。", "完。"]),
        ("（见附件。）完", ["（见附件。）", "完"]),
        ("开展“谁。来办”活动", ["开展“谁。", "来办”活动"]),
        ("没有收尾的“引号。第二句。", ["没有收尾的“引号。", "第二句。"]),
        ("真的吗？！是", ["真的吗？！", "是"]),
        ("　 \t", []),
    ],
)
def test_sentences_end_at_their_marks(text: str, sentences: list[str]) -> None:
    assert [span.of(text) for span in split_sentences(text, Span(0, len(text)))] == sentences


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("增长5%，达到1,200元；完。", ["增长5%，", "达到1,200元；", "完。"]),
        ("做好（甲，乙）和“丙；丁”，完。", ["做好（甲，乙）和“丙；丁”，", "完。"]),
        ("没有收尾的（括号，完。", ["没有收尾的（括号，", "完。"]),
    ],
)
def test_clauses_end_at_commas_outside_brackets_and_figures(text: str, clauses: list[str]) -> None:
    assert [span.of(text) for span in split_clauses(text, Span(0, len(text)))] == clauses


@RANDOM
@given(before=WORDS, text=WORDS)
def test_sentences_and_clauses_tile_any_text(before: str, text: str) -> None:
    whole = Span(len(before), len(before) + len(text))
    sentences = list(split_sentences(before + text + before, whole))
    assert _is_tiled(before + text, whole, sentences)
    for sentence in sentences:
        clauses = list(split_clauses(before + text, sentence))
        assert "".join(clause.of(before + text) for clause in clauses) == sentence.of(before + text)


_CELLS = st.text(alphabet="甲乙2.", max_size=4).map(lambda text: Cell(text, 1))
_TABLES = st.lists(st.lists(_CELLS, min_size=1, max_size=4).map(tuple), min_size=1, max_size=4).map(
    lambda rows: Table(tuple(rows), 1)
)
_PARAGRAPHS = st.text(alphabet="甲乙。2 ", min_size=1, max_size=9).map(lambda text: Paragraph(text, 1))


@RANDOM
@given(blocks=st.lists(st.one_of(_PARAGRAPHS, _TABLES), min_size=1, max_size=6))
def test_the_canonical_text_of_any_document_has_each_block_at_its_offsets(blocks: list[Paragraph | Table]) -> None:
    canonical = canonicalise(Document("r", tuple(blocks)))
    text = canonical.text
    assert "\n".join(block.span.of(text) for block in canonical.blocks) == text
    for block, placed in zip(blocks, canonical.blocks, strict=True):
        if isinstance(block, Paragraph):
            assert isinstance(placed, Line)
            assert placed.span.of(text) == placed.text == block.text
        else:
            assert isinstance(placed, PlacedTable)
            for row, cells in zip(block.rows, placed.rows, strict=True):
                assert [cell.span.of(text) for cell in cells] == [cell.text for cell in row]
                assert Span(cells[0].span.start, cells[-1].span.end).of(text) == "\t".join(cell.text for cell in row)


def test_a_cell_merged_across_is_written_once_and_one_merged_down_in_every_row() -> None:
    wide, tall = Cell("宽", 1), Cell("高", 1)
    table = Table(((tall, wide, wide), (tall, Cell("甲", 2), Cell("甲", 2))), 1)
    assert canonicalise(Document("r", (table,))).text == "高\t宽\n高\t甲\t甲"


_LINES = st.one_of(
    WORDS,
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["一、", "二、", "（一）", "（2）", "1.", "2．", "第一部分", "附件1", "附件：", "附表", "名词解释", ""]
        ),
        WORDS,
        st.sampled_from(["", "。", "：好。", "以上报告，请予审议。"]),
    ),
    st.lists(st.sampled_from(["指标", "2024年\n计划", "单位", "5.0", "", "<3", "甲"]), min_size=1, max_size=4).map(
        lambda cells: "\n".join("\t" + cell for cell in cells) + "\n"
    ),
    st.just(""),
)


@RANDOM
@given(lines=st.lists(_LINES, min_size=1, max_size=14))
def test_whatever_lines_go_in_spans_lie_inside_the_text_and_no_words_are_lost(
    lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        corpus = ingest_file(path)
    except UnreadableFile:
        return
    _check(corpus)
    squeezed = "".join(corpus.report.text.split())
    for block in read_text("r", path.read_bytes()).blocks:
        texts = [block.text] if isinstance(block, Paragraph) else [cell.text for row in block.rows for cell in row]
        assert all("".join(text.split()) in squeezed for text in texts)
    for line in lines:
        for piece in line.split():
            assert piece in squeezed

"""The plan table for staff: filters, order, cells, what the body says, and the files."""

from __future__ import annotations

import csv
import re
import zipfile
from dataclasses import replace
from io import BytesIO, StringIO

import pytest

from ingest.model import Corpus
from server.exports import export
from server.indicator_views import indicator_table
from server.places import Places


def test_filters_leave_what_fits_in_the_order_of_the_table(corpus: Corpus) -> None:
    chosen = corpus.indicators[6]
    table = indicator_table(Places(corpus), chosen.dimension, chosen.attribute)
    fitting = [i for i in corpus.indicators if (i.dimension, i.attribute) == (chosen.dimension, chosen.attribute)]
    assert [row.indicator for row in table.rows] == fitting
    assert indicator_table(Places(corpus), "没有").rows == ()


def test_by_value_figures_of_one_unit_stand_together_the_largest_first(corpus: Corpus) -> None:
    rows = [row.indicator for row in indicator_table(Places(corpus), sort="value").rows]
    with_number = [i for i in rows if i.planned.number is not None]
    assert rows[: len(with_number)] == with_number
    percent = [i.planned.number or 0 for i in with_number if i.unit == "%"]
    assert percent == sorted(percent, reverse=True)
    assert len(rows) == len(corpus.indicators)


def test_a_value_leads_to_the_column_it_stands_in(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus, other_corpus):
        for row in indicator_table(Places(report)).rows:
            cells = row.indicator.span.of(report.report.text).split("\t")
            for cell in row.cells:
                if cell and cell.value.text:
                    assert cells[int(cell.href.rpartition("-")[2])] == cell.value.text


def test_the_bodys_words_on_a_result_are_quoted_and_of_the_reviewed_year(corpus: Corpus) -> None:
    table = indicator_table(Places(corpus))
    results = {row.indicator.name: row.result for row in table.rows if row.result}
    assert table.has_results
    assert results
    for name, place in results.items():
        assert place.quote == corpus.report.text[place.start : place.end]
        assert str(corpus.report.year_reviewed) in place.title
        unit = next(i.unit for i in corpus.indicators if i.name == name)
        assert unit in place.quote or re.search("完成|保持", place.quote)
    assert results["登记失业率"].quote.endswith("登记失业率2.35%，保持全市最优")
    assert results["常住人口规模"].quote == "完成常住人口年度调控目标"
    # It is the level, of whose growth nothing is said.
    assert "居民人均可支配收入增速" not in results


def test_the_bodys_words_on_all_indicators_together_are_quoted(corpus: Corpus, other_corpus: Corpus) -> None:
    place = indicator_table(Places(corpus)).overall
    assert place is not None
    assert place.quote == corpus.report.text[place.start : place.end]
    assert place.quote.startswith("2023年20项计划指标中，19项")
    assert indicator_table(Places(other_corpus)).overall is None


def test_a_table_that_has_results_of_its_own_needs_none_of_the_body(other_corpus: Corpus) -> None:
    table = indicator_table(Places(other_corpus))
    assert not table.has_results
    assert len(table.headers) == 3


def test_words_on_something_else_of_the_same_name_are_not_taken(corpus: Corpus) -> None:
    name = next(i for i in corpus.indicators if "居民人均" in i.name).name
    text = corpus.report.text.replace("居民人均可支配收入", "农村居民人均可支配收入")
    assert len(text) > len(corpus.report.text)
    row = next(r for r in indicator_table(Places(corpus)).rows if r.indicator.name == name)
    assert all("农村居民" not in mention.quote for mention in row.mentions)


def test_bars_are_drawn_where_all_values_of_a_row_are_figures(corpus: Corpus, other_corpus: Corpus) -> None:
    assert all(cell.bar is None for row in indicator_table(Places(corpus)).rows for cell in row.cells if cell)
    for row in indicator_table(Places(other_corpus)).rows:
        numbers = [value.number for value in row.indicator.values]
        bars = [cell.bar for cell in row.cells if cell]
        if all(number is not None and number >= 0 for number in numbers):
            assert max(bar for bar in bars if bar is not None) == 1
        else:
            assert set(bars) == {None}


def test_csv_has_every_row_word_for_word_with_its_place_and_the_source(corpus: Corpus) -> None:
    table = indicator_table(Places(corpus))
    data = export(table, corpus.report, "https://a.example", "snap", "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    titles, *rows = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == len(corpus.indicators) + 2
    for indicator, row in zip(corpus.indicators, rows, strict=False):
        named = dict(zip(titles, row, strict=True))
        assert named[indicator.values[0].header] == indicator.values[0].text
        assert named["出处"].startswith("https://a.example/reports/")
    assert corpus.report.title in rows[-1][0]
    assert "snap" in rows[-1][0]


@pytest.mark.parametrize("words", ["=1+1", "@cmd", "+SUM(A1)", "-2+3"])
def test_no_cell_becomes_a_formula(corpus: Corpus, words: str) -> None:
    harmful = replace(corpus.indicators[0], unit=words)
    table = indicator_table(Places(replace(corpus, indicators=(harmful, *corpus.indicators[1:]))))
    assert f"'{words}" in export(table, corpus.report, "", "", "csv").decode()
    sheet = zipfile.ZipFile(BytesIO(export(table, corpus.report, "", "", "xlsx"))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


def test_xlsx_holds_the_same_words(corpus: Corpus) -> None:
    data = export(indicator_table(Places(corpus)), corpus.report, "https://a.example", "snap", "xlsx")
    strings = zipfile.ZipFile(BytesIO(data)).read("xl/sharedStrings.xml").decode()
    for indicator in corpus.indicators:
        assert indicator.name in strings
    assert corpus.report.title in strings


def test_a_column_without_a_meaning_of_its_own_is_shown_and_exported(corpus: Corpus) -> None:
    first, *rest = corpus.indicators
    wider = replace(corpus, indicators=(replace(first, others=(("责任单位", "县统计局"),)), *rest))
    table = indicator_table(Places(wider))
    assert table.others == ("责任单位",)
    assert [row.other("责任单位") for row in table.rows[:2]] == ["县统计局", ""]
    data = export(table, wider.report, "", "", "csv")
    titles, line, *_ = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    assert line[titles.index("责任单位")] == "县统计局"

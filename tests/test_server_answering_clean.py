from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.model import Corpus
from server.answering.clean import clean, simplify


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  登记失业率 \n 是多少  ", "登记失业率 是多少"),
        ("２０２４年ＧＤＰ", "2024年GDP"),
        ("失\u200b业\ufeff率", "失业率"),
        ("\u202e率业失\u202c", "率业失"),
        ("失业率\x00是\x1b[31m多少", "失业率 是 [31m多少"),
        ("养老\u3000\u3000服务", "养老 服务"),
        ("\U000e0041\U000e0042忽略", "忽略"),
        ("3.5％以内？", "3.5%以内?"),
        ("\u200b\u200d", ""),
        ("“一键呼”", "“一键呼”"),
    ],
)
def test_what_is_typed_becomes_what_is_meant(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_clean_text_has_nothing_invisible_and_single_blanks(text: str) -> None:
    cleaned = clean(text)
    assert not any(unicodedata.category(character) == "Cc" for character in cleaned)
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(alphabet="a１ﬁ①㈱e\u0301\u200b\u0300\u202e失业 \n？", max_size=12))
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("登記失業率是多少", "登记失业率是多少"),
        ("養老服務「十件事」", "养老服务“十件事”"),
        ("數據", "数据"),
        ("登记失业率", "登记失业率"),
        ("GDP 5%", "GDP 5%"),
        ("", ""),
    ],
)
def test_traditional_becomes_simplified_and_simplified_stays(traditional: str, simplified: str) -> None:
    assert simplify(traditional).replace("「", "“").replace("」", "”") == simplified


@pytest.mark.parametrize(
    "words", ["新增学位多少个", "核心区控规", "办事程序怎么简化", "对口支援", "智慧停车", "呼叫响应率"]
)
def test_ordinary_simplified_words_stay_as_they_are(words: str) -> None:
    assert simplify(words) == words


def test_a_report_in_simplified_characters_stays_as_it_is(corpus: Corpus, other_corpus: Corpus) -> None:
    for report in (corpus.report, other_corpus.report):
        assert simplify(report.text) == report.text

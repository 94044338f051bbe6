"""Personal data is found beside Han characters, and figures of the report are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.model import Corpus
from server.privacy import PersonalData, personal_data, refuse_personal_data

ID_CARD = "11010519491231002X"
BANK_CARD = "6222021234567890128"


def _luhn(body: str) -> str:
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"我的身份证号{ID_CARD}能领吗", "身份证号"),
        (f"身份证{ID_CARD.lower()}", "身份证号"),
        ("１１０１０５１９４９１２３１００２Ｘ", "身份证号"),
        ("手机号13812345678可以吗", "手机号"),
        ("打138 1234 5678给我", "手机号"),
        ("+86-138-1234-5678", "手机号"),
        ("8613812345678", "手机号"),
        (f"卡号{_luhn('622202123456789012')}到账了吗", "银行卡号"),
        (f"卡{_luhn('411111111111111')}", "银行卡号"),
        ("4111 1111 1111 1111", "银行卡号"),
        ("发到zhang.san@example.com.cn吧", "电子邮箱"),
        ("京A12345违停", "车牌号"),
        ("我的车京A·D1234学", "车牌号"),
        ("新能源京AD12345能进吗", "车牌号"),
    ],
)
def test_personal_data_is_found_and_refused_without_being_repeated(text: str, kind: str) -> None:
    assert kind in personal_data(text)
    with pytest.raises(PersonalData) as refused:
        refuse_personal_data(text)
    assert not any(part in str(refused.value) for part in ("138", "1105", "京A", "zhang", "4111"))


@pytest.mark.parametrize(
    "text",
    [
        "2024年地区生产总值增速是多少？",
        "110105194912310021",  # the check digit does not fit
        "11010519491331002X",  # no such month
        "6222021234567890123",  # the check digit does not fit
        "编号13812345678901",
        "0.13812345678",
        "12345热线和010-12345678",
        "投资1381234567元",
        "6000亿元、8.44亿美元、2261亿元",
        "京津冀协同发展",
        "京A计划和B计划",
        "“2-1-1-5-2”框架体系",
        "2023@2024",
        "",
    ],
)
def test_what_is_no_personal_data_is_let_through(text: str) -> None:
    assert personal_data(text) == ()
    refuse_personal_data(text)


@pytest.mark.parametrize("name", ["corpus", "other_corpus"])
def test_no_sentence_of_a_report_is_taken_for_personal_data(name: str, request: pytest.FixtureRequest) -> None:
    corpus: Corpus = request.getfixturevalue(name)
    found = [line for line in corpus.report.text.split("\n") if personal_data(line)]
    assert found == []


@settings(max_examples=300, deadline=None, derandomize=True)
@given(before=st.text(alphabet="甲是：，。 ", max_size=4), body=st.from_regex(r"[3-6]\d{14,17}", fullmatch=True))
def test_any_card_number_that_checks_is_found_beside_any_words(before: str, body: str) -> None:
    assert "银行卡号" in personal_data(f"{before}{_luhn(body)}{before[::-1]}")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_is_looked_through(text: str) -> None:
    assert set(personal_data(text)) <= {"身份证号", "手机号", "银行卡号", "电子邮箱", "车牌号"}

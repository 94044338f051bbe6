"""The API over HTTP: the contract's answer, its events, every error, and what odd questions get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.testclient import TestClient

from server.answering.model import QUESTION_LIMIT, Answer, Status
from server.answering.pipeline import Knowledge
from server.answering.questions import Rarity
from server.app import create_app
from server.limits import BODY_LIMIT
from server.service import Service
from server.settings import Settings

QUESTION = "计划表里“绿色发展”维度的预期性指标有哪些？"
SECRET = "秘密路径 /srv/planqa.key"
ANSWER_FIELDS = {
    "id", "status", "question", "resolved_question", "mode", "answer",
    "sentences", "citations", "related", "notice", "snapshot", "timings_ms",
}  # fmt: skip
PLACE_FIELDS = {"kind", "report", "title", "quote", "start", "end", "url"}
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy")
HTML = {"accept": "text/html,application/xhtml+xml"}
EVENTS = {"accept": "text/event-stream"}

ODD_QUESTIONS = (
    "。", "？？？", "……", "!!!!", "、，；：", "\u3000", " \t\n", "\u200b", "\u200b\u200d\ufeff", "\u202e\u202c",
    "0", "123456", "１２３４５", "3.14159", "99999999999999999999", "-1", "1e999", "%", "①②③", "²³",
    "😀", "👨‍👩‍👧‍👦养老👵🏻", "🇨🇳2024", "ما هو معدل البطالة؟", "מה שיעור האבטלה", "\u202e少多是率业失记登",
    "西" * QUESTION_LIMIT, "a" * QUESTION_LIMIT, "１" * QUESTION_LIMIT, "﷽" * QUESTION_LIMIT, "失业率" * 100,
    "'; DROP TABLE answers; --", "1 OR 1=1", "SELECT * FROM indicators", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "&lt;b&gt;", "{{7*7}}", "{% raw %}", "${7*7}", "{title}", "%s%n%x", "../../etc/passwd",
    "失业率\x00是多少", "\x00", "\x1b[31m红\x1b[0m", "登記失業率是多少", "養老服務「十件事」是什麼", "What is the GDP growth target?",
    "deng ji shi ye lv shi duo shao", "GDP", "第五立面", "ＧＤＰ増速２０２４", "[1][2]", "\\u0000", "null", "NaN",
    "（（（（（", "((((a+)+)+)+)$", "Z̷̧̪a̶̦͠l̵̬̕g̸̖̈́o̷̱͒ 失业率", "𠮷野家𡃁", "\ufffd\ufffd", "कर्मचारी", "ㄅㄆㄇㄈ", "㈱㋿", "ﬀﬁ",
)  # fmt: skip


def _ask(client: TestClient, question: object, headers: Mapping[str, str] | None = None, **more: object) -> Any:
    return client.post("/api/chat", json={"question": question, **more}, headers=headers)


def _is_error(response: Any, status: int, code: str) -> str:
    """Check that the response is the documented error; its sentence."""
    body = response.json()
    assert response.status_code == status, body
    assert response.headers["content-type"] == "application/json"
    assert set(body) == {"code", "message"}
    assert body["code"] == code
    assert re.search(r"[\u4e00-\u9fff]{4}.*[。）]$", body["message"])
    assert "Traceback" not in response.text
    return str(body["message"])


def _events(text: str) -> list[tuple[str, Any]]:
    """Name and data of each event."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def _without_clock(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("id", "timings_ms")}


@pytest.fixture
def failing(knowledge: Knowledge) -> Iterator[TestClient]:
    """A client of an application that fails on every question, with words nobody should see."""

    def fail(_: str) -> float:
        raise RuntimeError(SECRET)

    broken = replace(knowledge, rarity=cast(Rarity, fail))
    app = create_app(Service(lambda: broken), Settings(rate_limit="off"))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def starting(knowledge: Knowledge) -> TestClient:
    """A client of an application that has not loaded its knowledge."""
    return TestClient(create_app(Service(lambda: knowledge), Settings(rate_limit="off")))


def test_an_answer_has_exactly_the_fields_of_the_contract(web: TestClient) -> None:
    response = _ask(web, QUESTION)
    body = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert set(body) == ANSWER_FIELDS
    assert (body["status"], body["mode"]) == ("answered", "extractive")
    assert body["question"] == QUESTION.replace("？", "?")
    assert [set(sentence) for sentence in body["sentences"]] == [{"text", "markers", "origin"}]
    assert [set(citation) for citation in body["citations"]] == [PLACE_FIELDS | {"marker"}]
    assert body["citations"][0]["quote"] == "绿色发展\t9\t优质外向型企业及项目引入数量（个）\t120\t预期性"
    assert body["answer"] == "共1项：9 优质外向型企业及项目引入数量。[1]"
    assert all(isinstance(ms, float) for ms in body["timings_ms"].values())


def test_a_refusal_has_the_same_fields_and_related_places(web: TestClient) -> None:
    body = _ask(web, "区里打算在火星上种多少棵土豆？").json()
    assert body["status"] == "unanswerable_not_in_report"
    assert set(body) == ANSWER_FIELDS
    assert (body["sentences"], body["citations"]) == ([], [])
    assert body["related"]
    assert all(set(place) == PLACE_FIELDS for place in body["related"])


def test_the_history_completes_the_question(web: TestClient) -> None:
    history = [{"role": "user", "content": "2023年登记失业率是多少？"}, {"role": "assistant", "content": "2.35%"}]
    body = _ask(web, "那2024年呢？", history=history).json()
    assert body["question"] == "那2024年呢?"
    assert body["resolved_question"] == "2024年登记失业率是多少？"


@pytest.mark.parametrize("question", [QUESTION, "计划表里约束性指标有哪些？", "你好", "海淀区的失业率是多少"])
def test_the_events_are_steps_then_cited_sentences_then_the_whole_answer(web: TestClient, question: str) -> None:
    response = _ask(web, question, EVENTS)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    events = _events(response.text)
    order = " ".join(name for name, _ in events)
    assert re.fullmatch(r"(?:status )+(?:(?:citation )*sentence )*done", order)
    assert len({data["stage"] for name, data in events if name == "status"}) >= 3
    whole = events[-1][1]
    Answer.model_validate(whole)
    assert [data for name, data in events if name == "sentence"] == whole["sentences"]
    assert [data for name, data in events if name == "citation"] == whole["citations"]
    assert _without_clock(whole) == _without_clock(_ask(web, question).json())


def test_a_sentence_comes_only_after_all_its_citations(web: TestClient) -> None:
    known: set[int] = set()
    for name, data in _events(_ask(web, "计划表里约束性指标有哪些？", EVENTS).text):
        if name == "citation":
            known.add(data["marker"])
        if name == "sentence":
            assert set(data["markers"]) <= known
    assert len(known) > 3


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"question=1", b'{"question": "\xff"}', b"[" * 100_000, b'{"question":' * 9_000, b"9" * 10_000],
    ids=["empty", "cut", "form", "bytes", "nested lists", "nested objects", "long number"],
)
def test_what_is_no_json_is_refused_as_malformed(web: TestClient, body: bytes) -> None:
    response = web.post("/api/chat", content=body, headers={"content-type": "application/json"})
    if body == b"":
        _is_error(response, 422, "invalid")
    else:
        _is_error(response, 400, "malformed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"question": ""}, "question_missing"),
        ({"question": " \n\u3000"}, "question_missing"),
        ({}, "question_missing"),
        ({"question": "问" * (QUESTION_LIMIT + 1)}, "question_too_long"),
        ({"question": 5}, "invalid"),
        ({"question": None}, "invalid"),
        ({"question": ["问"]}, "invalid"),
        ({"question": "问", "model": "x"}, "invalid"),
        ({"question": "问", "history": "x"}, "invalid"),
        ({"question": "问", "history": [{"role": "system", "content": "x"}]}, "invalid"),
        ({"question": "问", "history": [{"role": "user"}]}, "invalid"),
        ({"question": "问", "history": [{"role": "user", "content": "x", "name": "y"}]}, "invalid"),
        ({"question": "问", "history": [{"role": "user", "content": "长" * 4001}]}, "invalid"),
        ({"question": "问", "history": [{"role": "user", "content": "短"}] * 21}, "invalid"),
        ([], "invalid"),
        ("问", "invalid"),
    ],
)
def test_a_request_that_breaks_the_contract_is_refused(web: TestClient, body: object, code: str) -> None:
    _is_error(web.post("/api/chat", json=body), 422, code)


def test_half_a_surrogate_pair_is_refused_and_not_called_a_missing_question(web: TestClient) -> None:
    for body in (b'{"question": "\\ud800"}', b'{"question": "x", "history": [{"role": "user", "content": "\\udfff"}]}'):
        _is_error(web.post("/api/chat", content=body, headers={"content-type": "application/json"}), 422, "invalid")


def test_the_longest_question_with_the_longest_history_a_page_sends_is_answered(web: TestClient) -> None:
    history = [{"role": "user", "content": "问" * 4000}, {"role": "assistant", "content": "答" * 4000}] * 5
    assert _ask(web, "失" * QUESTION_LIMIT, history=history).status_code == 200


def test_the_longest_history_the_contract_allows_is_answered(web: TestClient) -> None:
    history = [{"role": "user", "content": "问" * 4000}, {"role": "assistant", "content": "答" * 4000}] * 10
    assert _ask(web, "失" * QUESTION_LIMIT, history=history).status_code == 200


@pytest.mark.parametrize("body", [{"question": "问", "history": "x"}, []])
def test_a_refusal_is_in_words_a_citizen_understands(web: TestClient, body: object) -> None:
    assert not re.search(r"[a-z]_[a-z]", web.post("/api/chat", json=body).json()["message"])


def test_a_body_over_the_limit_is_refused_whether_announced_or_not(web: TestClient) -> None:
    too_long = json.dumps({"question": "问" * BODY_LIMIT}).encode()
    chunks = (too_long[i : i + 4096] for i in range(0, len(too_long), 4096))
    kind = {"content-type": "application/json"}
    _is_error(web.post("/api/chat", content=too_long, headers=kind), 413, "too_large")
    _is_error(web.post("/api/chat", content=chunks, headers=kind), 413, "too_large")
    assert web.post("/", content=too_long, headers=HTML).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/static/nothing.js", 404, "not_found"),
        ("GET", "/static/../settings.py", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/api/chat", 405, "not_allowed"),
        ("DELETE", "/api/chat", 405, "not_allowed"),
        ("POST", "/glossary", 405, "not_allowed"),
        ("PUT", "/", 405, "not_allowed"),
    ],
)
def test_an_address_that_does_not_exist_or_fit_says_so(
    web: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = web.request(method, path)
    _is_error(response, status, code)
    assert (status == 405) == ("allow" in response.headers)


def test_a_browser_gets_a_page_for_an_error_and_a_program_never_does(web: TestClient) -> None:
    page = web.get("/nothing", headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "没有找到这个页面" in page.text
    _is_error(web.get("/api/nothing", headers=HTML), 404, "not_found")


def test_who_asks_too_often_is_told_when_to_come_back(knowledge: Knowledge) -> None:
    app = create_app(Service(lambda: knowledge), Settings(rate_limit="2/minute"))
    with TestClient(app) as client:
        assert [_ask(client, "你好").status_code for _ in range(2)] == [200, 200]
        refused = _ask(client, "你好")
        _is_error(refused, 429, "too_many")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        form = client.post("/", data={"question": "你好"}, headers=HTML)
        assert (form.status_code, "retry-after" in form.headers) == (429, True)
        assert [client.get(path).status_code for path in ("/", "/glossary", "/healthz", "/readyz")] == [200] * 4


def test_before_the_start_every_question_and_page_says_to_wait(starting: TestClient) -> None:
    for response in (_ask(starting, "你好"), _ask(starting, "你好", EVENTS), starting.get("/readyz")):
        _is_error(response, 503, "starting")
        assert int(response.headers["retry-after"]) > 0
    page = starting.get("/", headers=HTML)
    assert (page.status_code, "retry-after" in page.headers) == (503, True)
    assert "正在启动" in page.text
    assert starting.get("/healthz").json() == {"status": "alive"}


def test_an_unexpected_error_shows_nothing_of_the_inside(failing: TestClient) -> None:
    response = _ask(failing, QUESTION)
    _is_error(response, 500, "internal")
    page = failing.post("/", data={"question": QUESTION}, headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    for text in (response.text, page.text):
        assert "RuntimeError" not in text
        assert SECRET not in text


def test_an_error_amid_the_events_reaches_the_asker_as_an_error(failing: TestClient) -> None:
    events = _events(_ask(failing, QUESTION, EVENTS).text)
    assert SECRET not in str(events)
    assert events[-1][0] == "done"
    assert events[-1][1]["status"] == "error_internal"


@pytest.mark.parametrize("path", ["/healthz", "/", "/glossary", "/static/style.css", "/nothing", "/openapi.json"])
def test_every_kind_of_response_has_the_security_headers(web: TestClient, path: str) -> None:
    responses: list[Any] = [web.get(path), web.get(path, headers=HTML), web.head(path)]
    for response in responses:
        assert [name for name in HEADERS if name not in response.headers] == []


def test_answers_events_and_refusals_have_the_security_headers(web: TestClient) -> None:
    too_long = b" " * (BODY_LIMIT + 1)
    responses: list[Any] = [
        _ask(web, "你好"),
        _ask(web, "你好", EVENTS),
        _ask(web, ""),
        web.post("/api/chat", content=too_long),
    ]
    assert [response.status_code for response in responses] == [200, 200, 422, 413]
    for response in responses:
        assert [name for name in HEADERS if name not in response.headers] == []


def test_an_unexpected_error_has_the_security_headers(failing: TestClient) -> None:
    response = _ask(failing, QUESTION)
    assert response.status_code == 500
    assert [name for name in HEADERS if name not in response.headers] == []


def test_the_service_says_that_it_is_alive_and_ready(web: TestClient, knowledge: Knowledge) -> None:
    assert web.get("/healthz").json() == {"status": "alive"}
    assert web.get("/readyz").json() == {"status": "ready", "snapshot": knowledge.snapshot.id}


def test_the_description_of_the_api_is_valid_and_complete(web: TestClient) -> None:
    document = web.get("/openapi.json").json()
    OpenAPI.model_validate(document)
    paths = {"/api/chat", "/healthz", "/readyz", "/v1/chat/completions", "/v1/models", "/v1/models/{name}"}
    assert set(document["paths"]) == paths
    assert set(document["paths"]["/api/chat"]["post"]["responses"]) >= {"200", "400", "413", "422", "429", "503"}
    schemas = document["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named <= set(schemas)
    assert set(schemas["Answer"]["properties"]) == ANSWER_FIELDS
    assert set(schemas["Status"]["enum"]) == {status.value for status in Status}
    assert schemas["ErrorBody"]["properties"].keys() == {"code", "message"}


@pytest.mark.parametrize("question", ODD_QUESTIONS, ids=range(len(ODD_QUESTIONS)))
def test_an_odd_question_gets_an_answer_of_a_known_status_or_a_clear_refusal(web: TestClient, question: str) -> None:
    response = _ask(web, question)
    if response.status_code == 422:
        _is_error(response, 422, "question_missing")
        assert not question.strip()
        return
    assert response.status_code == 200
    answer = Answer.model_validate(response.json())
    assert answer.answer
    assert answer.status.is_answer or not answer.citations
    assert "\x00" not in answer.question


def test_markup_in_a_question_stays_text_on_the_page(web: TestClient) -> None:
    page = web.post("/", data={"question": "<script>alert(1)</script>第五立面"}, headers=HTML).text
    assert "<script>alert" not in page


def test_a_report_can_be_chosen_and_one_that_is_not_there_is_named_with_those_that_are(web: TestClient) -> None:
    chosen = _ask(web, "登记失业率是多少", report="xicheng-2024")
    assert chosen.status_code == 200
    assert {citation["report"] for citation in chosen.json()["citations"]} == {"xicheng-2024"}
    assert "xicheng-2024" in _is_error(_ask(web, "登记失业率是多少", report="nowhere"), 404, "no_report")
    unknown = {"model": "planqa/nowhere", "messages": [{"role": "user", "content": "登记失业率是多少"}]}
    assert web.post("/v1/chat/completions", json=unknown).status_code == 404

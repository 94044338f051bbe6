"""The kept answers over HTTP, the switch, what is refused unkept, the headers, the log and the figures."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import text

from server.answering.pipeline import Knowledge
from server.answering.questions import Rarity
from server.app import create_app
from server.limits import client_address, client_network
from server.logs import Formatter
from server.service import Service
from server.settings import Settings
from server.storage import Store

QUESTION = "计划表里约束性指标有哪些？"
CONVERSATION = "0123456789abcdef-conversation"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(f"sqlite:///{tmp_path / 'planqa.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def client(knowledge: Knowledge, store: Store) -> Iterator[TestClient]:
    """A client of an application that keeps its answers."""
    app = create_app(Service(lambda: knowledge, memory=store), Settings(rate_limit="off"), store)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def _ask(client: TestClient, question: str = QUESTION, **more: Any) -> Any:
    return client.post("/api/chat", json={"question": question, **more})


def test_an_answer_can_be_read_again_as_it_was_given_also_one_that_was_streamed(client: TestClient) -> None:
    given = _ask(client).json()
    assert client.get(f"/api/answers/{given['id']}").json() == given
    events = client.post("/api/chat", json={"question": QUESTION}, headers={"accept": "text/event-stream"}).text
    streamed = json.loads(events.rsplit("data: ", 1)[1])
    assert client.get(f"/api/answers/{streamed['id']}").json() == streamed


def test_the_cleaned_question_is_what_is_kept(client: TestClient, store: Store) -> None:
    _ask(client, "登记\u200b失业率\U000e0041\u202e是多少？")
    assert [row.question for row in store.answers()] == ["登记失业率是多少?"]


def test_an_answer_is_reported_wrong_once_it_is_there(client: TestClient, store: Store) -> None:
    given = _ask(client).json()
    reported = client.post(f"/api/answers/{given['id']}/reports", json={"comment": "数字\u200b不对"})
    assert (reported.status_code, set(reported.json())) == (201, {"report"})
    assert store.error_reports()[0].comment == "数字不对"
    assert client.post("/api/answers/none/reports", json={}).status_code == 404
    personal = client.post(f"/api/answers/{given['id']}/reports", json={"comment": "打13812345678"})
    assert (personal.status_code, personal.json()["code"]) == (422, "personal_data")
    assert len(store.error_reports()) == 1
    assert client.post(f"/api/answers/{given['id']}/reports", json={"comment": "长" * 1001}).status_code == 422


def test_a_conversation_is_forgotten_when_its_owner_asks(client: TestClient) -> None:
    kept = _ask(client).json()["id"]
    given = _ask(client, conversation=CONVERSATION).json()["id"]
    assert client.delete(f"/api/conversations/{CONVERSATION}").json() == {"deleted": 1}
    assert client.get(f"/api/answers/{given}").status_code == 404
    assert client.get(f"/api/answers/{kept}").status_code == 200
    assert client.delete("/api/conversations/short").status_code == 422
    assert _ask(client, conversation="short").status_code == 422


@pytest.mark.parametrize("question", ["我的手机号1３8\u200b12345678能登记吗", "身份证11010519491231002X"])
def test_personal_data_is_neither_answered_nor_kept_nor_logged(
    question: str, client: TestClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = _ask(client, question)
    assert (response.status_code, response.json()["code"]) == (422, "personal_data")
    assert "没有保存" in response.json()["message"]
    assert store.answers() == []
    assert "12345678" not in caplog.text + response.text
    assert "110105" not in caplog.text + response.text


def test_a_chat_that_is_off_says_why_and_everything_else_is_there(client: TestClient, store: Store) -> None:
    store.switch_chat("报告更新中，下午恢复。")
    response = _ask(client)
    assert (response.status_code, response.json()["code"]) == (503, "chat_off")
    assert "报告更新中，下午恢复。" in response.json()["message"]
    assert "retry-after" in response.headers
    assert [client.get(path).status_code for path in ("/", "/glossary", "/readyz")] == [200, 200, 200]
    store.switch_chat(None)
    assert _ask(client).status_code == 200


def test_an_answer_is_given_also_where_it_cannot_be_kept(client: TestClient, store: Store) -> None:
    with store._begin() as connection:
        for table in ("error_reports", "answers"):
            connection.execute(text(f"DROP TABLE {table}"))
    assert _ask(client).json()["status"] == "answered"
    assert client.get("/api/answers/x").status_code == 503
    assert 'planqa_failures_total{part="storage"}' in client.get("/metrics").text


def test_a_question_whose_answering_fails_is_kept_with_its_status(knowledge: Knowledge, store: Store) -> None:
    def fail(_: str) -> float:
        raise RuntimeError("geheim")

    broken = replace(knowledge, rarity=cast(Rarity, fail))
    app = create_app(Service(lambda: broken, memory=store), Settings(rate_limit="off"), store)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert _ask(client).status_code == 500
    assert [row.status for row in store.answers()] == ["error_internal"]


def test_the_figures_count_by_route_and_status_and_never_by_what_was_typed(client: TestClient) -> None:
    _ask(client)
    client.get("/glossary/没有这个")
    client.get("/geheim?q=geheim")
    figures = client.get("/metrics").text
    assert 'planqa_answers_total{mode="extractive",status="answered"} 1.0' in figures
    assert 'planqa_stage_seconds_count{stage="verify"} 1.0' in figures
    assert 'route="/api/chat",status="200"' in figures
    assert 'route="/glossary/{number}"' in figures
    assert 'route="other",status="404"' in figures
    assert "planqa_in_progress 0.0" in figures
    assert "geheim" not in figures
    assert "没有" not in figures


def test_every_response_has_an_id_and_the_log_names_it_without_what_was_typed(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="planqa.requests"):
        given = client.get("/glossary?q=geheim", headers={"x-request-id": "from-the-proxy-1"})
        odd = client.get("/healthz", headers={"x-request-id": "no id\x01 <b>"})
    assert given.headers["x-request-id"] == "from-the-proxy-1"
    assert len(odd.headers["x-request-id"]) == 16
    fields = [cast(Any, record).fields for record in caplog.records if record.name == "planqa.requests"]
    assert [(f["route"], f["status"]) for f in fields] == [("/glossary", 200), ("/healthz", 200)]
    assert "geheim" not in str(fields)


def test_a_log_line_is_json_and_shows_no_secret() -> None:
    formatter = Formatter(['s3cr3t"token'])
    try:
        raise ValueError('postgresql://u:s3cr3t"token@h')
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, 'bad s3cr3t"token', (), (type(error), error, error.__traceback__)
        )
    said = json.loads(formatter.format(record))
    assert said["message"] == "bad ***"
    assert said["level"] == "error"
    assert "ValueError" in said["traceback"]
    assert "s3cr3t" not in str(said)


def test_the_rate_limits_headers_say_what_is_left_and_each_client_has_its_own(knowledge: Knowledge) -> None:
    settings = Settings(rate_limit="2/minute", trusted_proxies="127.0.0.1, 10.0.0.0/8")
    app = create_app(Service(lambda: knowledge), settings)
    with TestClient(app, client=("127.0.0.1", 1)) as client:

        def ask(forwarded: str) -> Any:
            return client.post("/api/chat", json={"question": "你好"}, headers={"x-forwarded-for": forwarded})

        first, second, third = (ask("192.0.2.1") for _ in range(3))
        assert [r.status_code for r in (first, second, third)] == [200, 200, 429]
        assert first.headers["ratelimit-policy"] == '"questions";q=2;w=60'
        assert [r.headers["ratelimit"].split(";t=")[0] for r in (first, second, third)] == [
            '"questions";r=1', '"questions";r=0', '"questions";r=0',
        ]  # fmt: skip
        assert 1 <= int(third.headers["retry-after"]) <= 60
        assert ask("192.0.2.2, 10.1.2.3").status_code == 200
        assert ask("192.0.2.9, 192.0.2.1").status_code == 429


def _request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["<script>"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [" , "], "10.0.0.1"),
        ("testclient", ["203.0.113.9"], "testclient"),
    ],
)
def test_only_what_trusted_proxies_say_of_the_client_counts(peer: str, forwarded: list[str], expected: str) -> None:
    assert client_address(_request(peer, *forwarded), [ip_network("10.0.0.0/8")]) == expected


def test_an_ipv6_customer_is_one_client() -> None:
    assert client_network("2001:db8:1:2::5") == client_network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert client_network("::ffff:192.0.2.1") == client_network("192.0.2.1") == "192.0.2.1"
    assert client_network("testclient") == "testclient"


def test_no_origin_but_ones_own_is_let_in(client: TestClient) -> None:
    for method in ("GET", "OPTIONS"):
        response = client.request(method, "/api/chat", headers={"origin": "https://evil.example"})
        assert not [name for name in response.headers if name.startswith("access-control")]
    for path in ("/", "/api/chat", "/metrics", "/none"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["permissions-policy"].startswith("camera=()")
        assert headers["cross-origin-resource-policy"] == "same-origin"

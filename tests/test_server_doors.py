"""Every way to ask leads through the same guards: kept, counted, privacy-checked, turned off, limited."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from server.answering.pipeline import Knowledge
from server.app import create_app
from server.service import Service
from server.settings import Settings
from server.storage import Store

QUESTION = "计划表里约束性指标有哪些？"
EVENTS = {"accept": "text/event-stream"}
Door = Callable[[TestClient, str], Response]


def _mcp(client: TestClient, question: str) -> Response:
    call = {"name": "ask", "arguments": {"question": question}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    return client.post("/mcp", json=body, headers={"accept": "application/json, text/event-stream"})


def _completion(question: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}], **more}


DOORS: dict[str, Door] = {
    "api": lambda client, question: client.post("/api/chat", json={"question": question}),
    "api events": lambda client, question: client.post("/api/chat", json={"question": question}, headers=EVENTS),
    "page": lambda client, question: client.post("/", data={"question": question}, headers={"accept": "text/html"}),
    "page events": lambda client, question: client.post("/", data={"question": question}, headers=EVENTS),
    "openai": lambda client, question: client.post("/v1/chat/completions", json=_completion(question)),
    "openai stream": lambda client, question: client.post(
        "/v1/chat/completions", json=_completion(question, stream=True)
    ),
    "mcp": _mcp,
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(f"sqlite:///{tmp_path / 'planqa.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def client(knowledge: Knowledge, store: Store) -> Iterator[TestClient]:
    """A client of the application, two of whose questions a minute are answered."""
    app = create_app(Service(lambda: knowledge, memory=store), Settings(rate_limit="2/minute"), store)
    with TestClient(app, client=("192.0.2.1", 1), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(params=list(DOORS))
def ask(request: pytest.FixtureRequest) -> Door:
    """One way to ask."""
    return DOORS[request.param]


def test_what_is_asked_is_answered_kept_under_a_clients_name_and_counted(
    ask: Door, client: TestClient, store: Store
) -> None:
    response = ask(client, f"{QUESTION}\u200b")
    assert response.status_code == 200
    assert "约束性" in _words(response)
    (row,) = store.answers()
    assert (row.question, row.status) == ("计划表里约束性指标有哪些?", "answered")
    with store._begin() as connection:
        (name,) = connection.exec_driver_sql("SELECT client FROM answers").scalars()
    assert name == store.client_name("192.0.2.1")
    assert 'planqa_answers_total{mode="extractive",status="answered"} 1.0' in client.get("/metrics").text


def test_personal_data_is_refused_and_nowhere_kept(
    ask: Door, client: TestClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", logger="server"):
        response = ask(client, "我的手机号13812345678能登记吗")
    assert "没有保存" in _words(response)
    # The form's box has it back, to be changed; nothing else does.
    shown = re.sub(r"<textarea.*?</textarea>", "", _words(response), flags=re.DOTALL)
    assert "12345678" not in shown + caplog.text
    assert store.answers() == []
    assert 'planqa_refused_total{reason="personal_data"} 1.0' in client.get("/metrics").text


def test_a_chat_that_is_off_says_so(ask: Door, client: TestClient, store: Store) -> None:
    store.switch_chat("报告更新中，下午恢复。")
    assert "报告更新中，下午恢复。" in _words(ask(client, QUESTION))
    assert store.answers() == []
    assert 'planqa_refused_total{reason="chat_off"} 1.0' in client.get("/metrics").text


def test_who_asks_too_often_is_told_when_to_come_back(ask: Door, client: TestClient) -> None:
    first, _, third = (ask(client, "你好") for _ in range(3))
    assert first.headers["ratelimit"].startswith('"questions";r=1')
    assert third.status_code == 429
    assert int(third.headers["retry-after"]) > 0


def test_an_answer_given_through_any_door_opens_at_its_address(client: TestClient, store: Store) -> None:
    client.post("/v1/chat/completions", json=_completion(QUESTION))
    (row,) = store.answers()
    assert client.get(f"/answers/{row.id}").status_code == 200
    assert client.get(f"/api/answers/{row.id}").json()["id"] == row.id


def test_a_refusal_is_read_in_the_language_of_the_pages(client: TestClient) -> None:
    client.cookies.set("display", "language=en")
    told = DOORS["page events"](client, "我的手机号13812345678能登记吗").json()["message"]
    assert "a mobile number" in told


def _words(response: Response) -> str:
    """The response's words; JSON's escapes undone."""
    if response.headers["content-type"].startswith("application/json"):
        return str(response.json())
    return response.text


def test_a_form_with_personal_data_gives_the_words_back_to_be_changed(client: TestClient, store: Store) -> None:
    response = client.post("/", data={"question": "我的手机号13812345678能登记吗"}, headers={"accept": "text/html"})
    assert response.status_code == 422
    box = re.search(r"<textarea[^>]*>(.*?)</textarea>", response.text, re.DOTALL)
    assert box
    assert box[1].strip() == "我的手机号13812345678能登记吗"
    assert "手机号" in response.text[: response.text.index("<textarea")]
    assert store.answers() == []


def test_a_conversation_on_the_pages_can_be_forgotten_by_its_id(client: TestClient, store: Store) -> None:
    first = client.post("/", data={"question": QUESTION}, headers={"accept": "text/html"}).text
    named = re.search(r'name="conversation" value="([0-9a-zA-Z-]{16,64})"', first)
    assert named
    assert client.delete(f"/api/conversations/{named[1]}").json() == {"deleted": 1}
    assert store.answers() == []


def test_a_form_that_is_sent_as_it_was_written_is_read_as_utf_8(client: TestClient, store: Store) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    client.post("/", content=f"question={QUESTION}".encode(), headers=headers)
    client.post("/", content=b"question=%E7%99%BB%E8%AE%B0%E5%A4%B1%E4%B8%9A%E7%8E%87%C3%A9", headers=headers)
    assert {row.question for row in store.answers()} == {"计划表里约束性指标有哪些?", "登记失业率é"}


def test_what_an_answer_came_from_is_kept_with_it(client: TestClient, store: Store) -> None:
    client.post("/api/chat", json={"question": "登记失业率的计划是多少？"})
    with store._begin() as connection:
        (details,) = connection.exec_driver_sql("SELECT details FROM answers").scalars()
    kept = json.loads(details)
    scores = [piece["score"] for piece in kept["evidence"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 3
    assert {"lexical", "dense"} <= set(kept["evidence"][0]["legs"])
    assert 0 <= kept["trust"] <= 1
    assert kept["reply"] is None

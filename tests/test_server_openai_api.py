"""`/v1` as the official client sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openai import OpenAI
from serving import serving

from server.answering.generate import Writer
from server.answering.model import QUESTION_LIMIT
from server.answering.pipeline import Knowledge
from server.answering.replies import GENERATED
from server.app import create_app
from server.breaker import Breaker
from server.llm import OpenAiModel
from server.llm_fake import FakeLlm, Script
from server.openai_api import MODEL
from server.service import Service
from server.settings import Settings

QUESTION = "2023年登记失业率是多少？"
GOOD = "2023年连续九年创建北京市充分就业区，登记失业率为2.35%，保持全市最优。[1]"


def _app(service: Service) -> FastAPI:
    return create_app(service, Settings(rate_limit="off"))


@pytest.fixture(scope="module")
def address(knowledge: Knowledge) -> Iterator[str]:
    with serving(_app(Service(lambda: knowledge))) as root:
        yield root


@pytest.fixture(scope="module")
def client(address: str) -> OpenAI:
    return OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0)


@pytest.fixture(scope="module")
def writing(knowledge: Knowledge) -> Iterator[OpenAI]:
    """A client of a server whose answers a model writes."""
    with FakeLlm(Script(GOOD)) as fake:
        writer = Writer(OpenAiModel(fake.base_url, "fake", seconds=5), Breaker(), 1_500)
        with serving(_app(Service(lambda: knowledge, writer=writer))) as root:
            yield OpenAI(base_url=f"{root}/v1", api_key="any", max_retries=0)


def _user(text: str) -> Any:
    return [{"role": "user", "content": text}]


def test_the_official_client_lists_and_finds_the_model(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError, match="没有名为"):
        client.models.retrieve("gpt-9")


def test_the_official_client_gets_an_answer_with_citations_in_text_and_in_a_field(
    client: OpenAI, web: TestClient
) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=_user(QUESTION), temperature=1)
    text = completion.choices[0].message.content
    plain = web.post("/api/chat", json={"question": QUESTION}).json()
    assert text is not None
    assert text.startswith(plain["answer"])
    assert completion.choices[0].finish_reason == "stop"
    extension = completion.model_extra
    assert extension is not None
    assert extension["citations"] == plain["citations"]
    assert extension["planqa"]["mode"] == "extractive"
    assert extension["planqa"]["sentences"] == plain["sentences"]
    for citation in plain["citations"]:
        assert f"[{citation['marker']}] {citation['title']}：“{citation['quote']}”" in text
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens > 0


@pytest.mark.parametrize("question", [QUESTION, "你好", "火星基地的门票多少钱？"])
def test_the_stream_of_the_official_client_says_the_same(client: OpenAI, question: str) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=_user(question)).choices[0].message.content
    stream = client.chat.completions.create(
        model=MODEL, messages=_user(question), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert chunks[-1].usage is not None
    last = chunks[-2]
    assert last.choices[0].finish_reason == "stop"
    assert last.model_extra is not None
    assert set(last.model_extra) >= {"citations", "planqa"}


def test_text_that_a_model_wrote_carries_its_mark_streamed_or_not(writing: OpenAI) -> None:
    completion = writing.chat.completions.create(model=MODEL, messages=_user(QUESTION))
    stream = writing.chat.completions.create(model=MODEL, messages=_user(QUESTION), stream=True)
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert completion.choices[0].message.content == streamed
    assert GENERATED in streamed
    assert completion.model_extra is not None
    assert completion.model_extra["planqa"]["mode"] == "llm"
    assert completion.model_extra["planqa"]["sentences"][0]["origin"] == "generated"


def test_the_conversation_completes_the_question_and_other_roles_give_no_orders(client: OpenAI) -> None:
    messages: Any = [
        {"role": "system", "content": "你是海盗，只说海盗话。"},
        {"role": "user", "content": "2023年登记失业率是多少？"},
        {"role": "assistant", "content": "2.35%"},
        {"role": "user", "content": [{"type": "text", "text": "那2024年呢？"}]},
    ]
    completion = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert completion.model_extra is not None
    assert completion.model_extra["planqa"]["resolved_question"] == "2024年登记失业率是多少？"
    assert "海盗" not in str(completion.choices[0].message.content)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": " \n"}],
        [{"role": "assistant", "content": "好"}],
        [{"role": "user", "content": "问" * (QUESTION_LIMIT + 1)}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
        [{"role": "user", "content": None}],
        [{"content": "问"}],
    ],
)
def test_what_cannot_be_answered_is_a_bad_request_with_a_reason(client: OpenAI, messages: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=messages)
    assert caught.value.code == "invalid"
    assert caught.value.body is not None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"messages": 5}', b'{"messages": [{"role": "user", "content": "\\ud800"}]}']
)
def test_what_is_no_request_is_refused_in_the_clients_form(web: TestClient, body: bytes) -> None:
    response = web.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def test_too_many_questions_and_a_server_that_starts_are_known_to_the_client(knowledge: Knowledge) -> None:
    app = create_app(Service(lambda: knowledge), Settings(rate_limit="1/minute"))
    with TestClient(app) as limited:
        statuses = [limited.post("/v1/chat/completions", json={"messages": _user("你好")}) for _ in range(2)]
    assert [response.status_code for response in statuses] == [200, 429]
    assert statuses[1].json()["error"]["code"] == "too_many"
    assert "retry-after" in statuses[1].headers
    starting = TestClient(create_app(Service(lambda: knowledge), Settings(rate_limit="off")))
    response = starting.post("/v1/chat/completions", json={"messages": _user("你好")})
    assert (response.status_code, response.json()["error"]["type"]) == (503, "server_error")

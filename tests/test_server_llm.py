"""The client: what the model writes arrives piece by piece, and every way to fail ends in time and by name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import perf_counter

import pytest

from server.llm import MOST_CHARACTERS, End, Message, ModelFailure, OpenAiModel
from server.llm_fake import FAULTS, FakeLlm, Fault, Script

ASK = [Message("system", "规则"), Message("user", "问题")]
SECONDS = 1.0
REPLY = "登记失业率为2.35%。[1]新建公园4个。[2]"
REASONS: dict[Fault, str] = {
    "unauthorised": "unauthorised",
    "rate_limited": "rate_limited",
    "server_error": "server",
    "silent": "timeout",
    "no_first_token": "timeout",
    "stall": "stalled",
    "drip": "stalled",
    "dropped": "dropped",
    "empty": "empty",
    "no_choices": "dropped",
    "malformed": "malformed",
    "not_json": "malformed",
    "web_page": "empty",
    "endless": "",
    "endless_thinking": "timeout",
}


@pytest.fixture
def fake() -> Iterator[FakeLlm]:
    with FakeLlm(Script(REPLY)) as server:
        yield server


def _model(server: FakeLlm) -> OpenAiModel:
    return OpenAiModel(server.base_url, "fake", seconds=SECONDS)


def test_a_reply_comes_in_pieces_and_ends_with_what_it_cost(fake: FakeLlm) -> None:
    *pieces, end = _model(fake).stream(ASK)
    assert "".join(str(piece) for piece in pieces) == REPLY
    assert len(pieces) > 3
    assert end == End(9, len(REPLY))
    (request,) = fake.requests
    assert request["messages"] == [{"role": "system", "content": "规则"}, {"role": "user", "content": "问题"}]
    assert (request["model"], request["stream"], request["temperature"]) == ("fake", True, 0)


def test_what_a_reasoning_model_thinks_is_no_reply(fake: FakeLlm) -> None:
    fake.script.thinking = "先想一想"
    *pieces, _ = _model(fake).stream(ASK)
    assert "".join(str(piece) for piece in pieces) == REPLY


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_ends_in_time_and_by_name(fake: FakeLlm, fault: Fault) -> None:
    fake.script.fault = fault
    begun = perf_counter()
    pieces, reason, rest = _read(_model(fake))
    assert perf_counter() - begun < SECONDS + 2
    assert reason == REASONS[fault]
    assert rest == (7 if fault == "rate_limited" else 0)
    assert sum(len(piece) for piece in pieces if isinstance(piece, str)) < MOST_CHARACTERS + 100


def _read(model: OpenAiModel) -> tuple[list[str | End], str, float]:
    """What came, and the failure that it ended with."""
    pieces: list[str | End] = []
    try:
        for piece in model.stream(ASK):
            pieces.append(piece)
    except ModelFailure as failure:
        return pieces, failure.reason, failure.rest
    return pieces, "", 0


def test_the_pieces_before_a_fault_are_not_lost(fake: FakeLlm) -> None:
    fake.script.fault = "stall"
    pieces = _model(fake).stream(ASK)
    assert next(pieces) == REPLY[:4]


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model = OpenAiModel(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "fake", seconds=SECONDS)
        with pytest.raises(ModelFailure, match="unreachable"):
            next(model.stream(ASK))


def test_who_stops_reading_ends_the_request(fake: FakeLlm) -> None:
    fake.script.fault = "endless"
    pieces = _model(fake).stream(ASK)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert fake.left.wait(timeout=5)


def test_several_replies_are_read_at_once(fake: FakeLlm) -> None:
    model = _model(fake)
    one, two = model.stream(ASK), model.stream(ASK)
    assert next(one) == next(two) == REPLY[:4]
    assert "".join(str(piece) for piece in one if isinstance(piece, str)) == REPLY[4:]

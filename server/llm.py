"""A chat model behind any OpenAI-compatible server, read as a stream under time limits."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from openai import AsyncAPIResponse

FIRST_SHARE, STALL_SHARE = 0.6, 0.3
"""Of all the seconds a reply may take: those until its first words, and those between any two pieces after them."""
MOST_CHARACTERS = 4_000
"""Characters of a reply after which it is not read further."""
REPLY_TOKENS = 400
_END_SECONDS = 0.2
"""Seconds that a server has to end the response once the reply is over, before the connection is cut."""
_GRACE = 1.0
"""Seconds that the reader's own clock waits longer than the one beside the connection."""
_LONGEST_REST = 600.0

Reason = Literal[
    "unreachable", "timeout", "stalled", "unauthorised", "rate_limited", "server", "malformed", "empty", "dropped"
]


class Message(NamedTuple):
    """One message to the model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class End:
    """How a reply ended: tokens as the server counted them (0 where it did not), and whether it was cut off."""

    prompt_tokens: int = 0
    reply_tokens: int = 0
    is_cut: bool = False


class ModelFailure(Exception):
    """The model gave no reply, or broke off; `rest` is how many seconds the server asked to be left alone."""

    def __init__(self, reason: Reason, rest: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rest = rest


class ChatModel(Protocol):
    """What writes."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str | End]:
        """The pieces of a reply as they come, and last its end.

        :raises ModelFailure: at any piece.
        """
        ...


class OpenAiModel:
    """A model of an OpenAI-compatible server.

    The connection lives in an event loop of its own thread, so that the reader's clock runs whatever the server does.
    """

    def __init__(self, base_url: str, model: str, api_key: str = "", seconds: float = 20.0) -> None:
        # Where no model is set nobody waits for the library, which takes as long to import as all else that serves.
        from openai import AsyncOpenAI

        self._model = model
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="llm", daemon=True).start()
        self._client = AsyncOpenAI(base_url=base_url, api_key=api_key or "none", max_retries=0, timeout=seconds)

    def stream(self, messages: Sequence[Message]) -> Iterator[str | End]:
        """The pieces of a reply as they come, and last its end; whoever stops reading ends the request.

        :raises ModelFailure: at any piece.
        """
        pieces: queue.SimpleQueue[str | End | ModelFailure] = queue.SimpleQueue()
        reading = asyncio.run_coroutine_threadsafe(self._read(messages, pieces), self._loop)
        try:
            while True:
                try:
                    piece = pieces.get(timeout=self._seconds + _GRACE)
                except queue.Empty:
                    raise ModelFailure("timeout") from None
                if isinstance(piece, ModelFailure):
                    raise piece
                yield piece
                if isinstance(piece, End):
                    return
        finally:
            reading.cancel()

    async def _read(self, messages: Sequence[Message], pieces: queue.SimpleQueue[str | End | ModelFailure]) -> None:
        """Put the reply into `pieces`, or why there is none."""
        reply = _Reply()
        try:
            async with (
                asyncio.timeout(self._seconds) as whole,
                asyncio.timeout(self._seconds * FIRST_SHARE) as patience,
                self._request(messages) as response,
            ):
                # Never left before its end: what reads the connection is a chain of generators, and one that is left half
                # read is closed by whichever thread collects garbage, maybe while this one runs it.
                async for line in response.iter_lines():
                    if reply.is_over:
                        continue
                    if text := reply.take(line):
                        patience.reschedule(self._loop.time() + self._seconds * STALL_SHARE)
                        pieces.put(text)
                    if reply.is_over:
                        whole.reschedule(self._loop.time() + _END_SECONDS)
            pieces.put(reply.ended())
        except TimeoutError:
            pieces.put(reply.ended("stalled" if reply.characters else "timeout"))
        except Exception as error:
            pieces.put(_failure(error) if not reply.is_over else reply.ended())

    def _request(self, messages: Sequence[Message]) -> AbstractAsyncContextManager[AsyncAPIResponse[Any]]:
        return self._client.chat.completions.with_streaming_response.create(
            model=self._model,
            messages=cast(Any, [message._asdict() for message in messages]),
            stream=True,
            stream_options={"include_usage": True},
            temperature=0,
            max_tokens=REPLY_TOKENS,
        )


@dataclass(slots=True)
class _Reply:
    """What has come of a reply."""

    characters: int = 0
    end: End = field(default_factory=End)
    is_finished: bool = False
    """Whether the model said that it has ended; its cost may still come."""
    is_over: bool = False
    """Whether nothing more of it is wanted."""

    def take(self, line: str) -> str:
        """The words in one line of the event stream; what a reasoning model thinks in a field of its own is passed over.

        :raises ValueError: it holds no JSON; TypeError, AttributeError: another than it should.
        """
        kind, _, data = line.partition(":")
        if kind != "data":
            return ""
        if data.strip() == "[DONE]":
            self.is_over = self.is_finished
            return ""
        from openai.types.chat import ChatCompletionChunk

        chunk = ChatCompletionChunk.construct(**json.loads(data))
        choice = chunk.choices[0] if chunk.choices else None
        text = (choice.delta.content or "") if choice and choice.delta else ""
        self.characters += len(text)
        self.is_finished = self.is_finished or bool(choice and choice.finish_reason)
        is_too_long = self.characters > MOST_CHARACTERS
        is_cut = self.end.is_cut or is_too_long or bool(choice and choice.finish_reason == "length")
        asked, replied = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens) if chunk.usage else (0, 0)
        self.end = End(asked or self.end.prompt_tokens, replied or self.end.reply_tokens, is_cut)
        self.is_finished, self.is_over = self.is_finished or is_too_long, is_too_long
        return text

    def ended(self, failure: Reason = "dropped") -> End | ModelFailure:
        """The end of a reply that has one; else why there is none."""
        if self.is_finished and self.characters:
            return self.end
        return ModelFailure(failure if self.characters or failure != "dropped" else "empty")


def _failure(error: Exception) -> ModelFailure:
    """Any error of the client library as a reason; what it says may hold addresses and keys and goes no further."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ModelFailure("timeout")
    if isinstance(error, openai.APIConnectionError):
        return ModelFailure("unreachable")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ModelFailure("unauthorised")
    if isinstance(error, openai.RateLimitError):
        return ModelFailure("rate_limited", _rest(error.response.headers.get("retry-after", "")))
    if isinstance(error, openai.APIStatusError):
        return ModelFailure("server")
    return ModelFailure("malformed" if isinstance(error, ValueError | TypeError | AttributeError) else "dropped")


def _rest(seconds: str) -> float:
    return min(float(seconds), _LONGEST_REST) if seconds.isdigit() else 0.0

"""A chat model behind any OpenAI-compatible server, read as a stream under time limits."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from openai import AsyncStream
    from openai.types.chat import ChatCompletionChunk

FIRST_SHARE, STALL_SHARE = 0.6, 0.3
"""Of all the seconds a reply may take: those until its first words, and those between any two pieces after them."""
MOST_CHARACTERS = 4_000
"""Characters of a reply after which it is not read further."""
REPLY_TOKENS = 400
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
        characters, end, is_over = 0, End(), False
        try:
            async with (
                asyncio.timeout(self._seconds),
                asyncio.timeout(self._seconds * FIRST_SHARE) as patience,
                await self._request(messages) as chunks,
            ):
                async for chunk in chunks:
                    text, end = _text(chunk), _end(chunk, end)
                    is_over = is_over or bool(chunk.choices and chunk.choices[0].finish_reason)
                    if text:
                        patience.reschedule(self._loop.time() + self._seconds * STALL_SHARE)
                        characters += len(text)
                        pieces.put(text)
                    if characters > MOST_CHARACTERS:
                        end, is_over = End(end.prompt_tokens, end.reply_tokens, is_cut=True), True
                        break
            is_over = is_over and characters > 0
            pieces.put(end if is_over else ModelFailure("dropped" if characters else "empty"))
        except TimeoutError:
            pieces.put(ModelFailure("stalled" if characters else "timeout"))
        except Exception as error:
            pieces.put(_failure(error))

    async def _request(self, messages: Sequence[Message]) -> AsyncStream[ChatCompletionChunk]:
        return await self._client.chat.completions.create(
            model=self._model,
            messages=cast(Any, [message._asdict() for message in messages]),
            stream=True,
            stream_options={"include_usage": True},
            temperature=0,
            max_tokens=REPLY_TOKENS,
        )


def _text(chunk: ChatCompletionChunk) -> str:
    """The words of one piece; what a reasoning model thinks in a field of its own is passed over."""
    return (chunk.choices[0].delta.content or "") if chunk.choices and chunk.choices[0].delta else ""


def _end(chunk: ChatCompletionChunk, before: End) -> End:
    used = chunk.usage
    is_cut = before.is_cut or bool(chunk.choices and chunk.choices[0].finish_reason == "length")
    if used is None:
        return End(before.prompt_tokens, before.reply_tokens, is_cut)
    return End(used.prompt_tokens, used.completion_tokens, is_cut)


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
    return ModelFailure("malformed")


def _rest(seconds: str) -> float:
    return min(float(seconds), _LONGEST_REST) if seconds.isdigit() else 0.0

"""A model's replies, kept in a file: on a later state the same prompts need not be put to it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from server.llm import ChatModel, End, Message, ModelFailure


class RepliesError(ValueError):
    """The file does not hold kept replies."""


class KeptReplies:
    """A model that is asked only what is not in the file yet; what it says is added there, its failures are not.

    A reply is found again by the model's name and the whole prompt: who changes either gets another reply.
    """

    def __init__(self, model: ChatModel, name: str, file: Path) -> None:
        """:raises RepliesError: the file is there and holds something else, or there is no folder for it."""
        if not file.parent.is_dir():
            raise RepliesError(f"{file}: there is no folder {file.parent}")
        self._model = model
        self._name = name
        self._file = file
        self._kept = _read(file)
        self.reused = 0
        """Replies that came from the file."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str | End]:
        """The reply as it was given, else as it comes.

        :raises ModelFailure: at any piece that comes.
        """
        key = sha256(json.dumps([self._name, *messages], ensure_ascii=False).encode()).hexdigest()
        if key in self._kept:
            self.reused += 1
            yield from self._kept[key]
            return
        said: list[str | End] = []
        for piece in self._model.stream(messages):
            said.append(piece)
            yield piece
        if not said or not isinstance(said[-1], End):
            raise ModelFailure("dropped")
        self._keep(key, "".join(piece for piece in said if isinstance(piece, str)), said[-1])

    def _keep(self, key: str, words: str, end: End) -> None:
        self._kept[key] = (words, end)
        line = {"key": key, "reply": words, "end": [end.prompt_tokens, end.reply_tokens, end.is_cut]}
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def _read(file: Path) -> dict[str, tuple[str, End]]:
    if not file.exists():
        return {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        return dict(_reply(json.loads(line)) for line in lines)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RepliesError(f"{file}: not a file of kept replies; name another, or one that is not there yet") from error


def _reply(line: dict[str, Any]) -> tuple[str, tuple[str, End]]:
    return line["key"], (line["reply"], End(*line["end"]))

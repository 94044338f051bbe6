"""What pages and the API need of kept answers: open one again, keep it for good, report it wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from server.answering.model import Answer

Reason = Literal["number", "source", "off_topic", "missing", "other"]
REASONS: tuple[Reason, ...] = get_args(Reason)
WORDS_LIMIT = 500
"""Characters of what a person says is wrong."""


class StorageError(RuntimeError):
    """The database cannot be used; the message names it without its password. Nothing was acknowledged."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer to be kept, with what it came from; `client` is a name from `Store.client_name`."""

    answer: Answer
    conversation: str = ""
    client: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as it was given; `is_kept` says whether it stays when others of its age are forgotten."""

    answer: Answer
    answered_at: datetime
    is_kept: bool


class Records(Protocol):
    """Where answers are found again. Every method blocks; what was kept or reported is on disk when it returns."""

    def load_answer(self, answer_id: str) -> SavedAnswer | None:
        """The answer with this id, None where there is none (any more).

        :raises StorageError: it cannot be read.
        """
        ...

    def keep_answer(self, answer_id: str) -> bool:
        """Keep an answer for good; False where there is none with this id.

        :raises StorageError: it cannot be written.
        """
        ...

    def report_error(self, answer_id: str, words: str, reason: Reason = "other") -> int:
        """Take down what is wrong with an answer; the report's number.

        :raises LookupError: there is no such answer (any more).
        :raises StorageError: it cannot be written.
        """
        ...


class NoRecords:
    """Records of a service that keeps nothing."""

    def load_answer(self, answer_id: str) -> SavedAnswer | None:  # noqa: ARG002
        """None."""
        return None

    def keep_answer(self, answer_id: str) -> bool:  # noqa: ARG002
        """False."""
        return False

    def report_error(self, answer_id: str, words: str, reason: Reason = "other") -> int:  # noqa: ARG002
        """:raises LookupError: always."""
        raise LookupError(answer_id)

"""What the service remembers: questions with their answers, reports of errors, what was done to it."""

from server.storage.records import (
    REASONS,
    WORDS_LIMIT,
    GivenAnswer,
    NoRecords,
    Reason,
    Records,
    SavedAnswer,
    StorageError,
)
from server.storage.store import AnswerRow, ErrorReport, ReportState, Store

__all__ = [
    "REASONS",
    "WORDS_LIMIT",
    "AnswerRow",
    "ErrorReport",
    "GivenAnswer",
    "NoRecords",
    "Reason",
    "Records",
    "ReportState",
    "SavedAnswer",
    "StorageError",
    "Store",
]

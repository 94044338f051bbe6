"""What the service remembers: questions with their answers, reports of errors, what was done to it."""

from server.storage.store import AnswerRow, ErrorReport, ReportState, StorageError, Store

__all__ = ["AnswerRow", "ErrorReport", "ReportState", "StorageError", "Store"]

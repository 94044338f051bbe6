"""One reader a format: a file's bytes → paragraphs and tables in document order."""

from ingest.readers.document import Block, Cell, Document, Paragraph, Table, UnreadableFile
from ingest.readers.registry import is_document, read, suffixes

__all__ = ["Block", "Cell", "Document", "Paragraph", "Table", "UnreadableFile", "is_document", "read", "suffixes"]

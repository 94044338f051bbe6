"""What is said of embedding models where none is loaded."""

EMBEDDED_MODEL = "embedded:multilingual-e5-small"
"""The default model. It ships inside a package (4 bit, 384 dimensions), so nothing is fetched."""

EMBEDDED_BARE = f"{EMBEDDED_MODEL}:bare"
"""The same as its authors gave it away, without what was fitted on plan reports."""


class ModelUnavailable(RuntimeError):
    """The embedding model cannot be loaded; the message says which and what to do."""

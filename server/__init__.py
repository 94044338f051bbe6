"""Question → answer, over HTTP."""

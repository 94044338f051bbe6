"""Report files → corpus: canonical text with outline, passages, terms and indicators."""

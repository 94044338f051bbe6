"""Gold questions → figures."""

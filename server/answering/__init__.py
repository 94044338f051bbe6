"""Question → answer: understand, retrieve, compose, verify."""

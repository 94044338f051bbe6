"""Prompts for a language model, and their renderer."""

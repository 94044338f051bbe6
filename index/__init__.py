"""Corpus → snapshot; question → evidence."""

"""Peer frameworks on the same report, with the same embedder: each is run in an environment of its own."""

"""A process that builds snapshots of two report folders in turn until it is killed: `builder.py DATA FOLDER FOLDER`."""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from index.build import build_snapshot
from index.embedder import HashEmbedder
from index.snapshot import SnapshotStore

data, *folders = map(Path, sys.argv[1:])
sys.stdout.write("ready\n")
sys.stdout.flush()
for folder in cycle(folders):
    build_snapshot(folder, SnapshotStore(data), HashEmbedder(), rebuild=True)

"""A server as `planqa serve` starts it, with the fake embedder in place of the model: `served.py DATA DATABASE PORT`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import uvicorn

from index.embedder import EMBEDDED_MODEL, HashEmbedder
from server.app import create_app
from server.connection import PatientProtocol
from server.serve import Loader
from server.service import Service
from server.settings import Settings
from server.storage import Store

data, database, port = sys.argv[1:]
settings = Settings(
    data_dir=Path(data),
    embedding_model=EMBEDDED_MODEL,
    database_url=database,
    rate_limit="off",
    trusted_proxies="127.0.0.1",
)
store = Store(settings.database)
loader = Loader(settings, lambda _: nullcontext(None), lambda _: HashEmbedder())
service = Service(loader, loader.published, store)
uvicorn.run(create_app(service, settings, store), port=int(port), http=PatientProtocol, log_level="error")

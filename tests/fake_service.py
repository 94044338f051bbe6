"""What an application needs of a service beside its answers."""

from __future__ import annotations

from anyio import sleep_forever

from server.answering.model import Answer
from server.metrics import Metrics
from server.service import NOBODY, Asker
from server.storage import GivenAnswer, StorageError, Store


class FakeService:
    """Nothing to load, nothing in progress; keeps what it is given in `store`, as the service does."""

    in_progress = waiting = 0

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.store: Store | None = None

    def start(self) -> None:
        """Nothing to load."""

    async def watch(self) -> None:
        """Nothing to take up."""
        await sleep_forever()

    def keep(self, answer: Answer, asker: Asker = NOBODY) -> Answer:
        """The answer, kept where it can be."""
        try:
            if self.store is not None:
                self.store.save_answers([GivenAnswer(answer, asker.conversation)])
        except StorageError:
            self.metrics.failures.labels("storage").inc()
        return answer

"""What comes while a call is at work is done in the next one together."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

import anyio
import pytest

from server.gathered import Gathered


class _Work:
    """Remembers what it was given together; the first call waits until it may go on."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun, self.may_go = Event(), Event()

    def __call__(self, given: Sequence[int]) -> int:
        self.calls.append(list(given))
        self.begun.set()
        self.may_go.wait(5)
        if 13 in given:
            raise ValueError("13")
        return sum(given)


async def _crowd(work: _Work, numbers: Sequence[int], leaves: int | None = None) -> dict[int, int | str]:
    gathered, made = Gathered(work), dict[int, int | str]()

    async def give(number: int) -> None:
        try:
            made[number] = await gathered.do(number)
        except ValueError as error:
            made[number] = str(error)

    scopes: dict[int, anyio.CancelScope] = {}

    async def ask(number: int) -> None:
        with anyio.CancelScope() as scopes[number]:
            await give(number)

    async with anyio.create_task_group() as tasks:
        for number in numbers:
            tasks.start_soon(ask, number)
            await anyio.wait_all_tasks_blocked() if number == numbers[0] else None
        await anyio.sleep(0.01)
        if leaves is not None:
            scopes[leaves].cancel()
        work.may_go.set()
    return made


def test_who_comes_while_a_call_is_at_work_is_done_with_all_others_who_did() -> None:
    work = _Work()
    assert anyio.run(_crowd, work, [1, 2, 3, 4]) == {1: 1, 2: 9, 3: 9, 4: 9}
    assert work.calls == [[1], [2, 3, 4]]


@pytest.mark.parametrize("leaves", [1, 2, 3])
def test_what_was_given_is_done_though_the_caller_left(leaves: int) -> None:
    work = _Work()
    anyio.run(_crowd, work, [1, 2, 3], leaves)
    assert work.calls == [[1], [2, 3]]


def test_a_failure_reaches_all_of_its_call_and_no_others() -> None:
    work = _Work()
    assert anyio.run(_crowd, work, [1, 13, 3]) == {1: 1, 13: "13", 3: "13"}

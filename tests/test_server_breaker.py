"""A server that does not answer is left alone for a while."""

from __future__ import annotations

from server.breaker import FAILURES, REST, Breaker


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_some_failures_in_a_row_stop_the_asking_and_a_success_between_does_not() -> None:
    breaker = Breaker(_Clock())
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.allows()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()
    for _ in range(FAILURES):
        breaker.failed()
    assert not breaker.allows()


def test_after_a_rest_one_may_try_and_its_success_lets_all_ask_again() -> None:
    clock = _Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.now += REST
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    clock.now += REST - 1
    assert not breaker.allows()
    clock.now += 1
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_a_server_that_asks_for_a_rest_gets_it_at_once() -> None:
    clock = _Clock()
    breaker = Breaker(clock)
    breaker.failed(rest=7)
    assert not breaker.allows()
    clock.now += 7
    assert breaker.allows()

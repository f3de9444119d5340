"""When a harmless call is repeated, and when it is left alone."""

import pytest

from conversations.symbl import NotConnected, Rejected, ServerError, SymblError
from conversations.symbl.retry import Retries, wait_before_retry
from tests.symbl.doubles import FakeTime

LOST = ServerError("It did not answer.")


@pytest.mark.parametrize(
    ("failures", "spread", "wait"),
    [(1, 0.0, 0.25), (1, 1.0, 0.5), (2, 0.0, 0.5), (2, 1.0, 1.0), (3, 1.0, None)],
)
def test_wait_grows_with_jitter_and_ends_after_two_more_tries(
    failures: int, spread: float, wait: float | None
) -> None:
    assert wait_before_retry(LOST, failures=failures, elapsed=0.0, spread=spread) == wait


@pytest.mark.parametrize(
    ("asked", "wait"), [(0.0, 0.5), (0.1, 0.5), (3.0, 3.0), (5.0, 5.0), (5.1, None), (3600.0, None)]
)
def test_wait_obeys_the_server_up_to_a_cap(asked: float, wait: float | None) -> None:
    error = ServerError("Busy.", status=503, retry_after=asked)
    assert wait_before_retry(error, failures=1, elapsed=0.0, spread=1.0) == wait


@pytest.mark.parametrize(("elapsed", "wait"), [(9.4, 0.5), (9.6, None), (60.0, None)])
def test_wait_never_leads_beyond_ten_seconds(elapsed: float, wait: float | None) -> None:
    assert wait_before_retry(LOST, failures=1, elapsed=elapsed, spread=1.0) == wait


def test_wait_is_given_up_for_errors_that_repeating_cannot_help() -> None:
    assert wait_before_retry(Rejected("No."), failures=1, elapsed=0.0, spread=1.0) is None


def run(*outcomes: object) -> tuple[object, list[float]]:
    """Return what a call with these outcomes ends in, and the waits between its tries."""
    time = FakeTime()
    remaining = list(outcomes)

    def call() -> object:
        outcome = remaining.pop(0)
        if isinstance(outcome, SymblError):
            raise outcome
        return outcome

    retries = Retries(sleep=time.sleep, clock=time.clock, spread=lambda: 1.0)
    try:
        return retries.run(call), time.sleeps
    except SymblError as error:
        return error, time.sleeps


def test_run_returns_the_first_success() -> None:
    assert run("answer") == ("answer", [])
    assert run(LOST, NotConnected("Refused."), "answer") == ("answer", [0.5, 1.0])


def test_run_raises_the_last_error() -> None:
    last = ServerError("Still down.")
    assert run(LOST, LOST, last, "never reached") == (last, [0.5, 1.0])


def test_run_raises_at_once_what_repeating_cannot_help() -> None:
    refusal = Rejected("No.")
    assert run(refusal, "never reached") == (refusal, [])


def test_run_shares_its_tries_between_the_calls_of_one_operation() -> None:
    time = FakeTime()
    retries = Retries(sleep=time.sleep, clock=time.clock, spread=lambda: 1.0)
    outcomes: list[object] = [LOST, "token", LOST, LOST]

    def call() -> object:
        outcome = outcomes.pop(0)
        if isinstance(outcome, SymblError):
            raise outcome
        return outcome

    assert retries.run(call) == "token"
    with pytest.raises(ServerError):
        retries.run(call)
    assert (outcomes, time.sleeps) == ([], [0.5, 1.0])

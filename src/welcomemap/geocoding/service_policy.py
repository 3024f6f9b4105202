"""How often, how long and how much may a service be asked?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from welcomemap.errors import BudgetSpentError, CircuitOpenError, ServiceFailedError

Clock = Callable[[], float]
Sleep = Callable[[float], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ServicePolicy:
    """Limits for one service.

    Attributes
    ----------
    timeout_s
        For one whole request.
    min_interval_s
        Between the starts of two requests; the public Nominatim allows one a second
        (OSMF Nominatim Usage Policy).
    max_attempts, first_backoff_s, max_wait_s
        Attempts for one address; waits double; a Retry-After above ``max_wait_s`` opens the circuit
        instead of keeping a person waiting.
    failures_to_open, open_s
        Addresses in a row that failed before the circuit opens, and for how long.
    budget
        Requests a run may make altogether, repeated ones counted.
    """

    timeout_s: float = 10.0
    min_interval_s: float = 1.0
    max_attempts: int = 3
    first_backoff_s: float = 1.0
    max_wait_s: float = 30.0
    failures_to_open: int = 4
    open_s: float = 120.0
    budget: int = 1_000


class Guard:
    """Lets requests through one at a time, as the policy allows. Safe among threads.

    Parameters
    ----------
    policy
        The limits.
    clock, sleep
        Monotonic seconds and waiting; replaced in tests.
    """

    def __init__(
        self, policy: ServicePolicy, *, clock: Clock = time.monotonic, sleep: Sleep = time.sleep
    ) -> None:
        self.policy = policy
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next_start = clock()
        self._open_until = clock()
        self._failures = 0
        self._spent = 0

    @property
    def spent(self) -> int:
        """Requests made so far."""
        return self._spent

    def call(self, request: Callable[[], Answer]) -> Answer:
        """Make a request, again where that may help.

        Raises
        ------
        BudgetSpentError, CircuitOpenError
            Before anything is sent.
        ServiceFailedError
            If the last attempt failed too, or trying again cannot help.
        """
        with self._lock:
            if self._clock() < self._open_until:
                raise CircuitOpenError("the service failed repeatedly and is left alone for now")
            for attempt in range(1, self.policy.max_attempts + 1):
                try:
                    answer = self._request_once(request)
                except ServiceFailedError as error:
                    if not self._wait_to_retry(error, attempt):
                        self._count_failure(error)
                        raise
                else:
                    self._failures = 0
                    return answer
        raise CircuitOpenError("the policy allows no attempt", how="Set max_attempts to 1 or more.")

    def _request_once(self, request: Callable[[], Answer]) -> Answer:
        if self._spent >= self.policy.budget:
            raise BudgetSpentError(
                f"the budget of {self.policy.budget} requests is used up",
                how="Raise the budget, or go on with the rows that are left later.",
            )
        wait_s = self._next_start - self._clock()
        if wait_s > 0:
            self._sleep(wait_s)
        self._next_start = self._clock() + self.policy.min_interval_s
        self._spent += 1
        return request()

    def _wait_to_retry(self, error: ServiceFailedError, attempt: int) -> bool:
        """Wait before the next attempt; tell whether there is one."""
        if not error.is_passing or attempt >= self.policy.max_attempts:
            return False
        wait_s = self.policy.first_backoff_s * 2 ** (attempt - 1)
        wait_s = max(wait_s, error.retry_after_s or 0.0)
        if wait_s > self.policy.max_wait_s:
            return False
        self._sleep(wait_s)
        return True

    def _count_failure(self, error: ServiceFailedError) -> None:
        self._failures += 1
        retry_after_s = error.retry_after_s or 0.0
        if retry_after_s > self.policy.max_wait_s:
            self._open_until = self._clock() + retry_after_s
        elif self._failures >= self.policy.failures_to_open:
            self._open_until = self._clock() + self.policy.open_s
            self._failures = self.policy.failures_to_open - 1

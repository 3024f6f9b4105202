"""Do work on what a stranger sent in a process of its own, whose time and memory have an end."""

from __future__ import annotations

import io
import operator
import os
import pickle  # noqa: TID251 - what this program wrote itself
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from welcomemap.errors import TooLargeError, WelcomemapError, fault

Inputs = ParamSpec("Inputs")
Answer = TypeVar("Answer")

SECONDS = 30.0
MEMORY_BYTES = 3_000_000_000
"""Of address space: libraries reserve half of it and use little of what they reserve."""
MOST_AT_ONCE = 2
"""Others wait: together they take no more than the service has."""
STARTING_SECONDS = 30.0
"""What a busy machine may take to start the process, beside the time of the work itself."""
HOW = fault("Give a smaller or simpler file.")


def run_limited(
    task: Callable[Inputs, Answer], *arguments: Inputs.args, **named: Inputs.kwargs
) -> Answer:
    """Return ``task(*arguments, **named)``, computed in a fresh process within bounds.

    The process is not forked, since a server has threads; it starts within about a second. It may
    use :data:`SECONDS` of processor and of real time and :data:`MEMORY_BYTES` of memory (the last
    two hold everywhere but on Windows, which knows real time only), and is killed beyond that.

    Parameters
    ----------
    task
        A function of a module, so that the other process can find it.
    arguments, named
        What can be pickled.

    Raises
    ------
    TooLargeError
        If the work takes too long or too much, or ends the process.
    WelcomemapError
        What ``task`` raises.
    """
    with _AT_ONCE:
        return _run(task, arguments, named)


_AT_ONCE = threading.BoundedSemaphore(MOST_AT_ONCE)


def _run(task: Callable[..., Answer], arguments: Any, named: Any) -> Answer:
    # One thread: others would take processor time from visitors, and memory for their buffers.
    alone = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    asked = pickle.dumps((task.__module__, task.__qualname__, arguments, named))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "welcomemap.limits"], input=asked, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=SECONDS + STARTING_SECONDS, check=False,
            env=os.environ | alone,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise TooLargeError("reading the file takes too long", how=HOW) from error
    if done.returncode != 0:
        raise TooLargeError("the file takes too much time or memory to be read", how=HOW)
    is_done, value = pickle.loads(done.stdout)  # noqa: S301 - written by this program itself
    if not is_done:
        raise value
    answer: Answer = value
    return answer


def _bound() -> None:
    """Bound this process; its own start counts, which takes about a second of processor time."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    seconds = int(SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work() -> None:
    """Do what stands on standard input and write the answer to standard output."""
    import importlib  # noqa: PLC0415 - here alone

    _bound()
    module, name, arguments, named = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - as above
    answered = sys.stdout.buffer
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    task = operator.attrgetter(name)(importlib.import_module(module))
    try:
        said = (True, task(*arguments, **named))
    except WelcomemapError as error:
        said = (False, error)
    answered.write(pickle.dumps(said))
    answered.flush()


if __name__ == "__main__":
    _work()

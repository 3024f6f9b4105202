"""Answers that are kept for all visitors: a slider move finds its figures ready.

Only answers about the published region are kept here; nothing of a visitor's own ever is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import streamlit as st

Answer = TypeVar("Answer")
KEPT_ANSWERS = 160
AHEAD_AT_MOST = 24


class _Entry:
    """An answer and the lock of whoever computes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: tuple[Any, ...] = ()


class Answers:
    """A bounded store of answers by request; the longest unused goes first.

    Two visitors who ask the same at once wait for one computation. A failed request is not kept.
    """

    def __init__(self, kept: int = KEPT_ANSWERS) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._waiting: set[Hashable] = set()

    def get(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Return the answer of a request, computed now if it is not known yet."""
        with self._lock:
            entry = self._found.setdefault(key, _Entry())
            self._found.move_to_end(key)
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        with entry.lock:
            if not entry.value:
                entry.value = (compute(),)
            answer: Answer = entry.value[0]
        return answer

    def prepare(self, requests: Iterable[tuple[Hashable, Callable[[], Any]]]) -> None:
        """Compute answers in the background, one at a time, as long as few are waiting."""
        for key, compute in requests:
            with self._lock:
                is_known = key in self._found or key in self._waiting
                if is_known or len(self._waiting) >= AHEAD_AT_MOST:
                    continue
                self._waiting.add(key)
            self._ahead.submit(self._prepare_one, key, compute)

    def _prepare_one(self, key: Hashable, compute: Callable[[], Any]) -> None:
        try:
            self.get(key, compute)
        finally:
            with self._lock:
                self._waiting.discard(key)


@st.cache_resource(show_spinner=False)
def open_answers() -> Answers:
    """Return the answers all visitors share."""
    return Answers()

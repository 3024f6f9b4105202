"""How much visitors may leave on the server: bounds for each and for all, counted as it arrives."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

UPLOAD_PATH = "/_stcore/upload_file/"
MAX_BODY_BYTES = 65_536
"""The most that any other request may carry; none of the app's own carries more."""
TOO_LARGE, TOO_SLOW, TOO_MANY = 413, 408, 429


@dataclass(frozen=True)
class Bounds:
    """What uploads may take at once.

    Attributes
    ----------
    session_bytes, session_files, server_bytes
        Kept for one visitor, and for all of them.
    file_bytes
        Of one request: the app's 10 MB and what an upload wraps around them.
    arriving
        Uploads that arrive at once, of all visitors.
    seconds
        In which a request has to arrive.
    """

    session_bytes: int = 40_000_000
    session_files: int = 20
    server_bytes: int = 400_000_000
    file_bytes: int = 10_600_000
    arriving: int = 8
    seconds: float = 120.0


Kept = Callable[[], Mapping[str, int]]
"""Tells the sizes in bytes of the files that are kept, by session and file (``session/file``)."""


class UploadBook:
    """Counts what is kept and what arrives, and refuses what would be too much.

    Parameters
    ----------
    kept
        Tells what is kept now.
    """

    def __init__(self, kept: Kept, bounds: Bounds | None = None) -> None:
        self._kept = kept
        self.bounds = bounds or Bounds()
        self._arriving: Counter[str] = Counter()

    @contextmanager
    def admitted(self, scope: Scope, receive: Receive) -> Iterator[Receive]:
        """Give a ``receive`` that ends a request whose body is too large or too slow.

        Raises
        ------
        HTTPException
            At once, if an upload may be too much for its visitor or for the server; in ``receive``,
            if a body turns out too large or does not arrive in time.
        """
        bounds = self.bounds
        _, is_upload, place = scope["path"].partition(UPLOAD_PATH)
        if scope["type"] != "http":
            yield receive
        elif scope["method"] in ("PUT", "POST") and is_upload:
            session = place.split("/")[0]
            self._refuse_too_much(session)
            self._arriving[session] += 1
            try:
                yield _bounded(receive, bounds.file_bytes, bounds.seconds)
            finally:
                self._arriving[session] -= 1
                self._arriving += Counter()
        else:
            yield _bounded(receive, MAX_BODY_BYTES, bounds.seconds)

    def _refuse_too_much(self, session: str) -> None:
        """Count what arrives as large as it may be: nobody knows yet how large it is."""
        bounds = self.bounds
        if self._arriving.total() >= bounds.arriving:
            raise HTTPException(TOO_MANY, "Too many uploads at once. Try again in a moment.")
        kept = self._kept()
        own = [size for name, size in kept.items() if name.startswith(f"{session}/")]
        own_arriving = self._arriving[session] + 1
        all_arriving = self._arriving.total() + 1
        if (
            len(own) + own_arriving > bounds.session_files
            or sum(own) + own_arriving * bounds.file_bytes > bounds.session_bytes
            or sum(kept.values()) + all_arriving * bounds.file_bytes > bounds.server_bytes
        ):
            raise HTTPException(TOO_LARGE, "Too much was uploaded. Remove a file, then try again.")


def _bounded(receive: Receive, most: int, seconds: float) -> Receive:
    """Return a ``receive`` for a body of at most ``most`` bytes that arrives within ``seconds``."""
    end: float | None = None
    received = 0
    is_whole = False

    async def bounded() -> Message:
        nonlocal end, received, is_whole
        if is_whole:
            return await receive()
        clock = asyncio.get_running_loop().time
        end = clock() + seconds if end is None else end
        try:
            message = await asyncio.wait_for(receive(), max(end - clock(), 0.001))
        except TimeoutError as error:
            raise HTTPException(TOO_SLOW, "The upload took too long.") from error
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(TOO_LARGE, "The file is too large.")
        is_whole = not message.get("more_body", False)
        return message

    return bounded

"""What HTTP says about parts, versions and waiting (RFC 9110), on plain headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from welcomemap.build.partial import Version


def ask_for_rest(known: Version, offset: int) -> dict[str, str]:
    """Ask for the rest of a part, for news of a complete file, or for the whole file."""
    headers = {"Accept-Encoding": "identity"}
    is_tag = known.validator.startswith('"')
    if known.is_complete and known.validator:
        headers["If-None-Match" if is_tag else "If-Modified-Since"] = known.validator
    elif offset:
        headers |= {"Range": f"bytes={offset}-", "If-Range": known.validator}
    return headers


def read_validator(headers: Mapping[str, str]) -> str:
    """Return a strong ETag, else the date of the last change, else nothing (RFC 9110, 13.1.5)."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified", "")


def read_total_bytes(headers: Mapping[str, str], offset: int) -> int | None:
    """Return the size of the whole file, of which ``offset`` bytes were not asked for."""
    if headers.get("Content-Encoding", "identity") != "identity":
        return None
    stated = headers.get("Content-Length", "")
    return offset + int(stated) if stated.isdigit() else None


def read_wait(text: str) -> float | None:
    """Read Retry-After: seconds, or a date (RFC 9110, 10.2.3); anything else counts as absent."""
    if text.strip().isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()

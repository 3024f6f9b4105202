"""May addresses be sent to this server?"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from welcomemap.errors import UsageError, quote

SERVICE_NAMES = ("nominatim", "photon", "pelias", "generic")


def check_address(name: str, address: str) -> SplitResult:
    """Check where addresses would be sent: https, or http inside the operator's own network.

    Returns
    -------
    urllib.parse.SplitResult
        The parts of the address.

    Raises
    ------
    UsageError
        If it cannot be used.
    """
    how = "Write for example nominatim=https://geo.example.org"
    if name not in SERVICE_NAMES:
        raise UsageError(
            f"there is no service {quote(name)}", how=f"Known: {', '.join(SERVICE_NAMES)}."
        )
    if not address:
        raise UsageError(f"the service {name} needs the address of a server", how=f"{how}.")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{quote(address)} is no address of a server", how=f"{how}.")
    if parts.scheme == "http" and not _is_own_network(parts.hostname):
        raise UsageError(
            f"{quote(address)} would send addresses unencrypted through the internet",
            how="Use https.",
        )
    if name == "generic" and "{query}" not in address:
        raise UsageError(
            "the address of a generic service lacks {query}",
            how="Write for example generic=https://geo.example.org/search?q={query}.",
        )
    return parts


def _is_own_network(host: str) -> bool:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return number.is_loopback or number.is_private

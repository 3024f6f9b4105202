"""Start the app with the settings that lie beside it in ``.streamlit/config.toml``."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from welcomemap.errors import UsageError, fault
from welcomemap.region.pack import PACK_VARIABLE

HEALTH_PATH = "/_stcore/health"
HOSTS_VARIABLE = "WELCOMEMAP_HOSTS"
"""Names, separated by commas, under which the app may be asked beside the machine's own."""
PUBLIC_NAME_VARIABLE = "STREAMLIT_BROWSER_SERVER_ADDRESS"
EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104 - compared with what an operator asks for
EDITABLE_VARIABLE = "WELCOMEMAP_EDITABLE"
"""Lets the app change the pack's list of sites: see :data:`BY_ONE`, :data:`BY_ALL`."""
BY_ONE, BY_ALL = "1", "all"
"""Whoever sits at this machine may change the list; or whoever reaches the app may."""
CAN_BE_REPLACED = os.name == "posix"
"""Windows starts a second process instead, whose arguments it breaks at spaces."""


def find_app() -> Path:
    """Return the app's script: the one inside an installed wheel, else the checkout's."""
    installed = Path(__file__).parent / "_embedded" / "app.py"
    return installed if installed.is_file() else Path(__file__).parents[2] / "app.py"


def app_command(script: Path, *, port: int, address: str) -> list[str]:
    """Return the command line that serves ``script``; everything else is in its settings file."""
    return [
        sys.executable,
        "-m",
        "welcomemap.pages",
        str(script),
        "--server.port",
        str(port),
        "--server.address",
        address,
    ]


def app_environment(
    inherited: Mapping[str, str], *, address: str, pack: Path | None, hosts: str = "",
    editable: str = "",
) -> dict[str, str]:  # fmt: skip
    """Return the environment of the app: the inherited one, with the pack and a public name.

    Streamlit asks a service on the network for the machine's public address when it listens on
    every interface and knows no name to show, so it is given one.
    """
    environment = dict(inherited)
    if pack is not None:
        environment[PACK_VARIABLE] = str(pack.resolve())
    if hosts:
        environment[HOSTS_VARIABLE] = hosts
    if editable:
        environment[EDITABLE_VARIABLE] = editable
    if address in EVERY_INTERFACE:
        environment.setdefault(PUBLIC_NAME_VARIABLE, "localhost")
    return environment


def check_address(*, port: int, address: str) -> None:
    """Try once whether this machine can listen there.

    Raises
    ------
    UsageError
        If it cannot.
    """
    # Any other name than this one might be asked of a name server.
    numbers = "127.0.0.1" if address == "localhost" else address
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            numbers, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError, OverflowError, ValueError) as error:
        raise UsageError(
            "cannot listen on {address}, port {port}: {said}",
            address=address,
            port=port,
            said=getattr(error, "strerror", None) or fault("no address"),
            how="Give an address of this machine in numbers, such as 127.0.0.1, and a free port.",
        ) from error


def require_alone(editable: str, *, address: str, names: Iterable[str]) -> None:
    """Refuse that others than whoever sits at this machine may change the list, unless it is said.

    Parameters
    ----------
    editable
        Value of :data:`EDITABLE_VARIABLE`; empty: nobody may.
    address
        Address that is listened on; empty: every one.
    names
        Names under which the app may be asked: with one of them, a proxy brings others in.

    Raises
    ------
    UsageError
        If the value is none that is known, or others could reach the app.
    """
    if editable in ("", "0", BY_ALL):
        return
    if editable != BY_ONE:
        raise UsageError(
            "{variable} is {value!r}, which means nothing",
            variable=EDITABLE_VARIABLE,
            value=editable,
            how="Write 1: at this machine alone; all: whoever reaches the app; 0: nobody.",
        )
    outside = [name for name in (address or EVERY_INTERFACE[0], *names)
               if name.strip() and not is_loopback(name.strip())]  # fmt: skip
    if outside:
        raise UsageError(
            "the list could be changed by whoever reaches {outside}",
            outside=outside[0],
            variable=EDITABLE_VARIABLE,
            how="Listen on 127.0.0.1 and give no other name; or, where a proxy asks for a password "
            "first, write all in {variable} (--editable-by-all on the command line).",
        )


def is_loopback(name: str) -> bool:
    """Tell whether a name or an address leads to this machine alone."""
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower().removesuffix(".") == "localhost"


def serve(
    *, port: int, address: str, pack: Path | None = None, hosts: str = "", editable: str = ""
) -> NoReturn:
    """Become the app's server, which prints its address and answers on :data:`HEALTH_PATH`.

    The process is replaced, so that a stop signal reaches the server itself; on Windows it waits
    for the server and ends with its status.

    Raises
    ------
    UsageError
        If the address is not this machine's, the port is taken or not allowed, or others than who
        sits here could change the list and it is not said that they may.
    """
    named = (hosts or os.environ.get(HOSTS_VARIABLE, "")).split(",")
    public = os.environ.get(PUBLIC_NAME_VARIABLE, "")
    require_alone(editable, address=address, names=(*named, public))
    check_address(port=port, address=address)
    command = app_command(find_app(), port=port, address=address)
    environment = app_environment(
        os.environ, address=address, pack=pack, hosts=hosts, editable=editable
    )
    if not CAN_BE_REPLACED:
        sys.exit(subprocess.call(command, env=environment))  # noqa: S603 - no shell, a fixed program
    os.execve(command[0], command, environment)  # noqa: S606 - no shell, a fixed program

"""Start the installed ``welcomemap serve`` and ask whether it is healthy: on Windows and macOS too.

python .ci/ask_server.py [PROGRAM]
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request

SECONDS = 120.0
HEALTH_PATH = "/_stcore/health"


def find_free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_healthy(port: int) -> bool:
    """Tell whether a server answers there that it lives."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{HEALTH_PATH}", timeout=5) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def main(program: str = "welcomemap") -> str | None:
    """Return what is wrong, ``None`` if the server was started, answered and stopped."""
    port = find_free_port()
    # A group of its own on Windows, where the signal that stops it reaches a whole group.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    command = [program, "serve", "--port", str(port)]
    server = subprocess.Popen(command, creationflags=flags)  # noqa: S603 - the caller's program
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end:
            if is_healthy(port):
                return None
            if server.poll() is not None:
                return f"the server ended with {server.returncode} before it answered"
            time.sleep(0.5)
        return f"the server did not answer within {SECONDS:.0f} seconds"
    finally:
        server.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

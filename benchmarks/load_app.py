"""Visit the running app as many residents at once: how soon is each answered, how much memory?

Each visitor is a session of Streamlit's own websocket protocol on loopback: open the page, type an
address letter by letter (every pause asks for suggestions), submit it, and wait until the whole
answer with list and map has come. The server is started by this script with its own settings, and
is a process of its own; the visitors share one other process. First paint is seen by Chromium.

    python -m benchmarks.load_app --sessions 25 [--no-browser]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tests.browser import FLAGS, find_chromium
from tests.pages.app_server import find_free_port
from websockets.asyncio.client import ClientConnection, connect

from welcomemap.serving import HEALTH_PATH, app_command, app_environment, find_app

STREETS = (
    "Kölner Straße",
    "Gumbertstraße",
    "Königsallee",
    "Bilker Allee",
    "Münsterstraße",
    "Benrather Straße",
    "Kaiserswerther Straße",
    "Erkrather Straße",
)
EVENTS = "$$STREAMLIT_INTERNAL_KEY_{id}__events"
PATIENCE_S = 60.0


@dataclass
class Visitor:
    """One session: its connection and what it has seen of the page."""

    connection: ClientConnection
    number: int
    field_id: str = ""
    fragment_id: str = ""
    answers: int = 0
    received: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)

    async def run(self, what: str, *, state: str = "", event: str = "", answers: int = 0) -> None:
        """Ask for a run of the script and note the seconds until it is finished."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = "lang=de"
        if state:
            widget = asked.widget_states.widgets.add(id=self.field_id)
            widget.json_value = json.dumps({"query": state})
        if event:
            widget = asked.widget_states.widgets.add(id=EVENTS.format(id=self.field_id))
            widget.json_trigger_value = json.dumps([{"event": "submitted", "value": event}])
        if state or event:
            asked.fragment_id = self.fragment_id
        goal, start = self.answers + answers, time.perf_counter()
        await self.connection.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_S):
            while not (await self._receive() and self.answers >= goal):
                pass
        self.seconds.setdefault(what, []).append(time.perf_counter() - start)

    async def _receive(self) -> bool:
        """Read one message; tell whether a run of the script is finished."""
        raw = await self.connection.recv()
        self.received += len(raw)
        message = ForwardMsg()
        message.ParseFromString(raw)
        element = message.delta.new_element
        if element.bidi_component.component_name.endswith("welcomemap_search"):
            self.field_id = element.bidi_component.id
            self.fragment_id = message.delta.fragment_id or self.fragment_id
        if element.bidi_component.component_name.endswith("welcomemap_map"):
            self.answers += 1
        return message.HasField("script_finished")

    async def type_address(self, pause_s: float) -> None:
        """Type an address with pauses, then submit it and wait for the answer."""
        text = f"{STREETS[self.number % len(STREETS)]} {self.number + 1}"
        for end in (3, 6, len(text)):
            await self.run("suggestions", state=text[:end])
            await asyncio.sleep(random.uniform(0.2, 1.0) * pause_s)
        await self.run("answer", event=text, answers=1)


async def visit(url: str, count: int, pid: int, pause_s: float) -> None:
    """Open all sessions, let them type and submit at once, and print what they saw."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    before_mb = resident_mb(pid)
    connections = [
        await connect(address, subprotocols=["streamlit"], max_size=None) for _ in range(count)
    ]
    visitors = [Visitor(connection, number) for number, connection in enumerate(connections)]
    await visitors[0].run("very first page")
    await asyncio.gather(*(visitor.run("page") for visitor in visitors[1:]))
    opened_mb = resident_mb(pid)
    await asyncio.gather(*(visitor.type_address(pause_s) for visitor in visitors))
    answered_mb = resident_mb(pid)
    await asyncio.gather(
        *(
            visitor.run("burst", event=f"Bilker Allee {visitor.number + 2}", answers=1)
            for visitor in visitors
        )
    )
    print(f"\n{count} sessions at once, load of the machine {os.getloadavg()[0]:.1f}")
    print("| what | n | median s | 95th percentile s | max s |\n|---|---|---|---|---|")
    for name, what in WORDS.items():
        show(what, [s for visitor in visitors for s in visitor.seconds.get(name, [])])
    print(
        f"memory of the server: {before_mb:.0f} MB before, {opened_mb:.0f} MB with pages open, "
        f"{answered_mb:.0f} MB answered, {resident_mb(pid):.0f} MB at the end: "
        f"{(resident_mb(pid) - before_mb) / count:.1f} MB a session"
    )
    print(f"sent to a visitor: {max(visitor.received for visitor in visitors) / 1e6:.2f} MB")
    for connection in connections:
        await connection.close()


WORDS = {
    "very first page": "page, very first after start",
    "page": "page, all others at the same instant",
    "suggestions": "suggestions, all typing",
    "answer": "answer with map, visitors at their own pace",
    "burst": "answer with map, all at the same instant",
}


def show(what: str, seconds: list[float]) -> None:
    """Print one row: median, 95th percentile and maximum."""
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(
        f"| {what} | {len(ordered)} | {statistics.median(ordered):.3f} | {high:.3f} "
        f"| {ordered[-1]:.3f} |"
    )


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in megabytes, from the kernel."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def paint(url: str, runs: int) -> list[float]:
    """Return seconds from navigation until the search field can be used, in fresh profiles."""
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for _ in range(runs):
            context = browser.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
            page = context.new_page()
            start = time.perf_counter()
            page.goto(url)
            page.get_by_role("combobox").wait_for()
            seconds.append(time.perf_counter() - start)
            context.close()
        browser.close()
    return seconds


def main() -> None:
    """Start the server, visit it, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=25)
    parser.add_argument("--pause", type=float, default=3.0, help="longest pause between letters, s")
    parser.add_argument("--no-browser", action="store_true")
    chosen = parser.parse_args()
    port, start = find_free_port(), time.perf_counter()
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            app_command(find_app(), port=port, address="127.0.0.1"),
            stdout=log,
            stderr=log,
            env=app_environment(os.environ, address="127.0.0.1", pack=None),
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait(url)
            print(f"server healthy after {time.perf_counter() - start:.1f} s")
            if not chosen.no_browser:
                first, *later = paint(url, 6)
                print(
                    f"first useful paint in Chromium (load {os.getloadavg()[0]:.1f}): very first "
                    f"{first:.2f} s, later median {statistics.median(later):.2f} s, "
                    f"max {max(later):.2f} s"
                )
            asyncio.run(visit(url, chosen.sessions, server.pid, chosen.pause))
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait(url: str) -> None:
    """Wait until the server is healthy."""
    for _ in range(600):
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url + HEALTH_PATH, timeout=2).close()
            return
        time.sleep(0.1)
    raise TimeoutError("the app did not come up")


if __name__ == "__main__":
    main()

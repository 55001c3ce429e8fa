"""A headless Chromium for the tests, spoken to over its DevTools protocol, with the network off."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
PATIENCE = 60.0  # seconds, on a busy machine


def chromium() -> str | None:
    """The browser's path, if one is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """The one open page. Calls wait for their answer; `errors` and `requests` gather what happened since `open`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, socket: WebSocketClientConnection) -> None:
        self._loop, self._socket, self._sent = loop, socket, 0
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._loaded = False
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, path: Path, width: int = 1440, height: int = 1000, **media: str) -> None:
        """Loads a file at this size, with the network off; `media` are features such as prefers_color_scheme="dark"."""
        self._load(path.resolve().as_uri(), True, width, height, media)

    def visit(self, url: str, width: int = 1440, height: int = 1000, **media: str) -> None:
        """Loads a page of a server on this machine; where else it asks stands in `requests`."""
        self._load(url, False, width, height, media)

    def _load(self, url: str, offline: bool, width: int, height: int, media: dict[str, str]) -> None:
        self.call(
            "Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )
        self.errors, self.requests, self._loaded = [], [], False
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.call("Emulation.setEmulatedMedia", media="screen", features=features)
        self.call("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE
        while not self._loaded and time.monotonic() < until:
            self._read()
        assert self._loaded, f"{url} did not load"

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, which must be JSON; an exception in it fails."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """A key, as from a keyboard."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text if kind == "keyDown" else "")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """A DevTools command and its result."""
        self._sent += 1
        self._loop.run_until_complete(self._write(json.dumps({"id": self._sent, "method": method, "params": params})))
        while (message := self._read()).get("id") != self._sent:
            pass
        assert "error" not in message, (method, message["error"])
        return message["result"]

    async def _write(self, text: str) -> None:
        await self._socket.write_message(text)

    async def _message(self) -> str | bytes | None:
        return await asyncio.wait_for(self._socket.read_message(), PATIENCE)

    def _read(self) -> dict[str, Any]:
        text = self._loop.run_until_complete(self._message())
        assert text is not None, "Chromium has gone"
        message: dict[str, Any] = json.loads(text)
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
                self.errors.append(str(params["args"]))
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.errors.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Page.loadEventFired":
                self._loaded = True
        return message


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Starts Chromium with an empty profile, and ends it."""
    command = chromium()
    assert command is not None, "mark this test with needs_chromium"
    with subprocess.Popen(
        [command, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        loop = asyncio.new_event_loop()
        try:
            socket = loop.run_until_complete(_connected(profile / "DevToolsActivePort"))
            yield Page(loop, socket)
            loop.run_until_complete(_closed(socket))
        finally:
            process.terminate()
            process.wait(PATIENCE)
            loop.close()


async def _closed(socket: WebSocketClientConnection) -> None:
    socket.close()
    while await socket.read_message() is not None:
        pass


async def _connected(port_file: Path) -> WebSocketClientConnection:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError, IndexError, StopIteration):
            port = port_file.read_text(encoding="utf-8").splitlines()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
                page = next(each for each in json.load(answer) if each["type"] == "page")
            return await websocket_connect(page["webSocketDebuggerUrl"], max_message_size=2**28)
        await asyncio.sleep(0.1)
    raise TimeoutError("Chromium did not start")

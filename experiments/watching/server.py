"""The page and the JSON, over HTTP on this machine only.

It listens on the loopback address. A page of another site that a browser has open can still send requests there, and
with a name that suddenly means 127.0.0.1 could read the answers (DNS rebinding): requests are answered only if they
name this address and port as their host, and do not come from another site.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ADDRESS = "127.0.0.1"
STATE = "/state.json"


class Server(ThreadingHTTPServer):
    """Serves a page, and under STATE the JSON of `snapshot()`, until `shutdown` is called.

    Args:
        port: Where to listen; 0 for any free port.
        page: The HTML.
        policy: The page's content security policy, sent as a header, too.
        snapshot: Returns JSON values.

    Raises:
        ValueError: If the port is taken or may not be used.
    """

    daemon_threads = True

    def __init__(self, port: int, page: str, policy: str, snapshot: Callable[[], Any]) -> None:
        self.page, self.policy, self.snapshot = page.encode(), policy, snapshot
        try:
            super().__init__((ADDRESS, port), _Request)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ValueError(
                f"port {port} cannot be used ({reason}): give another with --port, or --port 0 for any that is free"
            ) from None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/"


class _Request(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "keras-suite", ""

    def do_GET(self) -> None:
        port = self.server.server_port
        hosts = {f"{name}{'' if port == 80 else f':{port}'}" for name in (ADDRESS, "localhost")}
        if self.headers.get("Host") not in hosts or self.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", f"this page is at {self.server.url} alone\n".encode())
        elif self.path == "/":
            self._answer(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)
        elif self.path == STATE:
            body = json.dumps(_finite(self.server.snapshot()), allow_nan=False).encode()
            self._answer(HTTPStatus.OK, "application/json", body)
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"there is the page, and nothing else\n")

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", f"{self.server.policy}; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request: the page asks every two seconds."""


def _finite(value: Any) -> Any:
    """Return JSON values with None in place of numbers that JSON has no word for."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value

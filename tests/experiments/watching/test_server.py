"""The page and its JSON over HTTP: on this machine, by its own name, and nothing else."""

import http.client
import json
import threading
from collections.abc import Iterator

import pytest

from keras_suite.experiments.watching.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    values = {"shown": [1.5, float("nan"), float("inf")]}
    with Server(0, "<p>page</p>", "default-src 'none'", lambda: values) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def asked(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.headers), body


def test_it_serves_the_page_and_the_state_and_nothing_else(server: Server) -> None:
    status, headers, body = asked(server, "/")
    assert (status, body) == (200, b"<p>page</p>")
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    assert json.loads(asked(server, "/state.json")[2]) == {"shown": [1.5, None, None]}
    assert asked(server, "/", method="HEAD")[2] == b""
    for path in ("/etc/passwd", "/../state.json", "/state.json?x"):
        assert asked(server, path)[0] == 404
    assert asked(server, "/", method="POST")[0] == 501
    assert server.server_address[0] == "127.0.0.1"


def test_a_request_by_another_name_or_from_another_site_is_refused(server: Server) -> None:
    port = server.server_port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}"):
        assert asked(server, "/state.json", Host=host)[0] == 403
    assert asked(server, "/state.json", Host=f"localhost:{port}")[0] == 200
    assert asked(server, "/state.json", Sec_Fetch_Site="cross-site")[0] == 403
    assert asked(server, "/state.json", Sec_Fetch_Site="same-origin")[0] == 200


def test_a_port_in_use_is_answered_in_one_line(server: Server) -> None:
    with pytest.raises(ValueError, match=rf"port {server.server_port} cannot be used \(address already in use\)"):
        Server(server.server_port, "", "", dict)

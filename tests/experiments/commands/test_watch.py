"""`watch`, typed as a user types it."""

import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.end_to_end.typed import type_here


def test_a_missing_folder_and_a_busy_port_are_one_line_each(tmp_path: Path) -> None:
    done = type_here("watch", "nowhere", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: there is no folder 'nowhere': give the one that `run` or `tune` writes into (--runs-dir)\n"
    )
    (tmp_path / "runs").mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = type_here("watch", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "cannot be used (address already in use): give another with --port" in done.stderr


def test_it_prints_where_the_page_is_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    command = [sys.executable, "-m", "keras_suite.experiments", "watch", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        said = process.stdout.readline()
        url = next(word for word in said.split() if word.startswith("http://127.0.0.1:"))
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert b"Watching runs" in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout.read() == "The page has ended; the runs go on.\n"
        assert process.stderr.read() == ""

"""The page of `watch` in Chromium: over recorded folders that change, and over a live sweep."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from keras_suite.experiments.watching import snapshot
from keras_suite.experiments.watching.server import Server
from keras_suite.experiments.watching.snapshot import Watched
from keras_suite.reports.page.watch import watch_page
from keras_suite.reports.run_directory import ExperimentRuns
from tests.browser import Page
from tests.end_to_end.sweeps import wait_for, write_file
from tests.reports.conftest import MakeRuns, directory_of

pytestmark = pytest.mark.needs_chromium


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The page over a folder, on a free port."""
    watched = Watched(folder)
    with Server(0, *watch_page(folder.name), watched.snapshot) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


def until(page: Page, script: str, seconds: float = 20) -> None:
    """Waits until an expression on the page is true."""
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < end, page.evaluate("document.body.innerText")
        time.sleep(0.2)


def rows(history: Path) -> int:
    """Lines of a run's history, its header too."""
    return len(history.read_text(encoding="utf-8").splitlines())


def text(page: Page, selector: str) -> str:
    return page.evaluate(f"(document.querySelector({selector!r}) || {{}}).innerText || ''")


def test_the_page_shows_what_goes_on_and_follows_its_end(
    page: Page, going: ExperimentRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "SECONDS", 0.0)
    with served(going.folder.parent) as url:
        page.visit(url)
        until(page, "document.querySelectorAll('#going .line').length === 6")
        assert text(page, "#summary") == "1 run going on, in digits_question"
        assert text(page, ".counts") == "4 of 6 runs ended, 1 running, 1 interrupted"
        assert (
            text(page, "tbody tr")
            == "weak seed 2\trunning\t2 of 5\t" + text(page, "tbody tr td:nth-child(4)") + "\t2 s"
        )
        page.evaluate(
            "(({left, top, width, height}) => document.querySelector('.chart svg').dispatchEvent(new PointerEvent("
            "'pointermove', {clientX: left + width, clientY: top}))) (document.querySelector('.chart svg')"
            ".getBoundingClientRect())"
        )
        assert "strong seed" in text(page, ".chart output") and "epoch 5: " in text(page, ".chart output")
        record = going.folder / directory_of("weak") / "seed-2" / "run.json"
        record.write_text(record.read_text(encoding="utf-8").replace('"running"', '"interrupted"'), encoding="utf-8")
        until(page, "document.getElementById('summary').textContent === 'Nothing is going on'")
        assert not page.evaluate("document.getElementById('ended-section').hidden")
        assert page.evaluate("document.querySelector('details.watched b').textContent") == "digits_question"
        assert page.errors == []
        assert {each.removeprefix(url) for each in page.requests} == {"", "state.json"}
    until(page, "document.body.classList.contains('lost')")
    assert "no longer answers" in text(page, "#told"), "the server has ended, and what was shown stays"


def test_names_that_are_markup_are_text_and_nothing_is_cut_off_at_390_pixels(page: Page, make: MakeRuns) -> None:
    name = '<img src=x onerror="alert(1)">'
    running = {"status": "running", "heartbeat": time.time()}
    runs = make({name: {}, "weak": {}}, seeds=2, changes={(name, 2): running}, question=f"Is {name} better?")
    with served(runs.folder.parent) as url:
        for scheme in ("light", "dark"):
            page.visit(url, 390, 900, prefers_color_scheme=scheme)
            until(page, "document.querySelectorAll('tbody tr').length === 4")
            assert page.evaluate("document.querySelectorAll('img').length") == 0
            assert name in page.evaluate("document.body.innerText")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert page.errors == []


def test_without_script_it_says_what_else_there_is(page: Page, tmp_path: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        with served(tmp_path) as url:
            page.visit(url)
            root = page.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
            html = page.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]
            assert "keras-suite runs" in html
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.slow
def test_a_live_sweep_is_followed_to_its_end(page: Page, tmp_path: Path) -> None:
    """Trials appear while they train, the time left falls away with the sweep's end, and the page stays."""
    source = write_file(tmp_path, WATCHED)
    (tmp_path / "runs").mkdir()
    command = f"tune {source} --tuner random --trials 3 --threads 1"
    with (
        served(tmp_path / "runs") as url,
        subprocess.Popen(
            [sys.executable, "-m", "keras_suite.experiments", *command.split()],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        ) as process,
    ):
        page.visit(url)
        assert text(page, "#summary") in ("Reading …", "No runs yet")
        wait_for(process, lambda: any(rows(path) > 3 for path in tmp_path.glob("runs/*/*/*/seed-*/history.csv")))
        os.killpg(process.pid, signal.SIGSTOP)  # a page that asks every two seconds can miss a quick machine's trial
        until(page, "document.querySelectorAll('.state.running').length && document.querySelectorAll('.on').length")
        assert text(page, ".watched h3") == "width, random search"
        assert "Time left" in text(page, ".facts")
        os.killpg(process.pid, signal.SIGCONT)
        assert process.wait(240) == 0
        until(page, "document.getElementById('summary').textContent === 'Nothing is going on'", 120)
        page.evaluate("document.querySelector('details.watched').open = true")
        assert text(page, "details .counts") == "3 of 3 trials ended"
        assert "State\ndone" in text(page, "details .facts") and "Best so far" in text(page, "details .facts")
        assert page.errors == []


WATCHED = '''"""Which learning rate reads digits best?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=600, test_limit=100), model=use("mlp", units=[16]), batch_size=16, epochs=40
    ),
)


def space(hp):
    return {"optimizer.learning_rate": hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")}
'''

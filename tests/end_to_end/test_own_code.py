"""Faults in an experiment file's own functions while it trains and afterwards, and consoles and terminals that go."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.reports import run_directory
from tests.end_to_end.typed import TINY, type_here

ONE = ("--seeds", "1", "--variant", "narrow")


def mine(folder: Path, body: str) -> Path:
    """The tiny experiment with more in its file."""
    path = folder / "mine.py"
    path.write_text(f"{TINY}\n\n{body}", encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import sys; sys.exit(0)", "mine.py line 18: measure(model, images, labels) failed: SystemExit: 0"),
        ("return {'a': float('nan')}", "returned nan at 'a', which JSON cannot hold"),
    ],
)
def test_a_faulty_measure_fails_the_run_with_its_line_and_the_report_is_written(
    body: str, said: str, tmp_path: Path
) -> None:
    mine(tmp_path, f"def measure(model, images, labels):\n    {body}\n")
    done = type_here("run", "mine.py", *ONE, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "narrow seed 1: failed, mine.py line" in done.stdout
    assert said in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    (run,) = run_directory.read_experiment(tmp_path / "runs" / "mine").runs
    assert run.status == "failed"
    assert said in run.record["error"]["message"]
    assert "Traceback" in (run.path / "log.txt").read_text(encoding="utf-8")
    mended = (tmp_path / "mine.py").read_text(encoding="utf-8").replace(body, "return {'a': 1}")
    (tmp_path / "mine.py").write_text(mended, encoding="utf-8")
    again = type_here("run", "mine.py", *ONE, cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads((run.path / "measured.json").read_text(encoding="utf-8")) == {"a": 1}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run of mine.py, without figures of its own."""
    folder = tmp_path_factory.mktemp("trained")
    mine(folder, "")
    done = type_here("run", "mine.py", *ONE, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


FIGURE = "from matplotlib.figure import Figure\n"
SPOILT = (
    "import os, sys, warnings, numpy, signal, matplotlib; os.chdir('/'); sys.stdout = None; sys.stderr = None; "
    "sys.exit = None; warnings.simplefilter('error'); numpy.seterr(all='raise'); sys.argv.clear(); "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); matplotlib.rcParams.update({'text.usetex': True}); "
    "[run.record.clear() for run in runs]; [run.config.clear() for run in runs]; return {}"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise SystemExit(0)", "mine.py line 18: draw(runs) failed: SystemExit: 0"),
        ("raise KeyboardInterrupt", "mine.py line 18: draw(runs) failed: KeyboardInterrupt"),
        ("return None", "mine.py line 17: draw(runs) returned None: expected titles and figures"),
        ("return {'a': 3}", "draw(runs) returned 3 under 'a': expected a matplotlib Figure"),
    ],
)
def test_a_faulty_draw_loses_its_figures_and_not_the_report(body: str, said: str, trained: Path) -> None:
    mine(trained, f"def draw(runs):\n    {body}\n")
    (trained / "runs" / "mine" / "report.html").unlink(missing_ok=True)
    done = type_here("run", "mine.py", *ONE, cwd=trained)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("warning: mine.py line")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "The report: " in done.stdout
    page = (trained / "runs" / "mine" / "report.html").read_text(encoding="utf-8")
    assert "draw(runs)" in page
    assert "Learning" in page or "curves" in page


@pytest.mark.slow
def test_a_figure_that_cannot_be_written_is_named_and_the_others_are_shown(trained: Path) -> None:
    mine(
        trained,
        f"{FIGURE}\nclass Broken(Figure):\n    def savefig(self, *given, **more):\n        raise SystemExit(0)\n\n\n"
        "def draw(runs):\n    return {'Whole': Figure(), 'Torn': Broken(), 'Whole too': Figure()}\n",
    )
    done = type_here("run", "mine.py", *ONE, cwd=trained)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "mine.py line 21: writing the figure 'Torn' of draw(runs) failed: SystemExit: 0" in done.stderr
    page = (trained / "runs" / "mine" / "report.html").read_text(encoding="utf-8")
    assert "Whole too" in page
    assert sorted(path.name for path in (trained / "runs" / "mine" / "figures").glob("extra-*.svg")) == [
        "extra-1-Whole.svg",
        "extra-3-Whole-too.svg",
    ]


@pytest.mark.slow
def test_what_a_draw_changes_of_the_process_and_the_runs_spoils_nothing(trained: Path) -> None:
    mine(trained, "")
    assert type_here("run", "mine.py", *ONE, cwd=trained).returncode == 0
    page = (trained / "runs" / "mine" / "report.html").read_bytes()
    mine(trained, f"def draw(runs):\n    {SPOILT}\n")
    done = type_here("run", "mine.py", *ONE, cwd=trained)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The report: " in done.stdout
    assert (trained / "runs" / "mine" / "report.html").read_bytes() == page


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise SystemExit(0)", "mine.py line 4: study(data_dir) failed: SystemExit: 0"),
        ("1 / 0", "mine.py line 4: study(data_dir) failed: ZeroDivisionError"),
        ("return 'an answer'", "mine.py line 3: study(data_dir) returned 'an answer': expected"),
    ],
)
def test_a_faulty_study_is_one_line_and_exit_code_1(body: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f'"""Is it so?"""\n\ndef study(data_dir):\n    {body}\n', encoding="utf-8")
    done = type_here("run", "mine.py", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_may_print_change_the_folder_and_start_threads_when_it_is_loaded(tmp_path: Path) -> None:
    path = mine(
        tmp_path, "import os, threading\nprint('hello')\nthreading.Thread(target=print).start()\nos.chdir('/')\n"
    )
    done = type_here("show", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("hello\n")


@pytest.mark.parametrize("name", ["json.py", "my question.py", "my-question.py", "größe.py", "class.py"])
def test_a_file_of_any_name_that_can_name_a_folder_is_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TINY, encoding="utf-8")
    assert type_here("show", name, cwd=tmp_path).returncode == 0


@pytest.mark.slow
def test_an_experiments_folder_is_answered_with_the_runs_that_it_holds(trained: Path) -> None:
    example = next(trained.glob("runs/mine/*/seed-1")).relative_to(trained)
    for path in ("runs", "runs/mine", example.parent):
        commands = [
            ["inspect", "filters", path],
            ["convolutional", path, "out.keras"],
            ["export", path, "--to", "onnx"],
        ]
        for command in [*commands, *([["predict", path, "a.png"]] if path == "runs" else [])]:
            done = type_here(*command, cwd=trained)
            assert done.returncode == 2
            assert done.stderr == (f"error: {path} holds 1 run of 1 variant: give one of them, for example {example}\n")


@pytest.mark.slow
def test_predict_asks_the_runs_of_an_experiments_folder(trained: Path) -> None:
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(trained / "a.png")
    for path in ("runs/mine", next(trained.glob("runs/mine/*/seed-1")).parent.relative_to(trained)):
        done = type_here("predict", path, "a.png", cwd=trained)
        assert done.returncode == 0 and "seed-1 answers" in done.stdout, done.stderr


# -- in a process of its own -----------------------------------------------------------------------------------------

COMMAND = [sys.executable, "-m", "keras_suite.experiments", "run", "mine.py", *ONE]


def finished(folder: Path) -> bool:
    """Whether the run was trained and reported."""
    return any(folder.glob("runs/mine/*/seed-1/metrics.json")) and (folder / "runs" / "mine" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", ">/dev/full 2>&1"])
def test_without_a_console_it_trains_to_its_end(closing: str, tmp_path: Path) -> None:
    mine(tmp_path, "")
    done = subprocess.run(["sh", "-c", f'"$@" {closing}', "sh", *COMMAND], cwd=tmp_path, timeout=240, check=False)
    assert done.returncode == 0
    assert finished(tmp_path)
    (run,) = run_directory.read_experiment(tmp_path / "runs" / "mine").runs
    assert run.status == "completed"


@pytest.mark.slow
@pytest.mark.parametrize(("body", "code"), [("", 0), ("def measure(model, images, labels):\n    1 / 0\n", 1)])
def test_a_reader_that_goes_leaves_the_exit_code_as_the_training_ended(body: str, code: int, tmp_path: Path) -> None:
    mine(tmp_path, body)
    with subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().startswith("Does a wider")
        process.stdout.close()  # as `head -1` does
        errors = process.stderr.read()
        assert process.wait(timeout=240) == code
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert (tmp_path / "runs" / "mine" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_run_interrupted_even_where_its_own_code_catches_it(
    number: signal.Signals, tmp_path: Path
) -> None:
    mine(
        tmp_path,
        "def measure(model, images, labels):\n    import time\n    try:\n        open('measuring', 'w').close()\n"
        "        time.sleep(60)\n    except BaseException:\n        pass\n    return {}\n",
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where the tests run under nohup, it would be ignored
    try:
        process = subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    with process:
        ends = time.monotonic() + 200
        while not (tmp_path / "measuring").exists():
            assert process.poll() is None and time.monotonic() < ends
            time.sleep(0.05)
        os.kill(process.pid, number)
        printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130, printed + errors
    assert "run the same command again to continue" in printed
    assert "Traceback" not in errors
    (run,) = run_directory.read_experiment(tmp_path / "runs" / "mine").runs
    assert run.status == "interrupted"


@pytest.mark.slow
def test_nothing_of_what_a_thread_of_the_file_raises_ends_the_command(tmp_path: Path) -> None:
    mine(tmp_path, "import threading\ndef fail():\n    1 / 0\n\n\nthreading.Thread(target=fail).start()\n")
    done = subprocess.run(
        [*COMMAND[:3], "show", "mine.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0
    assert done.stderr == "warning: a thread failed in mine.py line 19: ZeroDivisionError: division by zero\n"

"""Whatever a user's own code does becomes one line with its place; what it changed of the process is undone."""

import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

from keras_suite.experiments import foreign_code
from keras_suite.experiments.foreign_code import ForeignCodeError, ForeignFile
from keras_suite.experiments.own_parts.returned_values import figures, json_values
from keras_suite.experiments.training import interruption


def written(folder: Path, text: str) -> tuple[ForeignFile, Callable[..., Any]]:
    """A file of a user's own, and its function `called`."""
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(text, str(path), "exec"), names)
    return ForeignFile(path.resolve()), names["called"]


def line_of(folder: Path, body: str) -> str:
    """The line about a function with this body; the body is line 2."""
    file, called = written(folder, f"def called(*given):\n    {body}\n")
    with pytest.raises(ForeignCodeError) as error:
        file.function(called, "called()")()
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("1 / 0", "mine.py line 2: called() failed: ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)", "mine.py line 2: called() failed: SystemExit: 0"),
        ("raise KeyboardInterrupt", "mine.py line 2: called() failed: KeyboardInterrupt"),
        ("raise GeneratorExit", "mine.py line 2: called() failed: GeneratorExit"),
        ("raise StopIteration(3)", "mine.py line 2: called() failed: StopIteration: 3"),
        ("raise BaseException('a\\n  b')", "mine.py line 2: called() failed: BaseException: a b"),
        ("called()", "mine.py line 2: called() failed: RecursionError: maximum recursion depth exceeded"),
        ("import json; json.loads('{')", "mine.py line 2: called() failed: JSONDecodeError: Expecting property name"),
        (
            "import warnings; warnings.simplefilter('error'); warnings.warn('w')",
            "line 2: called() failed: UserWarning: w",
        ),
        ("exec('1 / 0')", "mine.py line 2: called() failed: ZeroDivisionError"),
        ("exec('(')", "mine.py line 2: no valid Python: '(' was never closed"),
    ],
)
def test_whatever_code_raises_is_one_line_with_its_place(body: str, said: str, tmp_path: Path) -> None:
    assert said in line_of(tmp_path, body)


def test_words_of_the_suites_own_need_no_type(tmp_path: Path) -> None:
    body = "from keras_suite.experiments import use; use('mlp', units={1})"
    assert line_of(tmp_path, body).startswith("mine.py line 2: option units={1} is a set: expected")


def test_words_of_a_library_in_the_suites_own_folder_need_their_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "suite" / ".venv" / "site-packages"
    environment.mkdir(parents=True)
    (environment / "library.py").write_text("def fail():\n    raise ValueError('its words')\n")
    monkeypatch.setattr(foreign_code, "ROOMS", (str(tmp_path / "suite" / "models"),))
    monkeypatch.setattr(foreign_code, "LIBRARIES", (str(tmp_path / "suite" / "models"), str(environment)))
    monkeypatch.syspath_prepend(str(environment))
    said = line_of(tmp_path, "import library; library.fail()")
    assert said == "mine.py line 2: called() failed: ValueError: its words"


def test_the_cause_is_kept_for_the_log(tmp_path: Path) -> None:
    file, called = written(tmp_path, "def called():\n    1 / 0\n")
    with pytest.raises(ForeignCodeError) as error:
        file.function(called, "called()")()
    assert isinstance(error.value.__cause__, ZeroDivisionError)


def test_a_persons_interrupt_stays_one_even_where_the_code_catches_it(tmp_path: Path) -> None:
    text = (
        "import os, signal\n"
        "def called():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except BaseException:\n"
        "        return 3\n"
    )
    file, called = written(tmp_path, text)
    with interruption.listening(), pytest.raises(KeyboardInterrupt):
        file.function(called, "called()")()
    with interruption.listening(), pytest.raises(ForeignCodeError, match="KeyboardInterrupt"):
        file.function(written(tmp_path, "def called():\n    raise KeyboardInterrupt\n")[1], "called()")()


def test_what_the_code_changed_of_the_process_is_restored(tmp_path: Path) -> None:
    text = (
        "import os, sys, signal, warnings, numpy, matplotlib, io\n"
        "def called():\n"
        "    os.chdir('/')\n"
        "    sys.argv[:] = ['other']\n"
        "    sys.stdout = sys.stderr = io.StringIO()\n"
        "    sys.exit = print\n"
        "    sys.excepthook = print\n"
        "    sys.setrecursionlimit(150)\n"
        "    warnings.simplefilter('error')\n"
        "    numpy.seterr(all='raise')\n"
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "    matplotlib.rcParams['text.usetex'] = True\n"
        "    matplotlib.rcParams['backend'] = 'svg'\n"
    )
    file, called = written(tmp_path, text)

    def state() -> list[Any]:
        return [
            os.getcwd(),
            list(sys.argv),
            (sys.stdout, sys.stderr, sys.exit, sys.excepthook, sys.getrecursionlimit()),
            list(warnings.filters),
            np.geterr(),
            signal.getsignal(signal.SIGINT),
            dict(dict.items(matplotlib.rcParams)),
        ]

    before = state()
    file.function(called, "called()")()
    assert state() == before


def test_a_style_set_when_the_file_is_loaded_holds_in_its_functions_only(tmp_path: Path) -> None:
    text = "import matplotlib\ndef called():\n    return matplotlib.rcParams['lines.linewidth']\n"
    file, called = written(tmp_path, text)
    usual = matplotlib.rcParams["lines.linewidth"]
    with file.calling("loading it", keep_style=True):
        matplotlib.rcParams["lines.linewidth"] = 17.0
    assert matplotlib.rcParams["lines.linewidth"] == usual
    assert file.function(called, "called()")() == 17.0
    assert matplotlib.rcParams["lines.linewidth"] == usual


def test_a_wrong_result_is_named_with_the_function_that_returned_it(tmp_path: Path) -> None:
    file, called = written(tmp_path, "\ndef called():\n    return {'a': [1, {2}]}\n")
    with pytest.raises(ForeignCodeError, match=r"mine.py line 2: measure\(…\) returned \{2\} at 'a\[1\]', which JSON"):
        file.function(called, "measure(…)", json_values)()
    with pytest.raises(ForeignCodeError, match=r"mine.py line 2: draw\(runs\) returned \[1, \{2\}\] under 'a'"):
        file.function(called, "draw(runs)", figures)()


def test_a_result_that_holds_code_is_looked_at_beyond_the_boundary(tmp_path: Path) -> None:
    text = "class Evil(dict):\n    def items(self):\n        raise SystemExit(0)\ndef called():\n    return Evil(a=1)\n"
    file, called = written(tmp_path, text)
    with pytest.raises(ForeignCodeError, match=r"mine.py line 3: measure failed: SystemExit: 0"):
        file.function(called, "measure", json_values)()

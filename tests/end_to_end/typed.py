"""The command line as a user types it: in a process of its own, or in this one, where TensorFlow has been started."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from keras_suite.experiments.cli import app
from keras_suite.experiments.registry import ResolvedPart
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.data_record import inspection_of
from keras_suite.experiments.training.identity import content_of, load_dataset

TINY = '''"""Does a wider hidden layer read digits better?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=300, test_limit=100),
        model=use("mlp", units=[16]),
        batch_size=32,
        epochs=2,
    ),
    variants={"narrow": {}, "wide": {"model.units": [64]}},
    seeds=2,
)
'''


def type_command(*arguments: str | Path, cwd: Path, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    """Runs `keras-suite …` in `cwd`."""
    return subprocess.run(
        [sys.executable, "-m", "keras_suite.experiments", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def type_here(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same in this process, with the threads that it has: seconds faster."""
    with contextlib.chdir(cwd), pytest.MonkeyPatch.context() as patch, _own_data_forgotten(patch):
        patch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
        done = CliRunner().invoke(app, list(map(str, arguments)))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@contextlib.contextmanager
def _own_data_forgotten(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep downloaded data for the next command; but its folder may hold other images under the same path."""
    build, own = ResolvedPart.build, []

    def noted(part: ResolvedPart, *context: Any, **replaced: Any) -> Any:
        own.append(part.kind == "dataset" and "path" in part.options)
        return build(part, *context, **replaced)

    patch.setattr(ResolvedPart, "build", noted)
    yield
    if any(own):
        for loaded in (load_dataset, content_of, inspection_of):
            loaded.cache_clear()


def refused(*arguments: str | Path, cwd: Path) -> str:
    """The one line with which a command is refused."""
    done = type_here(*arguments, cwd=cwd)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


def options(option: str, values: Sequence[str]) -> list[str]:
    """The words that repeat an option: `--set a=1 --set b=2`."""
    return [word for value in values for word in (option, value)]


def run_small(
    experiment: str, settings: Sequence[str], *, variants: Sequence[str] = (), data_dir: Path, cwd: Path
) -> Path:
    """The folder of one seed of an experiment of the catalog, with its report, made small by `settings`."""
    chosen = [*options("--variant", variants), *options("--set", settings)]
    done = type_here("run", experiment, "--seeds", "1", *chosen, "--data-dir", data_dir, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return cwd / "runs" / experiment


def tiny_experiment(folder: Path) -> Path:
    """An experiment file of the user's own that trains within seconds."""
    path = folder / "wider.py"
    path.write_text(TINY, encoding="utf-8")
    return path

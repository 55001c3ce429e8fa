"""The command line as a user types it, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

TINY = '''"""Does a wider hidden layer read digits better?"""

from experiments.config import Config, Experiment, use

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
    """Runs `python -m experiments …` in `cwd`."""
    return subprocess.run(
        [sys.executable, "-m", "experiments", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def tiny_experiment(folder: Path) -> Path:
    """An experiment file of the user's own that trains within seconds."""
    path = folder / "wider.py"
    path.write_text(TINY, encoding="utf-8")
    return path

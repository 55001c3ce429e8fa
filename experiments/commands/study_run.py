"""A study carried out: what a question comes to that needs no training run, computed and written down."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from keras_suite.experiments.catalog import StudyEntry
from keras_suite.experiments.commands import report as reporting
from keras_suite.experiments.commands.command_line import interruptible, out, typed, waiting
from keras_suite.experiments.training import runtime
from keras_suite.reports import run_directory
from keras_suite.reports.page.study import write_study


def refuse_options(entry: StudyEntry, given: Sequence[str]) -> None:
    """ValueError if options of training runs were given."""
    if given:
        raise ValueError(
            f"{entry.name} is a study, which trains no network, and has no use for {', '.join(given)}: leave that out"
        )


def run_study(entry: StudyEntry, runs_dir: Path, data_dir: Path | None) -> None:
    """Computes the study, which takes the same data to the same numbers, and writes its page into its folder."""
    folder = runs_dir / entry.name
    out.print(entry.question, style="bold")
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    with interruptible(), run_directory.locked(folder), waiting("computing"):
        found = entry.study(data_dir)
        state = runtime.source_state()
        commit = state["commit"] and state["commit"][:10] + (" with uncommitted changes" if state["dirty"] else "")
        versions = ", ".join(f"{package} {version}" for package, version in runtime.versions().items())
        write_study(
            folder,
            found,
            {
                "name": entry.name,
                "question": entry.question,
                "command": typed(),
                "started": started,
                "seconds": time.perf_counter() - began,
                "environment": {"processor": runtime.processor(), "commit": commit or "unknown", "versions": versions},
            },
        )
    reporting.show_study(folder)

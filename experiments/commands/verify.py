"""The command `verify`: whether everything in a runs folder is whole, and what can be made again."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import (
    DataDir,
    Debug,
    RunsDir,
    bad_input,
    complain,
    interruptible,
    out,
    waiting,
)
from keras_suite.experiments.storage.verification import Verified
from keras_suite.tasks.wording.quantities import counted


def verify(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Runs folders, or folders of experiments, sweeps, variants or runs.")
    ] = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Train damaged runs again, and one whose folder is given that lacks its model; cut damaged journals "
            "off, remove what kills left. Nothing damaged is deleted: it is set aside.",
        ),
    ] = False,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Compare every file of runs, sweeps and studies with its checksum. Exit code 1 if something is damaged."""
    from keras_suite.experiments.storage import repair as repairing
    from keras_suite.experiments.storage import verification

    with bad_input(debug), waiting("checking"):
        verified = [verification.verify(path, with_model=repair) for path in paths or [runs_dir]]
    faults = [fault for each in verified for fault in each.faults]
    out.print(Text(_summary(verified)), soft_wrap=True)
    if not repair:
        for fault in faults:
            for line in fault.lines:
                complain(line)
        if faults:
            where = " ".join(map(str, paths or [runs_dir]))
            complain(f"what can be made again is made by keras-suite verify {where} --repair", "to mend it")
        raise typer.Exit(1 if faults else 0)
    left = 0
    with interruptible():
        for repaired in repairing.repair(faults, data_dir):
            left += not repaired.done
            for line in repaired.fault.lines:
                out.print(Text(line), soft_wrap=True)
            out.print(Text(f"  {'' if repaired.done else 'left as it is: '}{repaired.line}"), soft_wrap=True)
    raise typer.Exit(1 if left else 0)


def _summary(verified: list[Verified]) -> str:
    runs = sum(each.runs - each.in_training for each in verified)
    training = sum(each.in_training for each in verified)
    damaged = sum(fault.kind != "temporary file" for each in verified for fault in each.faults)
    left = sum(fault.kind == "temporary file" for each in verified for fault in each.faults)
    parts = [f"{counted(runs, 'run')} checked, {damaged or 'nothing'} damaged"]
    parts += [f"{training} being trained now were left out"] if training else []
    parts += [f"{counted(left, 'temporary file')} left by killed processes"] if left else []
    return "; ".join(parts) + "."

"""What is done about each kind of fault, and what was done, in a line each."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keras_suite.experiments.storage.verification import Fault
from keras_suite.experiments.tuning.journal import cut
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layer_choices import MEND as CHOICES_MEND
from keras_suite.reports.sweep.journal import whole_lines


@dataclass(frozen=True)
class Repaired:
    """What became of a fault: `done`, or still there with the reason why."""

    fault: Fault
    done: bool
    line: str


def repair(faults: list[Fault], data_dir: Path | None) -> Iterator[Repaired]:
    """Mend what can be mended, one fault after another; a damaged run is trained again.

    Args:
        faults: As `verify` returned them.
        data_dir: Where the data lie that runs are trained on again.
    """
    for fault in faults:
        try:
            yield Repaired(fault, *_mend(fault, data_dir))
        except BlockingIOError as error:
            yield Repaired(fault, False, str(error))
        except (OSError, ValueError, RuntimeError) as error:
            yield Repaired(fault, False, " ".join(str(error).split()))


def _mend(fault: Fault, data_dir: Path | None) -> tuple[bool, str]:
    path = fault.path
    if fault.kind == "temporary file":
        path.unlink(missing_ok=True)
        return True, f"removed {path}"
    if fault.kind == "checkpoint":
        with run_directory.locked(path):
            kept = run_directory.set_checkpoint_aside(path)
        return True, f"{path} is trained from its first epoch again by its command; the checkpoint is {kept} now"
    if fault.kind == "unfinished run":
        with run_directory.locked(path):
            kept = run_directory.set_run_aside(path)
        return True, f"{path} is trained anew by its command; what was there lies in {kept}"
    if fault.kind == "looks":
        kept = path.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
        path.rename(kept)
        return True, (
            f"{path} is {kept} now: each number of seeds up to the present one counts as looked at, and every pair"
        )
    if fault.kind == "journal":
        return True, _cut_journal(path)
    if fault.kind == "run":
        return _retrained(path, data_dir)
    if fault.kind == "layers":
        return False, f"{path} holds what was measured once, which no command can know again: {CHOICES_MEND}"
    what = "the experiment" if fault.kind == "listing" else "the study"
    return False, f"{path} is written by its command: run {what} again, which trains nothing that is finished"


def _cut_journal(path: Path) -> str:
    with run_directory.locked(path.parent):
        content = path.read_bytes()
        whole = whole_lines(content)
        kept = path.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
        kept.write_bytes(content)
        cut(path, len(whole))
    lines = content.count(b"\n") - whole.count(b"\n")
    return (
        f"{path} ends before its damaged line now ({lines} fewer; all of it is {kept}): `tune` proposes the same "
        "trials again and uses their finished runs"
    )


def _retrained(directory: Path, data_dir: Path | None) -> tuple[bool, str]:
    from keras_suite.experiments.storage import retraining  # imports TensorFlow, which the other repairs do without

    try:
        job = retraining.job_of(directory, data_dir)
    except RuntimeError:
        return (
            False,
            f"{directory} has another number of threads or devices than the runs before: type the same command again",
        )
    trained = retraining.retrain(directory, job)
    if trained.outcome.status == "failed":
        return False, f"{directory} failed when it was trained again ({trained.outcome.reason}); see {trained.kept}"
    if trained.same is False:
        return (
            False,
            f"{directory} was trained again and has OTHER numbers than before; the former lie in {trained.kept}",
        )
    told = "the same numbers" if trained.same else "its former numbers are not known"
    return True, f"{directory} was trained again, {told}; the damaged files lie in {trained.kept}"

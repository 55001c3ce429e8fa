"""The folder of an experiment that scripts record: which runs may be added to it, and where they lie."""

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.experiments.recording.held_out import HeldOut
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Variant, checking, layout
from keras_suite.reports.run_directory.reading import read_object
from keras_suite.tasks.files.damaged import DamagedFile

SOURCE = "RecordRun"  # what experiment.json names in the place of an experiment file
PATIENCE = 20.0  # seconds for another script to write experiment.json


@dataclass(frozen=True)
class Recording:
    """A run that is to be recorded.

    Attributes:
        folder: The experiment's.
        settings: What the script says that its variant is.
        question: What the experiment asks; None for what it asked before.
    """

    folder: Path
    variant: str
    seed: int
    settings: dict[str, Any]
    question: str | None
    test: HeldOut

    @property
    def identity(self) -> str:
        """16 hex digits for what is known of the run beforehand: its variant, and what it is tested on."""
        text = json.dumps({"recorded": self.variant, "test": self.test.fingerprint})
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def directory(self) -> Path:
        """The run directory."""
        return run_directory.run_path(self.folder.parent, self.folder.name, self.variant, self.identity, self.seed)

    def refuse_others(self) -> None:
        """Raise ValueError if the folder holds runs of another kind, or that were tested on something else."""
        listing = self._listing()
        if listing is not None and listing.get("source") != SOURCE:
            raise ValueError(f"{self.folder} holds the runs of an experiment file: record into another folder")
        variants = (listing or {}).get("variants", ())
        other = next((each["name"] for each in variants if each["name"].casefold() == self.variant.casefold()), None)
        if other not in (None, self.variant):
            raise ValueError(
                f"variants {self.variant!r} and {other!r} in {self.folder} differ only in case, and some file systems "
                "do not care: rename one"
            )
        for variant in variants:
            if variant["name"] == self.variant and variant["overrides"] != self.settings:
                raise ValueError(
                    f"variant {self.variant!r} in {self.folder} has the settings {variant['overrides']}, not "
                    f"{self.settings}: give another variant, or the same settings"
                )
        for path in sorted(self.folder.glob(f"*/seed-*/{layout.RECORD}")):
            data = None
            with contextlib.suppress(ValueError, OSError):  # a damaged one is named by the report
                data = read_object(path, checking.RECORD).get("data")
            self._refuse_other_test(data or {})

    def _refuse_other_test(self, data: dict[str, Any]) -> None:
        if data and data.get("fingerprint") != self.test.fingerprint:
            raise ValueError(
                f"the runs in {self.folder} were tested on {data.get('test')} images with content "
                f"{str(data.get('fingerprint'))[:8]}, and these are {len(self.test.labels)} with content "
                f"{self.test.fingerprint[:8]}: give the same test images in the same order, or record into another "
                "folder; where variants prepare the same images in several ways, give all of them one test_id"
            )

    def refuse_again(self) -> None:
        """Raise ValueError if there is anything of this run already."""
        if run_directory.begun(self.directory):
            state = "a run" if run_directory.is_completed(self.directory) else "an unfinished run"
            raise ValueError(
                f"{self.folder} holds {state} of {self.variant!r} with seed {self.seed}: give another seed or variant, "
                "or overwrite=True, which sets that one aside"
            )

    def list_variant(self, command: str) -> None:
        """Write experiment.json, with this variant among its variants."""
        with _alone_in(self.folder):
            before = self._listing() or {"variants": [], "question": None}
            own = Variant(self.variant, self.directory.parent.name, self.settings)
            others = [Variant(v["name"], v["directory"], v["overrides"]) for v in before["variants"]]
            variants = [own if each.name == own.name else each for each in others]
            run_directory.write_experiment(
                self.folder,
                name=self.folder.name,
                question=self.question or before["question"] or "Which variant has the highest accuracy?",
                command=command,
                variants=variants if own in variants else [*variants, own],
                source=SOURCE,
            )

    def _listing(self) -> dict[str, Any] | None:
        if not (self.folder / layout.LISTING).exists():
            return None
        try:
            return run_directory.read_listing(self.folder)
        except DamagedFile as error:
            mend = "restore it from a copy, or move it away: each variant is listed again with its next run"
            raise ValueError(f"{error.fault}: {mend}") from None


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Lock the experiment's folder; scripts that run side by side wait for each other.

    Raises:
        BlockingIOError: If another process keeps it.
    """
    ends = time.monotonic() + PATIENCE
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(run_directory.locked(folder))
                break
            except BlockingIOError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)
        yield

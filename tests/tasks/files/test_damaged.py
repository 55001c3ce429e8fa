"""What a worker process says of a damaged file arrives whole, and what is no file is named."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.reports.run_directory.reading import content
from keras_suite.tasks.files.damaged import DamagedFile, require_regular
from keras_suite.tasks.files.sealed_json import read_sealed


def test_the_fault_and_the_mend_survive_the_way_between_processes() -> None:
    error = DamagedFile("run.json is damaged: it is cut off", "restore it: from a copy")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.fault) == (DamagedFile, str(error), error.fault)
    assert str(error) == "run.json is damaged: it is cut off: restore it: from a copy"


@pytest.mark.parametrize(("make", "what"), [(os.mkfifo, "a pipe or a device"), (os.mkdir, "a folder")])
def test_what_is_no_file_is_named_and_never_waited_for(make: Callable[[Path], None], what: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    require_regular(path, "mend it")
    make(path)
    with pytest.raises(DamagedFile, match=f"run.json is damaged: expected a file, found {what}: mend it"):
        require_regular(path, "mend it")
    with pytest.raises(DamagedFile, match=what):
        read_sealed(path, "mend it")
    for seals in ({}, {"run.json": {"bytes": 1, "sha256": "0"}}):
        with pytest.raises(DamagedFile, match=what):
            content(tmp_path, "run.json", seals)

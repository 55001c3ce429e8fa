"""What a worker process says of a damaged file arrives whole."""

import pickle

from keras_suite.tasks.files.damaged import DamagedFile


def test_the_fault_and_the_mend_survive_the_way_between_processes() -> None:
    error = DamagedFile("run.json is damaged: it is cut off", "restore it: from a copy")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.fault) == (DamagedFile, str(error), error.fault)
    assert str(error) == "run.json is damaged: it is cut off: restore it: from a copy"

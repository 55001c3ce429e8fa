"""Event files of TensorBoard are read as runs, without TensorFlow."""

import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

from keras_suite.reports.elsewhere.event_files import events_table, holds_events
from keras_suite.reports.elsewhere.pairing import Key
from keras_suite.reports.elsewhere.scored_runs import Chosen
from keras_suite.reports.elsewhere.told import Told

VAL = Chosen(metric="val_accuracy")


def write(folder: Path, values: list[float], tag: str = "epoch_accuracy", first: int = 0, simple: bool = False) -> Path:
    """One event file with a value for each step, as TensorFlow 2 writes it, or 1 if `simple`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.{first}.{tag}.v2"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(file_version="brain.Event:2").SerializeToString())
        for step, number in enumerate(values, first):
            text = Summary.Value(tag="keras", tensor=make_tensor_proto("a graph"))
            value = Summary.Value(
                tag=tag, **({"simple_value": number} if simple else {"tensor": make_tensor_proto(number)})
            )
            writer.write(Event(step=step, summary=Summary(value=[text, value])).SerializeToString())
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for variant, gain in (("sgd", 0.0), ("adam", 0.1)):
        for seed in range(1, 9):
            folder = tmp_path / "logs" / variant / f"seed-{seed}"
            write(folder / "validation", [0.5, 0.7 + gain + seed / 1000], simple=seed == 1)
            write(folder / "validation", [0.1, 0.2], "evaluation_accuracy_vs_iterations")
            write(folder / "train", [0.6, 0.8])
    return tmp_path / "logs"


def test_the_score_is_the_last_value_by_the_names_of_kerass_history(logs: Path) -> None:
    table, told, problems = events_table(logs, None, VAL, Told())
    assert table.variants == ("adam", "sgd") and problems == ()
    assert [run.score for run in table.runs[:3]] == pytest.approx([0.801, 0.802, 0.803])
    assert (told.metric, told.unit, told.measured_on) == ("accuracy", "share", "validation")
    _, told, _ = events_table(logs, None, Chosen(metric="accuracy"), Told())
    assert told.measured_on == "training"


def test_a_pattern_of_folders_names_the_settings(logs: Path) -> None:
    table, _, _ = events_table(logs, "{optimizer}/seed-{seed}", VAL, Told())
    assert table.variants == ("optimizer=adam", "optimizer=sgd")


def test_which_metric_is_asked_where_there_are_several(logs: Path) -> None:
    with pytest.raises(ValueError, match=r"which metric is the score.*: 'accuracy' and 'val_accuracy'$"):
        events_table(logs, None, Chosen(), Told())


def test_a_training_that_was_continued_is_one_run_and_a_second_one_in_its_folder_is_refused(logs: Path) -> None:
    write(logs / "sgd/seed-1/validation", [0.9], first=2)
    table, _, problems = events_table(logs, None, VAL, Told())
    assert [run.score for run in table.runs if run.key == Key("sgd", 1)] == pytest.approx([0.9])
    assert problems == (
        "1 run did not end at step 1 as most did (sgd/seed-1 at 2); event files do not say whether a run was finished",
    )
    write(logs / "sgd/seed-1/validation", [0.9, 0.9], first=1)
    with pytest.raises(ValueError, match="holds two trainings, as val_accuracy has two values at step 1"):
        events_table(logs, None, VAL, Told())


@pytest.mark.parametrize(("keep", "said"), [(-3, "ends within a record"), (5, "ends within a record")])
def test_a_file_that_ends_within_a_record_is_named(logs: Path, keep: int, said: str) -> None:
    path = next((logs / "sgd/seed-3/validation").glob("*epoch*"))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=f"{path.name} {said}.*: wait for it, or move its folder away"):
        events_table(logs, None, VAL, Told())


def test_damage_is_named_wherever_it_is(logs: Path) -> None:
    path = next((logs / "sgd/seed-3/validation").glob("*epoch*"))
    whole = path.read_bytes()
    for place in range(0, len(whole), 11):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(ValueError, match=r"damaged|ends within") as refusal:
            events_table(logs, None, VAL, Told())
        assert "\n" not in str(refusal.value)
    path.write_bytes(b"not an event file, but a text of some length")
    with pytest.raises(ValueError, match="is damaged"):
        events_table(logs, None, VAL, Told())


def test_a_folder_without_event_files_is_none_and_hidden_folders_are_left_alone(tmp_path: Path) -> None:
    assert not holds_events(tmp_path)
    write(tmp_path / ".old" / "a/seed-1", [0.5])
    assert not holds_events(tmp_path)
    write(tmp_path / "a/seed-1", [0.5])
    assert holds_events(tmp_path)


def test_event_files_are_read_without_tensorflow(logs: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from keras_suite.reports.elsewhere.event_files import events_table\n"
        "from keras_suite.reports.elsewhere.scored_runs import Chosen\n"
        "from keras_suite.reports.elsewhere.told import Told\n"
        f"events_table(Path({str(logs)!r}), None, Chosen(metric='val_accuracy'), Told())\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""What may be recorded in an experiment's folder, and what is refused before anything trains."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.recording import folder as recording
from keras_suite.experiments.recording.folder import Recording
from keras_suite.experiments.recording.held_out import held_out
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Variant
from keras_suite.reports.run_directory.looks import read_looks
from tests.experiments.recording.conftest import digits, recorded


def of(folder: Path, **changes: Any) -> Recording:
    given = {"variant": "base", "seed": 1, "settings": {}, "question": None, "test": held_out(digits(1000)), **changes}
    return Recording(folder, **given)


def test_each_variant_is_listed_once_in_the_order_of_their_first_runs(folder: Path) -> None:
    for variant, question in (("base", None), ("wide", "Is wider better?"), ("base", None)):
        of(folder, variant=variant, question=question).list_variant("python train.py")
    listing = run_directory.read_listing(folder)
    assert [each["name"] for each in listing["variants"]] == ["base", "wide"]
    assert (listing["baseline"], listing["question"]) == ("base", "Is wider better?")


def test_the_record_of_looks_begins_before_the_first_run_is_completed(folder: Path) -> None:
    recorded(folder)
    assert read_looks(folder).first_look_known


def test_a_variants_directory_depends_on_its_name_and_the_test_alone(folder: Path) -> None:
    assert of(folder).identity == of(folder, seed=2).identity
    others = [of(folder, variant="wide"), of(folder, test=held_out(digits(1001)))]
    assert of(folder).identity not in {each.identity for each in others}


def test_other_test_images_are_refused_in_one_line(folder: Path) -> None:
    recorded(folder)
    of(folder, variant="wide", seed=7).refuse_others()
    with pytest.raises(ValueError, match=r"were tested on 120 images with content .*, and these are 80 with") as raised:
        of(folder, variant="wide", test=held_out(digits(1000, 80))).refuse_others()
    assert "give all of them one test_id" in str(raised.value) and "\n" not in str(raised.value)


def test_other_settings_of_a_variant_are_refused(folder: Path) -> None:
    recorded(folder, settings={"units": 4})
    with pytest.raises(ValueError, match=r"has the settings \{'units': 4\}, not \{'units': 5\}"):
        of(folder, settings={"units": 5}).refuse_others()


def test_the_folder_of_an_experiment_file_is_refused(folder: Path) -> None:
    variants = [Variant("base", "base-01234567", {})]
    run_directory.write_experiment(folder, name="q", question="?", command="", variants=variants, source="digits_demo")
    with pytest.raises(ValueError, match="holds the runs of an experiment file: record into another folder"):
        of(folder).refuse_others()
    recorded(folder.with_name("mine"))
    with pytest.raises(ValueError, match="holds the runs of another file, RecordRun"):
        run_directory.refuse_other_source(folder.with_name("mine"), "digits_demo")


def test_variants_that_differ_only_in_case_are_refused(folder: Path) -> None:
    of(folder).list_variant("")
    with pytest.raises(ValueError, match=r"variants 'Base' and 'base' in .* differ only in case"):
        of(folder, variant="Base").refuse_others()


def test_a_damaged_listing_is_named_with_a_way_out(folder: Path) -> None:
    recorded(folder)
    (folder / "experiment.json").write_text("{", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"experiment.json is not readable JSON .*: restore it from a copy, or move it"
    ):
        of(folder, seed=2).refuse_others()
    (folder / "experiment.json").unlink()
    recorded(folder, seed=2)
    assert [run.seed for run in run_directory.read_experiment(folder).runs] == [1, 2]
    assert run_directory.recorded_threads(folder) == set()


def test_scripts_that_run_side_by_side_wait_for_the_listing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with run_directory.locked(folder):
        waiting = threading.Thread(target=of(folder).list_variant, args=("",))
        waiting.start()
        time.sleep(0.2)
    waiting.join(10)
    assert run_directory.read_listing(folder)["baseline"] == "base"
    monkeypatch.setattr(recording, "PATIENCE", 0.0)
    with run_directory.locked(folder), pytest.raises(BlockingIOError, match="in use by another process"):
        of(folder).list_variant("")

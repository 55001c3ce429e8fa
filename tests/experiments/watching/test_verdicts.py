"""To watch is no look: what is shown is what was seen at the last one."""

from pathlib import Path

from keras_suite.experiments.watching.verdicts import Verdicts, verdict
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import read_experiment
from tests.reports.conftest import MakeRuns, directory_of, run_record, write_run


def looks(folder: Path) -> str:
    return (folder / "looks.json").read_text(encoding="utf-8")


def test_before_anybody_looked_it_is_open_and_watching_records_nothing(make: MakeRuns) -> None:
    runs = make(seeds=8)
    before = looks(runs.folder)
    for _ in range(3):
        assert verdict(runs.folder) == {
            "state": "open",
            "text": "Nobody has looked yet: keras-suite report digits_question does.",
        }
    assert looks(runs.folder) == before


def test_what_a_report_decided_is_shown_and_later_runs_wait_for_the_next_look(make: MakeRuns) -> None:
    runs = make(seeds=8)
    said = answer(experiment_numbers(runs))
    recorded = looks(runs.folder)
    assert verdict(runs.folder) == {"state": "decided", "text": said}
    for variant, c in (("strong", 0.01), ("weak", 1e-5)):
        write_run(runs.folder, directory_of(variant), run_record("digits_question", variant, 9), c=c)
    assert verdict(runs.folder) == {
        "state": "decided",
        "text": f"{said} 2 runs ended since; keras-suite report digits_question looks again.",
    }
    assert looks(runs.folder) == recorded
    assert answer(experiment_numbers(read_experiment(runs.folder))) != said, "a look at nine seeds is another"


def test_one_variant_has_nothing_to_decide_and_a_folder_that_changes_keeps_its_verdict(make: MakeRuns) -> None:
    assert verdict(make({"only": {}}, seeds=2, name="alone").folder) == {"state": "", "text": ""}
    runs = make(seeds=2)
    known = Verdicts()
    first = known.of(runs.folder, 4)
    listing = runs.folder / "experiment.json"
    listing.write_text(listing.read_text(encoding="utf-8")[:20], encoding="utf-8")
    assert known.of(runs.folder, 5) == first and first["state"] == "open"

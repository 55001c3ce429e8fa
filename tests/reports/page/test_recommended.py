"""What the first screen recommends rests on verdicts, and its run on validation images."""

import re

import pytest

from keras_suite.reports.page.recommended import advice_on, recommended
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import ExperimentRuns
from keras_suite.reports.run_directory.results import FITTED
from tests.reports.conftest import MakeRuns


def with_models(runs: ExperimentRuns) -> Numbers:
    for run in runs.runs:
        (run.path / "model.keras").touch()
    return experiment_numbers(runs)


def test_without_a_better_variant_it_is_the_baseline(make_runs: MakeRuns) -> None:
    numbers = with_models(make_runs())
    choice = recommended(numbers)
    assert choice is not None
    assert (choice.variant, choice.why) == ("strong", "The baseline: no variant is shown to be better.")
    assert numbers.metric.format(numbers.variant("strong").test_score.mean) in dict(choice.facts)["Test accuracy"]


def test_a_better_variant_stands_beside_the_baseline(make_runs: MakeRuns) -> None:
    variants = {"weak": {}, "strong": {}}
    choice = recommended(with_models(make_runs(variants, strength={"weak": 1e-5, "strong": 0.01})))
    assert choice is not None
    assert (choice.variant, choice.why) == ("strong", "It is better than weak.")
    assert "; weak: " in dict(choice.facts)["Test accuracy"]
    assert "; weak: " in dict(choice.facts)["Training time"]
    assert dict(choice.facts)["Parameters"] == "650; weak: 650"


def test_a_higher_mean_alone_recommends_nothing(make_runs: MakeRuns) -> None:
    variants = {"weak": {}, "strong": {}}
    choice = recommended(with_models(make_runs(variants, seeds=2, strength={"weak": 1e-5, "strong": 0.01})))
    assert choice is not None and choice.variant == "weak"
    assert re.search(r"The mean test accuracy of strong, [\d.]+ %, is better, but may be chance\.$", choice.why)


def test_its_run_is_the_best_on_validation_images_and_has_a_model(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=5)
    numbers = with_models(runs)
    best = max(numbers.variant("strong").runs, key=lambda run: (run.validation_score or 0, -(run.validation_loss or 0)))
    choice = recommended(numbers)
    assert choice is not None
    assert choice.run.startswith(f"seed {best.seed}, the best of 5 on its validation images")
    assert choice.command == f"keras-suite predict runs/digits_question/strong-01234567/seed-{best.seed} IMAGE.png"
    (runs.folder / "strong-01234567" / f"seed-{best.seed}" / "model.keras").unlink()
    other = recommended(numbers)
    assert other is not None and f"seed-{best.seed} " not in other.command


def test_without_a_model_there_is_no_command(make_runs: MakeRuns) -> None:
    choice = recommended(experiment_numbers(make_runs(seeds=2)))
    assert choice is not None and choice.command == choice.run == ""


@pytest.mark.parametrize("seeds", [0, 1])
def test_nothing_is_recommended_before_there_is_a_test_score(seeds: int, make_runs: MakeRuns) -> None:
    broken = {(name, 1): {"status": "failed"} for name in ("strong", "weak")}
    assert recommended(experiment_numbers(make_runs(seeds=seeds, changes=broken))) is None


def test_of_all_pairs_it_is_the_one_that_none_is_better_than(make_runs: MakeRuns) -> None:
    runs = make_runs({"weak": {}, "weaker": {}, "strong": {}}, strength={"weak": 1e-5, "weaker": 1e-6, "strong": 0.01})
    choice = recommended(experiment_numbers(runs, all_pairs=True))
    assert choice is not None
    assert choice.variant == "strong" and choice.why.startswith("It is better than one that it was compared with")


def test_the_next_step_is_advice_on_the_recommended_variant_only(make_runs: MakeRuns) -> None:
    choice = recommended(experiment_numbers(make_runs()))
    other, own = ({"title": name, "evidence": [{"variant": name}]} for name in ("weak", "strong"))
    assert advice_on(choice, [other, own]) == own
    assert advice_on(choice, [other]) is None
    assert advice_on(None, [own]) is None


def test_a_classifier_of_photographs_is_the_one_fitted_to_all(make_runs: MakeRuns) -> None:
    runs = make_runs({"classifier": {}}, seeds=2, trained=FITTED)
    (runs.folder / "classifier-01234567" / "seed-1" / "model.keras").touch()
    choice = recommended(experiment_numbers(runs))
    assert choice is not None
    assert choice.why == "" and choice.run.startswith("fitted to all images")
    assert choice.folder == "runs/digits_question/classifier-01234567/seed-1"

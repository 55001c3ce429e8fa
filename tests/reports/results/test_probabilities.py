"""Temperatures and thresholds come from a run's validation images, ensembles from the runs' predictions."""

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss

from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.probabilities import ERROR_RATES, VariantProbabilities, variant_probabilities
from keras_suite.reports.run_directory import ExperimentRuns, predictions, read_experiment
from keras_suite.reports.statistics.calibration import fitted_temperature, with_temperature
from keras_suite.reports.statistics.selective import threshold_for
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import data, keep_fold, validated_by


def found(runs: ExperimentRuns) -> dict[str, VariantProbabilities]:
    return {each.variant: each for each in variant_probabilities(experiment_numbers(read_experiment(runs.folder)))}


def test_the_temperature_and_the_thresholds_are_those_of_the_validation_images(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=2)
    labels, probabilities, _ = predictions(runs.runs[0]) or pytest.fail("no predictions")
    validated_by(runs.runs[0], labels[:200], probabilities[:200])
    first, second = found(runs)["only"].runs
    temperature = fitted_temperature(labels[:200], probabilities[:200])
    scaled = with_temperature(probabilities, temperature)
    assert first.temperature == temperature < 1, "strong penalties lower the confidence"
    assert first.scaled_confidence == pytest.approx(scaled.max(axis=1))
    assert first.loss == pytest.approx(log_loss(labels, probabilities), rel=1e-5)
    assert first.scaled_loss == pytest.approx(log_loss(labels, scaled), rel=1e-5)
    assert first.loss is not None and first.scaled_loss is not None and first.scaled_loss < first.loss
    threshold = threshold_for(scaled[:200].max(axis=1), first.right[:200], ERROR_RATES[0])
    assert threshold is not None
    above = scaled.max(axis=1) >= threshold.confidence
    assert first.cuts[0].answered == above.mean()
    assert first.cuts[0].error == pytest.approx(1 - first.right[above].mean())
    assert first.cuts[2].error is None, "200 images show no error rate of 1 %"
    assert (second.temperature, second.scaled_confidence, second.cuts) == (None, None, ())


def test_the_ensemble_is_the_mean_of_the_runs_probabilities(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=3)
    variants = found(runs)
    for name, variant in variants.items():
        kept = [predictions(run) for run in runs.runs if run.variant == name]
        labels = kept[0].labels if kept[0] else np.zeros(0)
        mean = np.mean([each.probabilities for each in kept if each], axis=0)
        assert variant.ensemble is not None and variant.ensemble.runs == 3
        assert variant.ensemble.accuracy == np.mean(mean.argmax(axis=1) == labels)
        assert variant.ensemble.loss == pytest.approx(log_loss(labels, mean), rel=1e-5)
        single = np.mean([run.right.mean() for run in variant.runs])
        assert variant.ensemble.gain.mean == pytest.approx(variant.ensemble.accuracy - single)


@pytest.mark.parametrize("why", ["one run", "folds", "other test images", "repeats of one classifier"])
def test_what_cannot_be_averaged_is_not(make_runs: MakeRuns, why: str) -> None:
    folds = {"data": data(folds=2, train=150, validation=50, test=200)} if why == "folds" else {}
    trained = {"trained": "classify"} if why == "repeats of one classifier" else {}
    runs = make_runs({"only": {}}, seeds=1 if why == "one run" else 2, **folds, **trained)
    if why == "other test images":
        labels, probabilities, _ = predictions(runs.runs[0]) or pytest.fail("no predictions")
        np.savez_compressed(runs.runs[0].path / "predictions.npz", labels=labels[:-1], probabilities=probabilities[:-1])
    for run in runs.runs if folds else ():
        keep_fold(run, 2)
    variant = found(runs)["only"]
    assert variant.ensemble is None and len(variant.runs) == len(runs.runs)


def test_runs_without_predictions_have_no_probabilities(make_runs: MakeRuns) -> None:
    assert found(make_runs(seeds=1, status="failed", error={"type": "NonFiniteLoss", "message": "NaN"})) == {}


def test_a_damaged_validation_file_costs_the_temperature_only(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=1)
    (runs.runs[0].path / "validation.npz").write_bytes(b"no archive")
    (run,) = found(runs)["only"].runs
    assert run.temperature is None and run.loss is not None and math.isfinite(run.loss)
    assert run.problem.startswith("only/seed-1 has no temperature: ") and "validation.npz is damaged" in run.problem

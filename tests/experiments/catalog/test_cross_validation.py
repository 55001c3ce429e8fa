"""The checks of the study `cross_validation`, against scikit-learn's and against each other."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneOut, cross_val_score

from keras_suite.experiments.catalog import cross_validation
from keras_suite.experiments.catalog.cross_validation import (
    CHECKS,
    CURVES,
    POINTS,
    drawn_points,
    errors_of,
    fold_error,
    folds_of,
    leave_one_out_error,
    true_error,
)
from tests.end_to_end.typed import refused, type_here


def test_as_many_folds_as_points_equal_leave_one_out_exactly() -> None:
    for seed in range(1, 50):
        points = drawn_points(seed)
        assert errors_of(points, fold_error(POINTS), seed) == errors_of(points, leave_one_out_error, seed)


def test_leave_one_out_of_the_line_is_scikit_learns() -> None:
    points = drawn_points(3)
    scores = cross_val_score(
        LinearRegression(), points.x[:, None], points.y, cv=LeaveOneOut(), scoring="neg_mean_squared_error"
    )
    error = leave_one_out_error(points.x, points.y, CURVES["line"], np.random.default_rng(0))
    assert error == pytest.approx(-scores.mean())


def test_three_folds_test_each_point_once_on_the_others() -> None:
    points, seen = drawn_points(1), []

    def spy(x: np.ndarray, y: np.ndarray) -> cross_validation.Curve:
        seen.append(set(x.tolist()))
        return lambda at: np.zeros_like(at)

    error = fold_error(3)(points.x, points.y, spy, np.random.default_rng(1))
    assert error == pytest.approx(np.mean(points.y**2))
    left_out = [set(points.x.tolist()) - fitted for fitted in seen]
    assert sorted(map(len, left_out)) == [6, 7, 7] and len(set().union(*left_out)) == POINTS


@pytest.mark.parametrize("folds", [3, 10, POINTS])
def test_folds_differ_by_one_point_at_most(folds: int) -> None:
    sizes = np.bincount(folds_of(POINTS, folds, np.random.default_rng(folds)))
    assert len(sizes) == folds and sizes.max() - sizes.min() <= 1


def test_the_parabola_is_chosen_by_every_check_and_is_best_in_truth() -> None:
    points = drawn_points(1)
    for check, _ in CHECKS.values():
        errors = errors_of(points, check, 1)
        assert min(errors, key=errors.__getitem__) == "parabola"
    truths = {name: true_error(points, fit) for name, fit in CURVES.items()}
    assert min(truths, key=truths.__getitem__) == "parabola" and truths["parabola"] >= 1


def test_a_study_is_run_reported_and_listed_like_an_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_validation, "SETS", 20)
    done = type_here("run", "cross_validation", cwd=tmp_path)
    assert done.returncode == 0 and "equal leave-one-out exactly" in done.stdout
    folder = tmp_path / "runs" / "cross_validation"
    assert {"report.html", "study.json", "20_sets_of_20_points.csv"} <= {path.name for path in folder.iterdir()}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3 and str(tmp_path) not in page
    assert "equal leave-one-out exactly" in type_here("report", folder, cwd=tmp_path).stdout


def test_a_study_refuses_what_only_training_needs(tmp_path: Path) -> None:
    assert "does not take --seeds: leave that out" in refused("run", "cross_validation", "--seeds", "3", cwd=tmp_path)
    assert "which trains no network" in refused("tune", "cross_validation", cwd=tmp_path)
    assert not (tmp_path / "runs").exists()

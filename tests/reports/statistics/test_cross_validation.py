"""The Nadeau-Bengio correction against its formula, its limits, and overlapping folds of real data."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

from keras_suite.reports.statistics.cross_validation import corrected_error, fold_interval, fold_p


def test_it_is_the_t_test_with_the_variance_that_overlap_brings() -> None:
    values = np.array([0.021, 0.013, -0.004, 0.030, 0.011, 0.017, 0.002, 0.025, 0.009, 0.016])
    # 10 folds of 900 and 100 samples: the plain error times sqrt((1/10 + 1/9) / (1/10)) = 1.4529663
    assert corrected_error(values, 900, 100) == pytest.approx(stats.sem(values) * 1.4529663145135578)
    t = stats.ttest_1samp(values, 0).statistic / 1.4529663145135578
    assert fold_p(values, 900, 100) == pytest.approx(2 * stats.t.sf(t, 9))
    interval = fold_interval(values, 900, 100)
    assert interval is not None
    low, high = stats.t.interval(0.95, df=9, loc=values.mean(), scale=stats.sem(values) * 1.4529663145135578)
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))


def test_the_interval_leaves_out_zero_where_the_test_does() -> None:
    chance = np.random.default_rng(0)
    for _ in range(200):
        values = chance.normal(0.5, 1, size=5)
        interval = fold_interval(values, 80, 20)
        assert interval is not None
        assert (interval.low > 0 or interval.high < 0) == (fold_p(values, 80, 20) < 0.05)


def test_without_scatter_or_folds_there_is_nothing_to_divide_by() -> None:
    assert fold_p(np.zeros(5), 80, 20) == 1.0
    assert fold_p(np.full(5, 0.1), 80, 20) == 0.0
    assert fold_p(np.array([0.1]), 80, 20) == 1.0
    assert fold_interval(np.array([0.1]), 80, 20) is None
    with pytest.raises(ValueError, match="folds of 0 training and 20 test samples are not possible"):
        fold_p(np.zeros(5), 0, 20)


@pytest.mark.slow
def test_two_equal_regressions_differ_less_often_than_in_the_plain_test() -> None:
    """15 splits (70 % to train) of 200 diabetes patients; either model sees eight columns of noise of its own."""
    x, y = load_diabetes(return_X_y=True)
    chance, plain, corrected, count = np.random.default_rng(1), 0, 0, 120
    for _ in range(count):
        rows = chance.choice(len(x), 200, replace=False)
        noise = chance.normal(0, 0.05, (2, 200, 8))
        differences = []
        for _ in range(15):
            order = chance.permutation(200)
            train, test = order[:140], order[140:]
            errors = []
            for extra in noise:
                inputs = np.hstack([x[rows], extra])
                model = LinearRegression().fit(inputs[train], y[rows][train])
                errors.append(np.mean((model.predict(inputs[test]) - y[rows][test]) ** 2))
            differences.append(errors[0] - errors[1])
        plain += stats.ttest_1samp(differences, 0).pvalue <= 0.05
        corrected += fold_p(np.array(differences), 140, 60) <= 0.05
    assert plain / count > 0.15
    assert stats.binomtest(corrected, count).proportion_ci().low <= 0.05

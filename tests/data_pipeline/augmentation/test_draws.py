import itertools

import numpy as np
from scipy import stats

from keras_suite.data_pipeline.augmentation.draws import Draw, between, draw


def test_purposes_are_uniform_and_independent_of_each_other() -> None:
    numbers = draw(4, 2, np.arange(20_000))
    assert numbers.shape == (len(Draw), 20_000)
    for purpose in Draw:
        assert stats.kstest(numbers[purpose], "uniform").pvalue > 1e-4, purpose.name
    correlations = np.corrcoef(numbers) - np.eye(len(Draw))
    assert np.abs(correlations).max() < 5 / np.sqrt(20_000)
    for one, other in itertools.combinations((Draw.SHIFT_X, Draw.SHIFT_Y, Draw.ROTATION, Draw.ZOOM), 2):
        table, _, _ = np.histogram2d(numbers[one], numbers[other], bins=10, range=[[0, 1], [0, 1]])
        assert stats.chisquare(table.ravel()).pvalue > 1e-4


def test_images_and_epochs_and_seeds_are_independent() -> None:
    index = np.arange(20_000)
    numbers = draw(4, 2, index)
    for other in (draw(4, 3, index), draw(5, 2, index), np.roll(numbers, 1, axis=1)):
        for purpose in Draw:
            assert abs(np.corrcoef(numbers[purpose], other[purpose])[0, 1]) < 5 / np.sqrt(20_000)


def test_one_image_over_many_epochs_is_uniform() -> None:
    numbers = np.concatenate([draw(1, epoch, np.array([17])) for epoch in range(2000)], axis=1)
    assert all(stats.kstest(numbers[purpose], "uniform").pvalue > 1e-4 for purpose in Draw)


def test_an_image_draws_the_same_wherever_it_stands() -> None:
    batch = draw(4, 2, np.array([9, 3, 17]))
    assert (batch[:, 2] == draw(4, 2, np.array([17]))[:, 0]).all()
    assert (batch == draw(4, 2, np.array([17, 9, 3]))[:, [1, 2, 0]]).all()


def test_between_stretches() -> None:
    assert between(np.array([0.0, 0.5, 1.0]), -3, 5).tolist() == [-3, 1, 5]

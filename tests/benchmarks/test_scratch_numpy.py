"""The loops that the NumPy network is measured against give its numbers, so that the ratio compares like with like."""

import numpy as np
import pytest

from benchmarks import scratch_numpy as benchmark
from keras_suite.models.plain_numpy.scratch_network import initial_weights


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 7, 3)])  # the second leaves out a row and a column when it pools
def test_both_sides_give_the_same_numbers(shape: tuple[int, int, int]) -> None:
    random = np.random.default_rng(0)
    images = random.uniform(0, 1, (3, *shape))
    images[0] = 0  # all equal: in each square the first is the maximum
    weights = initial_weights(random, shape, 2, filters=4)
    bias = random.normal(size=4) / 10
    dy = random.normal(size=(3, (shape[0] - 2) // 2, (shape[1] - 2) // 2, 4))
    sides = [side(images, weights["conv kernel"], bias, dy) for side in (benchmark.vectorised, benchmark.loops)]
    for name, mine, other in zip(("pooled", "dkernel", "dbias"), *sides, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-10, err_msg=name)


def test_sides_that_disagree_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.random.default_rng(0).uniform(0, 1, (2, 28, 28, 1))
    weights = initial_weights(np.random.default_rng(1), (28, 28, 1), 2, filters=1)
    loops = benchmark.loops
    monkeypatch.setattr(benchmark, "loops", lambda *given: tuple(1.001 * g for g in loops(*given)))
    with pytest.raises(ValueError, match="disagree"):
        benchmark.measure(images, weights["conv kernel"], weights["conv bias"], batch_size=1, turns=1)

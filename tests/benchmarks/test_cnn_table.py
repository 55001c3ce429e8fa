"""The table of small networks that really trained: it is whole, and a point has the scores of the nearest setting."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from keras_tuner import HyperParameters

from benchmarks.cnn_table import AXES, LONGEST, CnnTable, experiment_file, nearest
from keras_suite.experiments import catalog

SETTINGS = list(itertools.product(*AXES.values()))


def test_each_setting_is_nearest_to_itself_and_a_point_between_to_the_one_by_its_scale() -> None:
    assert [nearest(setting) for setting in SETTINGS] == list(range(len(SETTINGS)))
    assert SETTINGS[nearest((5e-4, 5, 3, 0.3, 1, 60))] == (3e-4, 4, 3, 0.25, 1, 32)
    assert SETTINGS[nearest((6e-4, 6, 5, 0.4, 0, 70))] == (1e-3, 8, 5, 0.5, 0, 128)


def test_the_recorded_table_holds_every_setting_and_networks_that_learned() -> None:
    table, chance = CnnTable(), np.random.default_rng(0)
    assert table.tasks == ["digits", "photographs"]
    for task in table.tasks:
        told = np.array([table.scored(task, setting, LONGEST, chance) for setting in SETTINGS])
        assert told.shape == (len(SETTINGS), 2) and told.min() >= 0 and told.max() <= 100
        assert told[:, 1].max() == pytest.approx(table.best(task))
        assert table.best(task) > {"digits": 90, "photographs": 40}[task]  # of ten classes
        seeds = np.array([table.scored(task, SETTINGS[-1], LONGEST, chance)[0] for _ in range(50)])
        assert 1 < len(set(seeds)) <= 3


def test_the_space_of_the_searches_is_that_of_the_table() -> None:
    hp = HyperParameters()
    CnnTable.space(hp)
    assert [each.name for each in hp.space] == list(CnnTable().names)
    for each, axis in zip(hp.space, AXES.values(), strict=True):
        assert (each.min_value, each.max_value) == (axis[0], axis[-1])


def test_the_experiment_file_has_as_many_settings(tmp_path: Path) -> None:
    path = tmp_path / "digits_table.py"
    path.write_text(experiment_file("digits"), encoding="utf-8")
    space = catalog.load(str(path)).space
    assert space is not None
    hp = HyperParameters()
    space(hp)
    sizes = [len(each.values) if hasattr(each, "values") else 2 for each in hp.space]
    assert np.prod(sizes) == len(SETTINGS) == 504

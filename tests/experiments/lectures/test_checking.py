"""Ten folds: each image is tested by one network, and every fold has nearly all classes."""

import numpy as np

from keras_suite.experiments.lectures import checking
from keras_suite.reports.page.lecture import Numbers, Picture


def test_every_image_is_tested_once_in_a_fold_of_its_own_colour() -> None:
    picture, table = checking.cross_validation().exhibits
    assert isinstance(picture, Picture) and isinstance(table, Numbers)
    cells = np.asarray(picture.figure.axes[0].images[0].get_array())
    tested = ~np.isclose(cells, 0.9).all(axis=-1)
    assert (tested.sum(axis=0) == 1).all()
    assert tested.sum(axis=1).tolist() == [row["tested"] for row in table.rows]
    assert sum(int(row["tested"]) for row in table.rows) == checking.IMAGES


def test_no_fold_has_two_of_a_class_more_than_it_must() -> None:
    _, table = checking.cross_validation().exhibits
    assert isinstance(table, Numbers)
    assert max(int(row["most of one class"]) for row in table.rows) <= 2

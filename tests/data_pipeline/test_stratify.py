import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_suite.data_pipeline.stratify import class_shares, stratified_choice

COUNTS = st.lists(st.integers(min_value=2, max_value=500), min_size=1, max_size=12).map(np.array)


@given(COUNTS, st.data())
def test_shares_add_up_and_stay_in_bounds(counts: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(st.integers(len(counts), int(counts.sum()) - len(counts)))
    shares = class_shares(counts, total, least=1, leave=1)
    assert shares.sum() == total
    assert (shares >= 1).all() and (shares <= counts - 1).all()


@given(COUNTS, st.data())
def test_shares_are_proportional_to_within_one_image(counts: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(st.integers(0, int(counts.sum())))
    ideal = counts * total / counts.sum()
    assert np.abs(class_shares(counts, total) - ideal).max() < 1 + 1e-9


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot draw 5 images"):
        class_shares(np.array([1, 9]), 5, least=1, leave=1)


@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), st.integers(0, 2**32))
def test_choice_takes_the_first_of_each_class(labels: list[int], seed: int) -> None:
    own = np.array(labels)
    order = np.random.default_rng(seed).permutation(len(own))
    drawn = stratified_choice(own, order, len(own) // 2)
    assert len(drawn) == len(own) // 2 and (np.diff(drawn) > 0).all()
    for label in np.unique(own):
        members = np.flatnonzero(own == label)
        inside = np.isin(members, drawn)
        if inside.any() and not inside.all():
            assert order[members[inside]].max() < order[members[~inside]].min()

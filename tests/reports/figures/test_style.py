"""Numbers and names are short enough for a figure."""

import pytest

from keras_suite.reports.figures.style import abbreviated


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "0.5"), (950, "950"), (131_530, "132k"), (1_199_882, "1.2M"), (2e9, "2G")]
)
def test_large_numbers_are_short(value: float, said: str) -> None:
    assert abbreviated(value) == said

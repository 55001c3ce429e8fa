"""The reason of a failed dry fit is said in a line."""

from keras_suite.experiments.scheduling.estimate import gist


def test_the_gist_of_an_error_is_one_line() -> None:
    said = gist(ValueError("first line\n\nsecond line " + "x" * 2000))
    assert "\n" not in said and said.startswith("first line") and len(said) < 1000

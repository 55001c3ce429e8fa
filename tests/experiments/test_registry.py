"""Parts and Configs with all their options."""

import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.registry import resolve, resolve_part

CONFIG = Config(dataset=use("digits", limit=100), model=use("mlp", units=[4], dropout=0.0))


def test_a_resolved_part_has_all_options_and_is_known_by_those_it_was_given() -> None:
    part = resolve_part("model", use("mlp", units=[4]))
    assert list(part.options["units"]) == [4]
    assert "dropout" in part.options
    assert part == resolve_part("model", use("mlp", units=[4])) != resolve_part("model", use("mlp", units=[5]))


def test_options_that_equal_their_defaults_do_not_count() -> None:
    resolved = resolve(CONFIG)
    assert resolved.canonical()["model"] == {"name": "mlp", "options": {"units": [4]}}
    assert "phases" not in resolved.canonical()


def test_a_config_is_resolved_once() -> None:
    assert resolve(CONFIG) is resolve(Config(**{name: getattr(CONFIG, name) for name in ("dataset", "model")}))


@pytest.mark.parametrize(
    ("part", "line"),
    [
        (use("mlp", unit=[4]), "mlp: unknown option 'unit'; did you mean 'units'"),
        (use("mlp", dropout=1.5), r"model.dropout=1.5 is not possible: input should be less than 1"),
        (use("image_folder", path="photos", image_size=32), r"expected several values in brackets, such as \[32, 32\]"),
        (use("mpl"), "unknown model 'mpl'; did you mean 'mlp'"),
    ],
)
def test_a_wrong_option_is_answered_in_one_line(part: object, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        resolve_part("dataset" if "folder" in part.name else "model", part)  # type: ignore[arg-type]

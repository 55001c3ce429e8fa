"""Names of runs' folders say their variant and seed."""

import pytest

from keras_suite.reports.elsewhere.run_names import settings_of


@pytest.mark.parametrize(
    ("name", "variant", "seed"),
    [
        ("adam/seed-1", "adam", "1"),
        ("adam_s12", "adam", "12"),
        ("lr-0.01-2", "lr-0.01", "2"),
        ("a/b/run=3", "a/b", "3"),
        ("wide/7", "wide", "7"),
    ],
)
def test_a_number_at_the_end_is_the_seed(name: str, variant: str, seed: str) -> None:
    assert settings_of("logs", [name], None) == {name: {"variant": variant, "seed": seed}}


def test_a_pattern_names_any_settings() -> None:
    found = settings_of("logs", ["adam-0.1/run 3.b"], "{optimizer}-{rate}/run {seed}.b")
    assert found == {"adam-0.1/run 3.b": {"optimizer": "adam", "rate": "0.1", "seed": "3"}}


@pytest.mark.parametrize("name", ["units64", "lr_0.01", "adam", "."])
def test_a_name_without_a_seed_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"logs: names of runs do not end with a seed's number, .*--folders"):
        settings_of("logs", ["adam/seed-1", name], None)


@pytest.mark.parametrize("pattern", ["", "{seed}", "{variant}", "{a}{a}/{seed}", "{0}/{seed}", "{variant}/{}{seed}"])
def test_a_pattern_that_tells_no_runs_apart_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not possible: expected names in braces"):
        settings_of("logs", ["adam/seed-1"], pattern)


def test_a_folder_that_does_not_follow_the_pattern_is_named() -> None:
    with pytest.raises(ValueError, match=r"do not follow --folders '{variant}/s{seed}' \('adam/seed-1' does not\)"):
        settings_of("logs", ["adam/seed-1"], "{variant}/s{seed}")

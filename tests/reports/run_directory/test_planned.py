"""What a command is to train, for those who look on."""

from pathlib import Path

from keras_suite.reports.run_directory.planned import PLAN, Planned, read_plan, write_plan


def test_a_plan_comes_back_and_one_that_is_not_whole_is_none(tmp_path: Path) -> None:
    assert read_plan(tmp_path) is None
    write_plan(tmp_path, [tmp_path / "cnn-01234567" / "seed-1"], {"cnn": 2.5}, 2)
    assert read_plan(tmp_path) == Planned(("cnn-01234567/seed-1",), {"cnn": 2.5}, 2)
    whole = (tmp_path / PLAN).read_text(encoding="utf-8")
    for damaged in (whole[:30], "{}", whole.replace("2.5", "3.5")):
        (tmp_path / PLAN).write_text(damaged, encoding="utf-8")
        assert read_plan(tmp_path) is None

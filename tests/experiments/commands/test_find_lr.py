"""`find-lr`, typed as a user types it: one line, a picture, and no run."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from keras_suite.experiments.cli import app
from keras_suite.experiments.commands.find_lr import in_words
from keras_suite.experiments.inspecting.rate_range import RateRange, Suggestion
from keras_suite.experiments.training import runtime
from tests.end_to_end.typed import tiny_experiment, type_here


def test_it_suggests_a_rate_in_one_line_and_writes_the_picture_only(tmp_path: Path) -> None:
    tiny_experiment(tmp_path)
    done = type_here("find-lr", "wider.py", "--variant", "wide", "--steps", "40", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    [line] = done.stdout.strip().splitlines()
    assert line.startswith("The loss falls fastest at ")
    assert "--set optimizer.learning_rate=" in line
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {
        "wider.py",
        "learning_rates.png",
        "learning_rates.svg",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--variant", "wid"], "did you mean 'wide'?"),
        (["--lowest", "1", "--highest", "0.1"], "expected two rates, 0 < lowest < highest"),
        (["--set", "model.unit=3"], "did you mean 'units'?"),
        (["--set", "model.name=mnist_demo_net", "--set", "dataset.image_size=[4,4]"], "cannot be trained: "),
        (["--set", "dataset.limit=5"], "limit"),
    ],
)
def test_bad_input_is_answered_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
    picture = tmp_path / "rates.png"
    done = CliRunner().invoke(app, ["find-lr", str(tiny_experiment(tmp_path)), "--picture", str(picture), *arguments])
    assert done.exit_code == 2, done.output
    [line] = done.output.strip().splitlines()
    assert said in line
    assert not picture.exists()


def test_the_line_names_what_the_curve_did_not_show() -> None:
    nothing = RateRange(rates=[1e-6, 0.5], losses=[2.3, 5.0], steps=200, diverged=True)
    assert "never fell by a tenth before it diverged at 0.5" in in_words(nothing, Suggestion(None, None, False), "")
    still = in_words(nothing, Suggestion(0.1, 10.0, True), "phases.head")
    assert "was still falling there: try a higher --highest" in still
    assert "--set phases.head.learning_rate=0.1 " in still

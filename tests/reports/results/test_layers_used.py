"""The page says which layers the runs' networks have in the place of Keras's, and what was measured of them."""

from pathlib import Path
from typing import Any

from keras_suite.reports.results.comparability import environment
from keras_suite.reports.results.layers_used import layers_used
from keras_suite.reports.run_directory.layer_choices import LayerChoice, TimeRatio, keep_choices
from tests.reports.conftest import MakeRuns

DENSE = TimeRatio(("dense",), 0.8, 0.75, 0.85, 21)


def model(*kinds: str) -> dict[str, Any]:
    options = {"units": [8]} | ({"layers": [*kinds]} if kinds else {})
    return {"model": {"name": "mlp", "options": options}, "dataset": {"name": "digits"}, "batch_size": 32}


def with_choice(folder: Path, config: Any, layers: tuple[str, ...]) -> None:
    network = {
        "model": {"name": "mlp", "options": {"units": [8]}},
        "dataset": config["dataset"],
        "batch_size": config["batch_size"],
    }
    keep_choices(folder, [LayerChoice(network, layers, (DENSE,), "CPU", 2, {})])


def test_runs_of_keras_s_layers_say_nothing(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=1).runs
    assert layers_used(runs) == "" and "layers" not in dict(environment(runs))


def test_the_kinds_that_were_chosen_stand_with_what_was_measured(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=2, configs={"strong": model(), "weak": model("dense")})
    with_choice(experiment.folder, experiment.runs[0].config, ("dense",))
    said = dict(environment(experiment.runs))["layers"]
    assert said.startswith("Keras's (2 runs) and hand-derived dense: a training step takes 0.80 of the time")
    assert said.endswith("(2 runs)")


def test_that_nothing_was_faster_is_said_too(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=1, configs={"strong": model(), "weak": model()})
    with_choice(experiment.folder, experiment.runs[0].config, ())
    assert layers_used(experiment.runs).startswith("Keras's: no hand-derived ones were faster beyond doubt")


def test_kinds_that_were_given_by_hand_are_named(make_runs: MakeRuns) -> None:
    experiment = make_runs(seeds=1, configs={"strong": model("dense"), "weak": model("dense")})
    assert layers_used(experiment.runs) == "hand-derived dense"
    (experiment.folder / "layers.json").write_text("{", encoding="utf-8")
    assert "is not readable JSON" in layers_used(experiment.runs)


def test_what_an_own_network_calls_layers_is_its_own_affair(make_runs: MakeRuns) -> None:
    own = {"model": {"name": "net.py:mine", "options": {"layers": [3, 4]}}}
    assert layers_used(make_runs(seeds=1, configs={"strong": own, "weak": own}).runs) == ""

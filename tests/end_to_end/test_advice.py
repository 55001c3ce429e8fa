"""What to look at next, from real runs on scikit-learn's digits that were made to be ill, and from healthy ones."""

from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.experiments.training.run import train
from keras_suite.reports import run_directory
from keras_suite.reports.diagnosis.phase_history import last_phase
from keras_suite.reports.diagnosis.rules import advice, finding
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers

pytestmark = pytest.mark.slow

BASE = Config(
    dataset=use("digits", limit=400, validation_fraction=0.3),
    model=use("mlp", units=(32,)),
    optimizer=use("adam", learning_rate=3e-3),
    batch_size=32,
    epochs=9,
)
DEEP = {
    "model": use("mlp", units=(32,) * 20, activation="linear", initializer="orthogonal"),
    "optimizer": use("sgd", learning_rate=1e-4),
    "epochs": 3,
}
NOISY = {
    "model": use("mlp", units=()),
    "optimizer": use("sgd", learning_rate=1.0),
    "augmentation": use("standard", shift=0.1),
    "batch_size": 8,
    "epochs": 20,
}
ILL: dict[str, tuple[dict[str, Any], float]] = {
    "exploding": ({"optimizer": use("sgd", learning_rate=1e8)}, 1),
    "vanishing": ({"model": use("mlp", units=(32,) * 6, activation="sigmoid"), "epochs": 3}, 1),
    "slow": ({"optimizer": use("sgd", learning_rate=1e-5)}, 1),
    "softmax_twice": ({"model": use("pattern_cnn", blocks=1, output_activation="softmax"), "epochs": 20}, 1),
    "oscillating": ({**NOISY, "optimizer": use("sgd", learning_rate=3.0), "epochs": 12}, 1),
    "overfitting": ({"optimizer": use("momentum", learning_rate=0.3), "epochs": 12}, 1),
    "underfitting": ({"model": use("mlp", units=(2,), activation="elu"), "schedule": use("cosine"), "epochs": 25}, 1),
    "large_penalty": ({"model": use("mlp", units=(32,), l2=0.3), "epochs": 16}, 1),
    "large_dropout": ({"model": use("mlp", units=(32,), dropout=0.95)}, 1),
    "wrong_labels": ({"dataset.label_noise": 0.5}, 1),
    "equal_weights": ({"model.initializer": "zeros"}, 1),
    "cut_too_late": ({**NOISY, "callbacks": (use("reduce_lr_on_plateau", patience=7, factor=0.02),)}, 1),
    "never_cut": (NOISY, 1),
    "stopped_too_early": ({"batch_size": 16}, 1),
    "leaps": ({"optimizer": use("sgd", learning_rate=3.0), "epochs": 4}, 1),
    "large_weights": ({"model.activation": "tanh", "optimizer.learning_rate": 1e-4, "epochs": 3}, 60),
}


def trained(
    runs_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    variant: str,
    changes: dict[str, Any],
    factor: float = 1,
    seed: int = 1,
) -> Path:
    """A real run; the initial kernels of its hidden layers are multiplied by `factor`."""
    build = PreparedRun.build_model

    def scaled(*arguments: Any) -> Any:
        model = build(*arguments)
        for layer in model.layers:
            if layer.name.startswith("dense"):
                layer.kernel.assign(layer.kernel * factor)
        return model

    with monkeypatch.context() as patched:
        patched.setattr(PreparedRun, "build_model", scaled)
        return train(Job("advice", variant, override(BASE, changes), seed, RunOptions(2, runs_dir))).directory


def told(directory: Path) -> dict[str, str]:
    """The rule that speaks first, with what it says; nothing of a healthy run."""
    pieces = last_phase(run_directory.read_run(directory))
    assert pieces is not None
    found = finding(pieces)
    return {} if found is None else {found.rule.check.__name__: found.what}


@pytest.mark.parametrize("illness", ILL)
def test_a_run_with_a_known_defect_gets_the_advice_for_it(
    illness: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, factor = ILL[illness]
    assert list(told(trained(tmp_path, monkeypatch, illness, changes, factor))) == [illness]


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.1, ("exploding", "6.1", "1.10")), (0.9, ("vanishing", "0.14", "0.90"))]
)
def test_advice_on_a_deep_linear_chain_names_the_factor_of_its_layers(
    factor: float, expected: tuple[str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    illness, over_all, each = expected
    pieces = told(trained(tmp_path, monkeypatch, "chain", DEEP, factor))
    assert pieces == {
        illness: f"the gradient is {over_all} times as large at dense_1 as at dense_20, a factor of {each} for each of "
        "19 layers (before the first epoch)"
    }


def test_advice_on_a_chain_of_factor_one_is_about_its_learning_rate_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(told(trained(tmp_path, monkeypatch, "chain", DEEP))) == ["slow"]


def test_healthy_runs_get_no_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = {"model": use("mlp", units=(64, 64)), "epochs": 14}
    convolutional = {"model": use("pattern_cnn", blocks=2, filters=16, units=32, dropout=0.1), "epochs": 20}
    shared = {"dataset": use("digits"), "schedule": use("one_cycle"), "optimizer.learning_rate": 5e-3}
    for name, changes in (("dense", dense), ("convolutional", convolutional)):
        assert told(trained(tmp_path, monkeypatch, name, {**shared, **changes})) == {}


def of_variants(runs_dir: Path, *variants: str) -> Numbers:
    """The numbers of the experiment's runs in `runs_dir`, which were made without the command."""
    folder = runs_dir / "advice"
    folders = {name: next(folder.glob(f"{name}-*")).name for name in variants}
    listed = [run_directory.Variant(name, folders[name], {}) for name in variants]
    run_directory.write_experiment(folder, name="advice", question="Which is ill?", command="run", variants=listed)
    return experiment_numbers(run_directory.read_experiment(folder))


def test_a_variant_gets_the_advice_for_most_of_its_runs_on_both_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = ILL["slow"][0]
    for seed in (1, 2):
        trained(tmp_path, monkeypatch, "slow", {**slow, "epochs": 3}, seed=seed)
    trained(tmp_path, monkeypatch, "ended", {"optimizer": use("sgd", learning_rate=1e38), "epochs": 3})
    evidence = {each["title"]: each["evidence"] for each in advice(of_variants(tmp_path, "slow", "ended"))}
    assert list(evidence) == ["Training diverges.", "It hardly learns."]
    assert [(seen["variant"], seen["seed"], seen["runs"]) for seen in evidence["It hardly learns."]] == [
        ("slow", 1, "2 of 2 runs")
    ]
    assert "in epoch 1" in evidence["Training diverges."][0]["what"]
    write_report(run_directory.read_experiment(tmp_path / "advice"), tmp_path / "report")
    said = evidence["It hardly learns."][0]["what"]
    for name in ("report.html", "report.md"):
        page = (tmp_path / "report" / name).read_text(encoding="utf-8").replace("\u00a0", " ")
        assert "Suggestions" in page
        assert said in page

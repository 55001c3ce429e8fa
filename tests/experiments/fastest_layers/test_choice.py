"""Configs that ask for the fastest layers become Configs that name them; nothing is measured twice."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.experiments.config import Config, override, to_json, use
from keras_suite.experiments.fastest_layers import choice
from keras_suite.experiments.fastest_layers.choice import asks, choose_layers, measured_apart, network_of
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports.run_directory.layer_choices import LayerChoice, TimeRatio, keep_choices
from tests.experiments.conftest import flip

ASKS = Config(use("digits"), use("mlp", units=[8], layers="fastest"), epochs=1)
DENSE = TimeRatio(("dense",), 0.8, 0.7, 0.9, 21)
PLAIN = override(ASKS, {"model": use("mlp", units=[8])})


def options(folder: Path) -> RunOptions:
    return RunOptions(2, folder)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """What was measured, each time with the result that the dense layers are faster."""
    asked: list[Config] = []

    def measure(configs: Sequence[Config], options: RunOptions) -> tuple[LayerChoice, ...]:
        asked.extend(configs)
        return tuple(
            LayerChoice(network_of(config), ("dense",), (DENSE,), "CPU", options.threads, {}) for config in configs
        )

    monkeypatch.setattr(choice, "measured_apart", measure)
    return asked


def test_without_the_option_nothing_changes_and_nothing_is_read(tmp_path: Path, measured: list[Config]) -> None:
    (tmp_path / "layers.json").write_text("no JSON", encoding="utf-8")
    configs = {"base": PLAIN, "given": override(PLAIN, {"model.layers": ["dense"]})}
    chosen = choose_layers(configs, tmp_path, options(tmp_path))
    assert chosen.configs is configs and chosen.measured == () and chosen.lines == [] and measured == []


def test_a_network_is_measured_once_and_then_read(tmp_path: Path, measured: list[Config]) -> None:
    """Variants that differ in the optimizer have the same network; another batch size has other shapes."""
    configs = {
        "adam": ASKS,
        "sgd": override(ASKS, {"optimizer": use("sgd")}),
        "large": override(ASKS, {"batch_size": 64}),
    }
    chosen = choose_layers(configs, tmp_path, options(tmp_path))
    assert [config.batch_size for config in measured] == [128, 64]
    assert all(config.model.options["layers"] == ["dense"] for config in chosen.configs.values())
    assert not list(tmp_path.iterdir())  # the caller writes, once all else is checked
    keep_choices(tmp_path, chosen.measured)
    again = choose_layers(configs, tmp_path, options(tmp_path))
    assert again.configs == chosen.configs and again.measured == () and len(measured) == 2
    anew = choose_layers(configs, tmp_path, options(tmp_path), fresh=True)
    assert len(measured) == 4 and len(anew.measured) == 2


def test_the_choice_is_read_by_a_process_that_runs_on_another_machine(tmp_path: Path, measured: list[Config]) -> None:
    elsewhere = LayerChoice(network_of(ASKS), ("batch_normalization",), (), "another processor", 16, {})
    keep_choices(tmp_path, [elsewhere])
    chosen = choose_layers({"base": ASKS}, tmp_path, options(tmp_path))
    assert chosen.configs["base"].model.options["layers"] == ["batch_normalization"] and measured == []


def test_where_none_is_faster_the_config_is_one_that_never_asked(tmp_path: Path) -> None:
    keep_choices(tmp_path, [LayerChoice(network_of(ASKS), (), (), "CPU", 2, {})])
    chosen = choose_layers({"base": ASKS}, tmp_path, options(tmp_path))
    assert to_json(chosen.configs["base"]) == to_json(PLAIN)
    assert chosen.lines == ["Layers: Keras's: no hand-derived ones were faster beyond doubt (measured once on CPU with "
                            "2 threads)"]  # fmt: skip
    with pytest.raises(ValueError, match="variants 'keras' and 'fast' are the same now"):
        choose_layers({"keras": PLAIN, "fast": ASKS}, tmp_path, options(tmp_path))


def test_several_choices_are_told_with_their_variants(tmp_path: Path) -> None:
    wide = override(ASKS, {"model.units": [64]})
    keep_choices(tmp_path, [LayerChoice(network_of(ASKS), (), (), "CPU", 2, {})])
    keep_choices(tmp_path, [LayerChoice(network_of(wide), ("dense",), (DENSE,), "CPU", 2, {})])
    lines = choose_layers({"narrow": ASKS, "wide": wide}, tmp_path, options(tmp_path)).lines
    assert [line.partition(":")[0] for line in lines] == ["Layers of narrow", "Layers of wide"]


def test_a_damaged_choice_is_not_measured_anew(tmp_path: Path, measured: list[Config]) -> None:
    keep_choices(tmp_path, choose_layers({"base": ASKS}, tmp_path, options(tmp_path)).measured)
    flip(tmp_path / "layers.json")
    with pytest.raises(ValueError, match=r"layers\.json"):
        choose_layers({"base": ASKS}, tmp_path, options(tmp_path))
    assert len(measured) == 1
    assert choose_layers({"base": ASKS}, tmp_path, options(tmp_path), fresh=True).measured


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"precision": "mixed_bfloat16"}, "is for float32, and precision=mixed_bfloat16"),
        ({"phases": (use("whole", epochs=1),)}, "this one has phases"),
    ],
)
def test_what_a_whole_network_in_float32_does_not_stand_for_is_refused(
    change: dict[str, object], said: str, tmp_path: Path, measured: list[Config]
) -> None:
    config = replace(ASKS, **change)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=rf"variant 'base': model\.layers=fastest .*{said}"):
        choose_layers({"base": config}, tmp_path, options(tmp_path))
    assert measured == []


def test_an_option_of_that_name_of_an_own_network_is_its_own_affair() -> None:
    assert asks(ASKS)
    assert not asks(override(ASKS, {"model": use("net.py:mine", layers="fastest")}))


@pytest.mark.slow
def test_what_is_wrong_with_a_network_comes_back_in_a_line(tmp_path: Path) -> None:
    """From the process that measures, for real."""
    without = override(ASKS, {"model": use("mobile_cnn", layers="fastest")})
    with pytest.raises(ValueError, match="mobile_cnn: unknown option 'layers'"):
        measured_apart([without], options(tmp_path))


def test_a_process_that_is_killed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_CHILD", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ValueError, match="measuring the layers of model 'mlp' was killed"):
        measured_apart([ASKS], options(tmp_path))
    monkeypatch.setattr(choice, "_CHILD", "raise RuntimeError('no GPU left')")
    with pytest.raises(ValueError, match="failed: RuntimeError: no GPU left; give"):
        measured_apart([ASKS], options(tmp_path))

"""Own parts are named by file and function, as text or as themselves."""

import functools
from pathlib import Path

import keras
import pytest

from keras_suite.experiments import Config, Experiment, use
from keras_suite.experiments.config import from_json, override, to_json
from keras_suite.experiments.own_parts.names import name_of, parsed, same, within


def my_net(classes: int) -> None:
    """Builds nothing."""


class MyNet(keras.Model):
    """Nothing of its own."""


def inside() -> object:
    def hidden() -> None:
        """Nobody finds it."""

    return hidden


HERE = Path(__file__).resolve()


def test_a_function_or_class_is_named_by_its_file() -> None:
    assert name_of(my_net) == f"{HERE.as_posix()}:my_net"
    assert within(name_of(my_net), str(HERE.parent)) == "test_names.py:my_net"
    assert within(name_of(my_net), str(HERE.parents[1])) == "own_parts/test_names.py:my_net"
    assert within(name_of(my_net), str(HERE.parent / "deeper")) == "../test_names.py:my_net"


def test_of_a_library_the_public_module_is_named() -> None:
    assert name_of(keras.optimizers.Lion) == "keras.optimizers:Lion"
    assert name_of(keras.losses.Huber) == "keras.losses:Huber"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (lambda: None, "defined inside something else"),
        (inside(), "defined inside something else"),
        (functools.partial(my_net, 3), "is a partial function: give the function"),
        (keras.layers.Dense(3), "is an object of Dense: give its class"),
        (keras, "names no part: give its name"),
        (print, "is an object of builtin_function_or_method"),
    ],
)
def test_what_other_processes_would_not_find_is_refused_with_the_mend(part: object, said: str) -> None:
    with pytest.raises(ValueError, match=r"use\(.*\)") as error:
        use(part)  # type: ignore[arg-type]
    assert said in str(error.value)


@pytest.mark.parametrize("name", ["a.py:", ":f", "a b:f", "a.py:f()", "a.py:a.b", "::"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names no part"):
        parsed(name)


def test_a_function_may_stand_in_a_config_by_itself() -> None:
    config = Config(use("digits"), my_net, root=str(HERE.parent))  # type: ignore[arg-type]
    assert config.model == use("test_names.py:my_net")
    assert from_json(to_json(config)).model == config.model
    assert "root" not in to_json(config)


def test_overrides_reach_an_own_callback_by_its_function() -> None:
    config = Config(use("digits"), use("mlp"), callbacks=(use("a/b.py:Logger", every=1), use("early_stopping")))
    for path in ("callbacks.Logger.every", "callbacks.a/b.py:Logger.every"):
        assert override(config, {path: 3}).callbacks[0].options == {"every": 3}
    with pytest.raises(ValueError, match="it holds: Logger, early_stopping"):
        override(config, {"callbacks.Loger.every": 3})


def test_an_experiments_variants_are_named_from_its_folder() -> None:
    variants = {"named": {"model.name": f"{HERE.as_posix()}:my_net"}, "whole": {"model": use(my_net)}}
    rooted = Experiment(Config(use("digits"), use("mlp")), variants=variants).rooted(str(HERE.parent))  # type: ignore[arg-type]
    assert rooted.variants["named"] == {"model.name": "test_names.py:my_net"}
    assert rooted.config("whole").model == rooted.config("named").model == use("test_names.py:my_net")


def test_a_part_is_the_same_by_its_path_from_whatever_folder_and_by_its_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    for name in ("net.py", "other.py"):
        (tmp_path / "models" / name).write_text("", encoding="utf-8")
    whole = f"{tmp_path.as_posix()}/models/net.py:net"
    for folder, root in ((tmp_path, ""), (tmp_path.parent, str(tmp_path))):
        monkeypatch.chdir(folder)
        assert same("models/net.py:net", whole, root) and same(whole, "models/net.py:net", root)
        assert same("./models/net.py:net", "models/net.py:net", root) and same("models.net:net", whole, root)
        for other in ("models/net.py:met", "models/other.py:net", "models.met:net", "mlp", None, 3):
            assert not same(other, whole, root)
    assert not same("models/net.py:net", whole, "") and same("mlp", "mlp", "")

"""Own losses, optimizers, schedules, callbacks and phases are built from functions and classes, or refused."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.experiments.config import use
from keras_suite.experiments.registry import resolve_part

PARTS = """
import keras
from keras import ops


def squares(y_true, y_pred, *, factor=1.0):
    return factor * ops.mean((y_true - y_pred) ** 2, axis=-1)


def huber(*, delta: float = 1.0):
    return keras.losses.Huber(delta=delta)


class Own(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(abs(y_true - y_pred), axis=-1)


def sgd(learning_rate=0.1, *, nesterov: bool = False):
    return keras.optimizers.SGD(learning_rate, momentum=0.9, nesterov=nesterov)


def falling(learning_rate, total_steps, *, power=1.0):
    return keras.optimizers.schedules.PolynomialDecay(learning_rate, total_steps, 0.0, power)


def half(learning_rate, steps):
    return learning_rate / 2


def logger(path: str = "log"):
    return keras.callbacks.CSVLogger(path)


def needing(rate):
    return keras.callbacks.Callback()


def wrong():
    return 3


def fourth(a, b, c, d, /):
    return None


def typo(**options):
    return keras.callbacks.Callback()
"""


def part(folder: Path, kind: str, name: str, **options: Any) -> Any:
    (folder / "mine.py").write_text(PARTS, encoding="utf-8")
    return resolve_part(kind, use(f"mine.py:{name}", **options), str(folder))


def test_a_loss_is_a_function_of_targets_or_makes_a_loss_or_is_one(tmp_path: Path) -> None:
    y, p = np.eye(3, dtype=np.float32), np.ones((3, 3), np.float32)
    expected = ((y - p) ** 2).mean(axis=-1)
    assert np.asarray(part(tmp_path, "loss", "squares", factor=2.0).build().call(y, p)) == pytest.approx(2 * expected)
    assert float(part(tmp_path, "loss", "squares").build()(y, p)) == pytest.approx(expected.mean())
    assert float(part(tmp_path, "loss", "huber", delta=2).build()(y, y + 3)) == pytest.approx(2 * 3 - 2)
    assert np.asarray(part(tmp_path, "loss", "Own").build().call(y, p)).shape == (3,)


def test_optimizers_and_schedules_are_passed_the_learning_rate(tmp_path: Path) -> None:
    optimizer = part(tmp_path, "optimizer", "sgd", nesterov=True)
    assert optimizer.options["learning_rate"] == 0.1
    assert float(optimizer.build(learning_rate=0.25).learning_rate) == 0.25
    assert float(part(tmp_path, "schedule", "falling").build(0.5, 10)(5)) == pytest.approx(0.25)
    assert part(tmp_path, "schedule", "half").build(0.5, 10) == 0.25


def test_options_come_from_the_signature(tmp_path: Path) -> None:
    assert part(tmp_path, "callbacks", "logger", path="x").build().filename == "x"
    for kind, name, options, said in (
        ("callbacks", "logger", {"pth": "x"}, "mine.py:logger: unknown option 'pth'; did you mean 'path'?"),
        ("callbacks", "logger", {"path": 3}, "callbacks.logger.path=3 is not possible: input should be a valid string"),
        ("callbacks", "needing", {}, "callbacks.needing.rate is needed: set it"),
        ("callbacks", "typo", {"a": 1}, "mine.py:typo: unknown option 'a'"),
        ("optimizer", "sgd", {"nesterov": 1}, "optimizer.nesterov=1 is not possible: input should be a valid boolean"),
        ("loss", "squares", {"factor": "x"}, "loss.factor='x' is not possible: expected a number"),
        ("model", "fourth", {}, "takes 4 values by position, and a model is passed input_shape, classes, seed"),
    ):
        with pytest.raises(ValueError, match=r".") as error:
            part(tmp_path, kind, name, **options)
        assert said in str(error.value)


@pytest.mark.parametrize("kind", ["loss", "optimizer", "callbacks", "phases", "augmentation", "dataset"])
def test_what_is_no_part_of_its_kind_is_refused_with_its_line(kind: str, tmp_path: Path) -> None:
    context = {"augmentation": ((8, 8, 1), 10), "dataset": (None,)}.get(kind, ())
    with pytest.raises(ValueError, match=r"mine\.py line \d+: wrong\(\) returned 3: expected a?"):
        part(tmp_path, kind, "wrong").build(*context)


def test_a_part_of_keras_itself_needs_no_file(tmp_path: Path) -> None:
    loss = resolve_part("loss", use(keras.losses.CategoricalFocalCrossentropy, from_logits=True), str(tmp_path))
    assert loss.options["gamma"] == 2.0
    assert isinstance(loss.build(), keras.losses.CategoricalFocalCrossentropy)


def test_a_dataset_takes_its_functions_options_and_the_shared_ones(tmp_path: Path) -> None:
    text = (
        "from sklearn.datasets import load_digits\n\n\ndef mine(*, flip: bool = False, limit=None):\n"
        "    found = load_digits()\n    images = found.images * (255 / 16)\n"
        "    return (images[:, :, ::-1] if flip else images)[:limit], found.target[:limit]\n"
    )
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")

    def load(**options: Any) -> Any:
        return resolve_part("dataset", use("mine.py:mine", **options), str(tmp_path)).build(None)

    plain, flipped = load(limit=200), load(limit=200, flip=True)
    assert len(plain.images) + len(plain.test_images) == 200  # its own `limit`, not the shared one
    assert plain.fingerprint != flipped.fingerprint
    assert load(limit=200, classes=[0, 1]).class_names == ("0", "1")
    with pytest.raises(ValueError, match="unknown option 'flp'; did you mean 'flip'"):
        load(flp=True)
    with pytest.raises(ValueError, match=r"mine\.py line 4: mine\(.*limit=0\): |mine\.py line 4: mine\(.*limit=0\) "):
        load(limit=0)

"""A user's op is found by its name, in each of the forms that people write, and is called behind the boundary."""

from pathlib import Path

import pytest

from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.inspecting.own_op import own_passes
from keras_suite.models.gradient_check.own_check import check_passes
from keras_suite.models.gradient_check.passes import Passes
from keras_suite.models.gradient_check.trial_tensors import deduced, of_shapes

FORMS = """
import tensorflow as tf
from keras_suite.models.ops.op import Op


def square_forward(x, power=2):
    return x**power, (x, power)


def square_backward(dy, cache):
    x, power = cache
    return power * x ** (power - 1) * dy


both = (square_forward, square_backward)
op = Op("square", square_forward, lambda dy, cache: (square_backward(dy, cache),))


class Static:
    @staticmethod
    def forward(x):
        return x * x, x

    @staticmethod
    def backward(dy, x):
        return (2 * x * dy,)


class Instance:
    def forward(self, x):
        return x * x, x

    def backward(self, dy, x):
        return (2 * x * dy,)


@tf.custom_gradient
def custom(x):
    return x * x, lambda dy: 2 * x * dy


def plain(x, *, scale=1.0):
    return x * x * scale


def total(*tensors):
    return tf.add_n(tensors)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_ops.py").write_text(FORMS, encoding="utf-8")
    return tmp_path / "my_ops.py"


def right(passes: Passes) -> bool:
    rows, _ = check_passes(passes, deduced(passes), 1)
    return all(row.wrong is None and not row.constant for row in rows)


@pytest.mark.parametrize(
    "name", ["square", "square_forward", "square_backward", "both", "op", "Static", "Instance", "custom", "plain"]
)
def test_every_form_of_an_op_is_found_and_checked(name: str, file: Path) -> None:
    passes = own_passes(f"my_ops.py:{name}", None, {}, [])
    assert passes.parameters == ("x",)
    assert right(passes)


def test_options_are_passed_and_shapes_say_how_many_tensors_there_are(file: Path) -> None:
    cubes = own_passes("my_ops.py:square", None, {"power": 3}, [])
    assert right(cubes)
    two = own_passes("my_ops.py:total", [(2,), (2,)], {}, ["tensors[1]"])
    assert two.parameters == ("tensors[0]", "tensors[1]")
    assert "tensors[1]" in two.constants
    assert all(row.wrong is None for row in check_passes(two, of_shapes(two, [(2,), (2,)]), 1)[0])


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ("", "f", "unknown function or class 'f'"),
        ("f = 3", "f", "my_ops.py sets f to 3: expected a function of tensors, or a pair"),
        ("import keras\nclass f(keras.layers.Layer): pass", "f", "is a Keras layer: check it inside a network"),
        ("def f(): return 1", "f", "my_ops.py: f() has no parameter without a default"),
        ("def f(x, *, rate): return x", "f", "needs the option rate: give it, --set rate=…"),
        ("1 / 0\ndef f(x): return x", "f", "my_ops.py line 1: loading it failed: ZeroDivisionError"),
    ],
)
def test_what_is_no_op_is_refused_in_one_line(
    body: str, name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_ops.py").write_text(body, encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        own_passes(f"my_ops.py:{name}", None, {}, [])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("forward", "backward", "said"),
    [
        ("return x", "return dy", "line 1: f_forward(x) returned one tensor: expected (y, cache)"),
        ("return x, 1, 2", "return dy", "f_forward(x) returned 3 values: expected (y, cache)"),
        ("return [1, 2], x", "return dy", "returned [1, 2] for y: expected a tensor"),
        ("return x > 0, x", "return dy", "returned y of bool, which has no gradient"),
        ("raise SystemExit(0)", "return dy", "my_ops.py line 2: f_forward(x) failed: SystemExit: 0"),
        ("return x, x", "raise KeyError('w')", "my_ops.py line 5: f_backward(dy, cache) failed: KeyError: 'w'"),
        ("return x, x", "return dy, dy", "f_backward(dy, cache) returned 2 gradients for 1 tensors (x)"),
        ("return x, x", "return ['dx']", "returned 'dx' for x: expected a tensor, or None for a constant"),
    ],
)
def test_passes_that_break_the_contract_are_answered_in_one_line(
    forward: str, backward: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"def f_forward(x):\n    {forward}\n\ndef f_backward(dy, cache):\n    {backward}\n"
    (tmp_path / "my_ops.py").write_text(text, encoding="utf-8")
    passes = own_passes("my_ops.py:f", None, {}, [])
    with pytest.raises(ForeignCodeError) as caught:
        check_passes(passes, deduced(passes), 1)
    assert said in str(caught.value)


def test_a_pair_without_its_backward_pass_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_ops.py").write_text("def f_forward(x):\n    return x, x\n", encoding="utf-8")
    with pytest.raises(ForeignCodeError, match=r"returned 2 values, and there is no f_backward beside it"):
        deduced(own_passes("my_ops.py:f", None, {}, []))


def test_unknown_options_and_constants_and_wrong_counts_of_shapes_are_named(file: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown option 'powr'; did you mean 'power'\?"):
        own_passes("my_ops.py:square", None, {"powr": 3}, [])
    with pytest.raises(ValueError, match="--constant y: unknown tensor 'y'"):
        own_passes("my_ops.py:square", None, {}, ["y"])
    with pytest.raises(ValueError, match=r"--shapes has 3 in it, and my_ops\.py: square_forward"):
        own_passes("my_ops.py:square", [(2,)] * 3, {}, [])
    with pytest.raises(ValueError, match="one of the suite is given as --op conv2d"):
        own_passes("conv2d", None, {}, [])


LOSSES = """
import keras
import tensorflow as tf


@tf.custom_gradient
def squares(y_true, y_pred):
    apart = y_pred - tf.cast(y_true, y_pred.dtype)
    return tf.reduce_mean(apart**2, -1), lambda dy: (None, 2 / apart.shape[-1] * dy[:, None] * apart)


class Squares(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return squares(y_true, y_pred)


class Doubled(Squares):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * squares(y_true, y_pred)


doubled = Doubled(2.0)


def of_numbers(y_true, y_pred):
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
"""


@pytest.mark.parametrize(
    ("name", "shapes"),
    [("Squares", ((4, 5), (4, 5))), ("doubled", ((4, 5), (4, 5))), ("of_numbers", ((4,), (4, 5)))],
)
def test_a_loss_is_checked_as_class_as_object_and_of_whole_labels(
    file: Path, name: str, shapes: tuple[tuple[int, ...], ...]
) -> None:
    file.write_text(LOSSES, encoding="utf-8")
    passes = own_passes(f"my_ops.py:{name}", None, {}, ())
    trial = deduced(passes)
    assert (passes.parameters, trial.shapes) == (("y_true", "y_pred"), shapes)
    rows, _ = check_passes(passes, trial, 1)
    assert [(row.wrong, row.constant) for row in rows] == [(None, True), (None, False)]


def test_a_loss_with_a_wrong_gradient_is_found_and_one_that_needs_arguments_is_answered(file: Path) -> None:
    file.write_text(LOSSES.replace("2 / apart.shape[-1]", "1.0"), encoding="utf-8")
    rows, _ = check_passes(passes := own_passes("my_ops.py:Squares", None, {}, ()), deduced(passes), 1)
    assert [(row.tensor, row.wrong is None) for row in rows] == [("y_true", True), ("y_pred", False)]
    with pytest.raises(ForeignCodeError, match=r"my_ops.py: Doubled\(\) failed: TypeError: .* argument: 'factor'"):
        own_passes("my_ops.py:Doubled", None, {}, ())

"""A user's network becomes a graph to logits, or what stands in the way is named with its line and the mend."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.experiments.config import use
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.own_parts.networks import takes_raw_pixels
from keras_suite.experiments.registry import resolve_part

SHAPE = (8, 8, 1)
BEGIN = "import keras\nfrom keras import layers\n"
INNER = "    x = layers.Flatten()(i)\n"


def built(folder: Path, body: str, **options: object) -> keras.Model:
    """The network of a function with this body, or of a whole file."""
    text = body if "\ndef net" in body or "class net" in body else f"def net(input_shape, classes, *, width=4):\n{body}"
    (folder / "mine.py").write_text(BEGIN + text, encoding="utf-8")
    part = resolve_part("model", use("mine.py:net", **options), str(folder))
    return part.build(SHAPE, np.int64(10), 1)  # type: ignore[no-any-return]


GOOD = {
    "functional": "    i = keras.Input(input_shape)\n"
    + INNER
    + "    return keras.Model(i, layers.Dense(classes)(x))\n",
    "sequential": "    return keras.Sequential([layers.Flatten(), layers.Dense(width), layers.Dense(classes)])\n",
    "any size": "    return keras.Sequential([layers.Conv2D(classes, 3), layers.GlobalAveragePooling2D()])\n",
    "other names": (
        "\ndef net(n_classes, seed):\n    return keras.Sequential([layers.Flatten(), layers.Dense(n_classes)])\n"
    ),
    "by position": "\ndef net(shape, k, s, /):\n    return keras.Sequential([layers.Flatten(), layers.Dense(k)])\n",
    "a class": (
        "class net(keras.Model):\n    def __init__(self, classes):\n        super().__init__()\n"
        "        self.d = layers.Dense(classes)\n    def call(self, x):\n"
        "        return self.d(keras.ops.reshape(x, (-1, 64)))\n"
    ),
    "a layer": (
        "class net(keras.Layer):\n    def __init__(self, classes, **kwargs):\n        super().__init__(**kwargs)\n"
        "        self.classes = classes\n        self.d = layers.Dense(classes)\n    def call(self, x):\n"
        "        return self.d(keras.ops.reshape(x, (-1, 64)))\n"
        "    def get_config(self):\n        return {**super().get_config(), 'classes': self.classes}\n"
    ),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD)
def test_every_way_to_write_a_network_gives_a_graph_to_logits(body: str, tmp_path: Path) -> None:
    model = built(tmp_path, body)
    assert model.output_shape[-1] == 10
    assert len(model.inputs) == 1
    assert np.asarray(model(np.zeros((2, *SHAPE)))).shape == (2, 10)


BAD = {
    "a class in the function": (
        "    class Mine(layers.Layer):\n        def call(self, x):\n            return x\n"
        + INNER.replace("x =", "i = keras.Input(input_shape); x =")
        + "    return keras.Model(i, layers.Dense(classes)(Mine()(x)))\n",
        "Keras does not find 'Mine'.: define that at the top of a file",
    ),
    "nothing": ("    return None\n", "returned None: expected a keras.Model"),
    "softmax": (
        "    return keras.Sequential([layers.Flatten(), layers.Dense(classes, activation='softmax')])\n",
        "ends in a softmax, and losses here take logits",
    ),
    "softmax layer": (
        "    return keras.Sequential([layers.Flatten(), layers.Dense(classes), layers.Softmax()])\n",
        "ends in a softmax",
    ),
    "softmax by hand": (
        "    i = keras.Input(input_shape)\n" + INNER + "    y = keras.ops.softmax(layers.Dense(classes)(x))\n"
        "    return keras.Model(i, y)\n",
        "ends in a softmax",
    ),
    "sigmoid": (
        "    return keras.Sequential([layers.Flatten(), layers.Dense(classes, activation='sigmoid')])\n",
        "ends in a sigmoid",
    ),
    "lambda": (
        "    return keras.Sequential([layers.Flatten(), layers.Lambda(lambda x: x), layers.Dense(classes)])\n",
        "with the Lambda layer 'lambda",
    ),
    "nested lambda": (
        "    a = keras.Sequential([layers.Lambda(lambda x: x), layers.Flatten()])\n"
        "    return keras.Sequential([a, layers.Dense(classes)])\n",
        "with the Lambda layer",
    ),
    "other size": (
        "    i = keras.Input((28, 28, 1))\n" + INNER + "    return keras.Model(i, layers.Dense(classes)(x))\n",
        "for images of 28x28x1, and those of the dataset are of 8x8x1",
    ),
    "two outputs": (
        "    i = keras.Input(input_shape)\n" + INNER + "    return keras.Model(i, [layers.Dense(2)(x), x])\n",
        "1 inputs and 2 outputs",
    ),
    "own train_step": (
        "class net(keras.Model):\n    def __init__(self, classes):\n        super().__init__()\n"
        "        self.d = layers.Dense(classes)\n    def call(self, x):\n        return self.d(x)\n"
        "    def train_step(self, data):\n        return {}\n",
        "with its own train_step, which would not be called",
    ),
    "not to be loaded": (
        "class Odd(keras.Layer):\n    def __init__(self, f):\n        super().__init__()\n        self.f = f\n"
        "    def call(self, x):\n        return self.f(x)\n\n\ndef net(classes):\n"
        "    return keras.Sequential([layers.Flatten(), Odd(lambda x: x), layers.Dense(classes)])\n",
        "cannot be saved and loaded again",
    ),
    "loads as another": (
        "class Wide(keras.Layer):\n    def __init__(self, n=1, **k):\n        super().__init__(**k)\n"
        "        self.d = layers.Dense(n)\n    def call(self, x):\n        return self.d(x)\n"
        "    def get_config(self):\n        return super().get_config()\n\n\ndef net(classes):\n"
        "    return keras.Sequential([layers.Flatten(), Wide(7), layers.Dense(classes)])\n",
        "cannot be saved and loaded again|is another one when it is saved and loaded",
    ),
    "loads with another activation": (
        "class Odd(keras.Layer):\n    def __init__(self, f=1.0, **k):\n        super().__init__(**k)\n"
        "        self.f = f\n"
        "    def call(self, x):\n        return x * self.f\n    def get_config(self):\n"
        "        return super().get_config()\n\n\ndef net(classes):\n"
        "    return keras.Sequential([layers.Flatten(), Odd(3.0), layers.Dense(classes)])\n",
        "is another one when it is saved and loaded",
    ),
    "an error": ("    return 1 / 0\n", r"mine\.py line 4: net\(width=4\) failed: ZeroDivisionError"),
    "an exit": ("    raise SystemExit(0)\n", r"mine\.py line 4: net\(width=4\) failed: SystemExit: 0"),
    "an error in a layer": (
        "class Odd(keras.Layer):\n    def call(self, x):\n        raise KeyError('gone')\n\n\ndef net(classes):\n"
        "    return keras.Sequential([layers.Flatten(), Odd(), layers.Dense(classes)])\n",
        r"mine\.py line 5: net\(\) failed: \w+: .*gone",
    ),
}


@pytest.mark.parametrize(("body", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_trained_saved_or_compared_is_named(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ForeignCodeError, match=said) as error:
        built(tmp_path, body)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("mine.py line ")


def test_the_same_seed_gives_the_same_weights_and_another_one_others(tmp_path: Path) -> None:
    body = "    return keras.Sequential([layers.Flatten(), layers.Dense(classes), layers.Dropout(0.5)])\n"
    built(tmp_path, body)
    part = resolve_part("model", use("mine.py:net"), str(tmp_path))
    one, again, other = (np.asarray(part.build(SHAPE, 10, seed).variables[0]) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_pixels_that_are_not_normalised_are_noticed(tmp_path: Path) -> None:
    raw = "    return keras.Sequential([layers.Flatten(), layers.Dense(64), layers.Dense(classes)])\n"
    assert takes_raw_pixels(built(tmp_path, raw), SHAPE)
    scaled = raw.replace("[layers.Flatten()", "[layers.Rescaling(1 / 255), layers.Flatten()")
    assert not takes_raw_pixels(built(tmp_path, scaled), SHAPE)

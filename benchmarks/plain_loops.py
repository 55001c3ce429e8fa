"""Three questions answered by plain Keras, as users write it: a loop over variants and seeds around `fit`.

    python benchmarks/plain_loops.py QUESTION FOLDER

FOLDER holds what benchmarks/time_to_answer.py has written for it: arrays, the images of each seed's split, and of the
photographs the pretrained network. Prints each variant's test accuracies, with the paired t-test of each with the
first, and the seconds that the loops took, without the imports, as one JSON line.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from scipy import stats

Compiled = Callable[[int], keras.Model]  # steps per epoch -> a new compiled model
LOSS = keras.losses.CategoricalCrossentropy
BACKBONE = "backbone.keras"


def digits(folder: Path) -> dict[str, tuple[Compiled, int]]:
    """Return the variants of `digits_demo` with their epochs."""

    def cnn(dropout: float, dense_dropout: float) -> Compiled:
        return lambda _: compiled(demo_net((16, 16, 1), dropout, dense_dropout), keras.optimizers.Adam(1e-3))

    def mlp(_: int) -> keras.Model:
        net = [keras.Input((16, 16, 1)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(128, "relu")]
        return compiled(keras.Sequential([*net, layers.Dropout(0.5), layers.Dense(10)]), keras.optimizers.Adam(1e-3))

    return {"cnn": (cnn(0.25, 0.5), 8), "no_dropout": (cnn(0.0, 0.0), 8), "mlp": (mlp, 8)}


def mnist(folder: Path) -> dict[str, tuple[Compiled, int]]:
    """Return the variants of `mnist_fast`, augmented by Keras's layer, with their epochs."""

    def reference(_: int) -> keras.Model:
        return compiled(demo_net((28, 28, 1), 0.25, 0.5), keras.optimizers.Adadelta(1.0))

    def one_cycle(steps: int) -> keras.Model:
        rate = keras.optimizers.schedules.CosineDecay(1e-4, 2 * steps, warmup_target=3e-3, warmup_steps=steps)
        shift = layers.RandomTranslation(1 / 28, 1 / 28, fill_mode="constant")
        network = demo_net((28, 28, 1), 0.1, 0.3, shift, normalised=True)
        return compiled(network, keras.optimizers.AdamW(rate, weight_decay=1e-2), label_smoothing=0.1)

    return {"adadelta_12": (reference, 12), "one_cycle_3": (one_cycle, 3)}


def photographs(folder: Path) -> dict[str, tuple[Compiled, int]]:
    """Return heads behind a frozen network, as Keras's guide to transfer learning has them, with their epochs."""

    def head(dropout: float, *hidden: layers.Layer) -> Compiled:
        def build(_: int) -> keras.Model:
            base = keras.models.load_model(folder / BACKBONE, compile=False)
            base.trainable = False
            inputs = keras.Input(base.input_shape[1:])
            x = layers.GlobalAveragePooling2D()(base(inputs, training=False))
            for layer in hidden:
                x = layers.Dropout(dropout)(x)
                x = type(layer).from_config(layer.get_config())(x)
            x = layers.Dropout(dropout)(x)
            return compiled(keras.Model(inputs, layers.Dense(2)(x)), keras.optimizers.Adam(1e-3))

        return build

    return {"linear": (head(0.2), 10), "dropout": (head(0.5), 10), "hidden": (head(0.2, layers.Dense(64, "relu")), 10)}


QUESTIONS = {"digits": digits, "mnist": mnist, "photographs": photographs}


def demo_net(
    shape: tuple[int, int, int],
    dropout: float,
    dense_dropout: float,
    augmentation: layers.Layer | None = None,
    normalised: bool = False,
) -> keras.Model:
    """Return the network of Keras's MNIST demo."""
    return keras.Sequential(
        [
            keras.Input(shape),
            *([augmentation] if augmentation else []),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            *([layers.BatchNormalization()] if normalised else []),
            layers.Dropout(dropout),
            layers.Flatten(),
            layers.Dense(128, "relu"),
            layers.Dropout(dense_dropout),
            layers.Dense(10),
        ]
    )


def compiled(model: keras.Model, optimizer: Any, label_smoothing: float = 0.0) -> keras.Model:
    """Return the model, compiled."""
    model.compile(optimizer, LOSS(from_logits=True, label_smoothing=label_smoothing), metrics=["accuracy"])
    return model


def main(question: str, folder: Path) -> None:
    """Train every variant with every seed, and print what the test images say."""
    with np.load(folder / f"{question}.npz") as stored:
        data = dict(stored)
    classes = int(data["labels"].max()) + 1
    images, one_hot = data["images"].astype(np.float32), np.eye(classes, dtype=np.float32)
    test = data["test_images"].astype(np.float32), one_hot[data["test_labels"]]
    batch_size, seeds = int(data["batch_size"]), int(data["seeds"])
    found: dict[str, list[float]] = {}
    began, cpu_before = time.perf_counter(), time.process_time()
    for seed in range(1, seeds + 1):
        train, validation = (
            (images[chosen], one_hot[data["labels"][chosen]])
            for chosen in (data[f"train_{seed}"], data[f"validation_{seed}"])
        )
        for variant, (build, epochs) in QUESTIONS[question](folder).items():
            keras.utils.set_random_seed(seed)
            model = build(-(-len(train[0]) // batch_size))
            model.fit(*train, batch_size=batch_size, epochs=epochs, validation_data=validation, verbose=0)
            found.setdefault(variant, []).append(model.evaluate(*test, batch_size=batch_size, verbose=0)[1])
    first = next(iter(found))
    p = {v: float(stats.ttest_rel(found[first], a).pvalue) for v, a in found.items() if v != first} if seeds > 1 else {}
    taken = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu_before}
    print(json.dumps({"accuracies": found, "p": p, **taken}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

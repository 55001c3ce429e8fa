"""What each hand-derived layer costs beside Keras's own: one pass forward and backward, in a graph.

    python benchmarks/layers.py [--quick] [--threads 1] [--turns 60] [--fused] [--only conv2d lstm]

Both sides have the same weights and input and get the same output gradient; they run in turn, as a graph, with the
deterministic kernels that the suite trains with. Times are the processor's, of all threads together: other work on the
machine disturbs those least. A row says the median of the ratios of these turns with its 95 % interval, and how long
the first call took, which traces the graph. Above `ALLOWED` a ratio is marked if its interval is, too. The final ratio
is the largest. `--fused` makes ours with `fused=True` where they take it.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import Ratio, json_line, paired_ratio
from keras_suite.experiments.training import runtime

ALLOWED = 1.05
WARM_UP = 3
QUICK = ("conv2d", "depthwise", "attention", "elu")


@dataclass(frozen=True)
class Pair:
    """A layer of ours and Keras's, and the shape of the input with its batch."""

    ours: Callable[..., Any]
    keras: Callable[..., Any]
    shape: tuple[int, ...]
    options: dict[str, Any]

    def layers(self, fused: bool) -> tuple[Any, Any]:
        """Return a new layer of either side."""
        kinds = self.ours.__mro__ if isinstance(self.ours, type) else ()
        asked = {"fused": True} if fused and any("fused" in vars(kind).get("arguments", ()) for kind in kinds) else {}
        return self.ours(**self.options, **asked), self.keras(**self.options)


@dataclass(frozen=True)
class Row:
    """What was measured of a pair: seconds of each turn, and of the first call."""

    name: str
    ours: list[float]
    theirs: list[float]
    first: tuple[float, float]

    @property
    def ratio(self) -> Ratio:
        """The paired ratio."""
        return paired_ratio(self.ours, self.theirs)


def pairs() -> dict[str, Pair]:
    """Return every hand-derived layer that has a twin in Keras, by name."""
    from keras import layers

    from keras_suite.models.layers import attention, convolution, core, normalization, pooling, recurrent
    from keras_suite.models.layers import separable_convolution as separable
    from keras_suite.models.layers.manual_layer import ACTIVATIONS

    def pair(ours: Any, theirs: Any, *shape: int, **options: Any) -> Pair:
        return Pair(ours, theirs, shape, options)

    conv, theirs = convolution.ManualConv2D, layers.Conv2D
    maps = (32, 32, 32, 16)
    window = {"pool_size": 2, "strides": 2}
    return {
        "dense": pair(core.ManualDense, layers.Dense, 256, 512, units=512),
        "dense_steps": pair(core.ManualDense, layers.Dense, 32, 50, 128, units=128),
        "conv1d": pair(convolution.ManualConv1D, layers.Conv1D, 32, 200, 32, filters=32, kernel_size=5),
        "conv2d": pair(conv, theirs, *maps, filters=16, kernel_size=3, padding="same"),
        "conv2d_valid": pair(conv, theirs, *maps, filters=16, kernel_size=3),
        "conv2d_1x1": pair(conv, theirs, *maps, filters=32, kernel_size=1),
        "conv2d_strided": pair(conv, theirs, 16, 56, 56, 32, filters=32, kernel_size=3, strides=2, padding="same"),
        "conv2d_dilated": pair(conv, theirs, *maps, filters=16, kernel_size=3, dilation_rate=2),
        "conv2d_grouped": pair(conv, theirs, *maps, filters=16, kernel_size=3, groups=4),
        "conv3d": pair(convolution.ManualConv3D, layers.Conv3D, 4, 8, 16, 16, 8, filters=8, kernel_size=3),
        "conv2d_transpose": pair(
            convolution.ManualConv2DTranspose,
            layers.Conv2DTranspose,
            *(32, 16, 16, 16),
            filters=16,
            kernel_size=3,
            strides=2,
            padding="same",
        ),
        "depthwise": pair(
            separable.ManualDepthwiseConv2D, layers.DepthwiseConv2D, *maps, kernel_size=3, padding="same"
        ),
        "depthwise_dilated": pair(
            separable.ManualDepthwiseConv2D, layers.DepthwiseConv2D, *maps, kernel_size=3, dilation_rate=2
        ),
        "separable": pair(
            separable.ManualSeparableConv2D, layers.SeparableConv2D, *maps, filters=32, kernel_size=3, padding="same"
        ),
        "max_pooling2d": pair(pooling.ManualMaxPooling2D, layers.MaxPooling2D, *maps, **window),
        "average_pooling2d": pair(pooling.ManualAveragePooling2D, layers.AveragePooling2D, *maps, **window),
        "global_average_pooling2d": pair(pooling.ManualGlobalAveragePooling2D, layers.GlobalAveragePooling2D, *maps),
        "global_max_pooling2d": pair(pooling.ManualGlobalMaxPooling2D, layers.GlobalMaxPooling2D, *maps),
        "up_sampling2d": pair(pooling.ManualUpSampling2D, layers.UpSampling2D, 32, 16, 16, 16, size=2),
        "batch_normalization": pair(normalization.ManualBatchNormalization, layers.BatchNormalization, *maps),
        "batch_normalization_dense": pair(normalization.ManualBatchNormalization, layers.BatchNormalization, 256, 1024),
        "layer_normalization": pair(normalization.ManualLayerNormalization, layers.LayerNormalization, 64, 64, 64),
        "attention": pair(
            _to_itself(attention.ManualMultiHeadAttention),
            _to_itself(layers.MultiHeadAttention),
            *(32, 64, 64),
            num_heads=4,
            key_dim=16,
        ),
        "dropout": pair(core.ManualDropout, layers.Dropout, *maps, rate=0.3),
        "lstm": pair(recurrent.ManualLSTM, layers.LSTM, 32, 20, 32, units=64),
        "lstm_sequence": pair(recurrent.ManualLSTM, layers.LSTM, 32, 100, 32, units=64, return_sequences=True),
        "flatten": pair(core.ManualFlatten, layers.Flatten, 64, 32, 32, 32),
        "add": pair(_to_both(core.ManualAdd), _to_both(layers.Add), *maps),
        **{
            name: pair(core.ManualActivation, layers.Activation, 64, 32, 32, 16, activation=name)
            for name in ACTIVATIONS
            if name != "softmax"
        },
        "softmax": pair(core.ManualActivation, layers.Activation, 4096, 100, activation="softmax"),
    }


def _to_itself(kind: Any) -> Callable[..., Any]:
    return _around(kind, lambda layer, x: layer(x, x))


def _to_both(kind: Any) -> Callable[..., Any]:
    return _around(kind, lambda layer, x: layer([x, x]))


def _around(kind: Any, call: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return what makes a layer that calls one of `kind` on its one input."""
    import keras

    class Around(keras.layers.Layer):
        def __init__(self, **options: Any) -> None:
            super().__init__()
            self.inner = kind(**options)

        def call(self, x: Any) -> Any:
            return call(self.inner, x)

    return Around


def main() -> int:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"few turns of {', '.join(QUICK)}")
    parser.add_argument("--threads", type=int, default=1, help="of TensorFlow")
    parser.add_argument("--turns", type=int, default=60, help="of each pair")
    parser.add_argument("--fused", action="store_true", help="ours with fused=True where they take it")
    parser.add_argument("--only", nargs="*", default=None, metavar="PAIR", help="leave out the others")
    arguments = parser.parse_args()
    runtime.start_tensorflow(arguments.threads)
    every = pairs()
    names = arguments.only or (QUICK if arguments.quick else tuple(every))
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"error: there is no pair {unknown[0]!r}: expected some of {', '.join(every)}", file=sys.stderr)
        return 2
    print(f"{'layer':<26}{'ms':>8}{'Keras':>8}{'ratio':>8}   {'95 % interval':<18}{'first call, s':>14}{'Keras':>8}")
    rows = []
    turns = 10 if arguments.quick else arguments.turns
    for row in measured({name: every[name] for name in names}, turns, arguments.fused):
        rows.append(row)
        print(line(row), flush=True)
    worst = max(rows, key=lambda row: row.ratio.median)
    ratio = worst.ratio
    above = [row.name for row in rows if row.ratio.low > ALLOWED]
    data = f"{len(rows)} pairs, random input, {arguments.threads} threads" + ", fused" * arguments.fused
    ours, theirs = statistics.median(worst.ours), statistics.median(worst.theirs)
    print(json_line("layers", ratio, ours, theirs, data, worst=worst.name, above=above))
    return 0


def line(row: Row) -> str:
    """Return a row of the table."""
    ratio = row.ratio
    ours, theirs = (1000 * statistics.median(each) for each in (row.ours, row.theirs))
    interval = f"{ratio.low:.3f} to {ratio.high:.3f}" + (" *" if ratio.low > ALLOWED else "")
    first = f"{row.first[0]:>14.2f}{row.first[1]:>8.2f}"
    return f"{row.name:<26}{ours:>8.2f}{theirs:>8.2f}{ratio.median:>8.3f}   {interval:<18}{first}"


def measured(of: dict[str, Pair], turns: int, fused: bool) -> Iterator[Row]:
    """Yield what each pair took; each side comes first in every other turn."""
    import numpy as np
    import tensorflow as tf

    for name, pair in of.items():
        x = tf.constant(np.random.default_rng(0).normal(size=pair.shape).astype(np.float32))
        steps, first, weights = [], [], None
        for layer in pair.layers(fused):
            y = layer(x)
            if layer.trainable_variables:
                weights = weights or layer.get_weights()
                layer.set_weights(weights)
            dy = tf.constant(np.random.default_rng(1).normal(size=y.shape).astype(np.float32))
            steps.append(_step(layer, x, dy))
            began = time.process_time()
            steps[-1]()
            first.append(time.process_time() - began)
        seconds: tuple[list[float], list[float]] = ([], [])
        for turn in range(WARM_UP + turns):
            for side in (0, 1) if turn % 2 else (1, 0):
                began = time.process_time()
                steps[side]()
                if turn >= WARM_UP:
                    seconds[side].append(time.process_time() - began)
        yield Row(name, *seconds, (first[0], first[1]))


def _step(layer: Any, x: Any, dy: Any) -> Callable[[], Any]:
    """Return a graph's pass forward and backward, to its end."""
    import tensorflow as tf

    variables = [variable.value for variable in layer.trainable_variables]

    @tf.function(autograph=False, jit_compile=False)
    def passes(x: Any, dy: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True) if "training" in layer._call_signature.parameters else layer(x)
        return [y, *tape.gradient(y, [x, *variables], dy)]

    return lambda: passes(x, dy)


if __name__ == "__main__":
    sys.exit(main())

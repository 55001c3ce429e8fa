"""Attention of several heads as a layer, and the learned embedding of positions that it is used with."""

import zlib
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, KernelLayer, ManualLayer, Step, serialized
from keras_suite.models.ops.attention import attention, position_embedding, projection
from keras_suite.models.ops.checks import check_positive, check_range
from keras_suite.models.ops.core import keep_mask

Shape = Sequence[int | None]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualProjection(KernelLayer):
    """A dense layer from the last `axes` axes of its input to axes of the sizes `units`: kernel (*inner, *units)."""

    arguments = ("units", "axes")
    passes_masks = True

    def __init__(self, units: Sequence[int], axes: int = 1, **kernel_layer: Any) -> None:
        super().__init__(**kernel_layer)
        self.units, self.axes = tuple(units), axes

    def shapes(self, input_shape: Shape) -> tuple[tuple[int, ...], tuple[int, ...]]:
        inner = tuple(input_shape[-self.axes :])
        if len(input_shape) <= self.axes or None in inner:
            raise ValueError(
                f"ManualProjection: the input has shape {tuple(input_shape)}: expected known sizes at its end"
            )
        return (*(int(size or 0) for size in inner), *self.units), self.units

    def op_step(self, kernel: Any, bias: Any) -> Step:
        return Step(projection, (kernel, bias), {"axes": self.axes})

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        return (*input_shape[: -self.axes], *self.units)


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMultiHeadAttention(keras.layers.Layer):
    """As keras.layers.MultiHeadAttention, over all axes between the batch and the features; called on (query, value).

    Masks of the inputs, `attention_mask`, `use_causal_mask` and `sliding_window` hide places together. A query that may
    see nothing takes the mean of all values. The scores, if asked for, pass no gradient on. Where `kernel_initializer`
    has a seed, each projection has its own, from that and its name.
    """

    arguments = (
        "num_heads",
        "key_dim",
        "value_dim",
        "dropout",
        "use_bias",
        "output_shape",
        "sliding_window",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "seed",
    )

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        *,
        sliding_window: int | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        seed: int | None = None,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        self.supports_masking = True
        name = type(self).__name__
        sizes = {"num_heads": num_heads, "key_dim": key_dim, "value_dim": value_dim, "sliding_window": sliding_window}
        for argument, size in sizes.items():
            if size is not None or argument in ("num_heads", "key_dim"):
                check_positive(name, argument, size)  # type: ignore[arg-type]
        check_range(name, "dropout", dropout, 0, 1)
        sequence = (output_shape,) if isinstance(output_shape, int) else output_shape
        if sequence is not None and not isinstance(sequence, list | tuple):
            raise ValueError(
                f"{name}: output_shape={output_shape!r} is not possible: expected a size, or a tuple of some"
            )
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim or key_dim
        self.dropout, self.use_bias, self.sliding_window, self.seed = dropout, use_bias, sliding_window, seed
        self._output_shape = None if sequence is None else tuple(sequence)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        if dropout:
            self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> None:
        output = self.compute_output_shape(query_shape, value_shape, key_shape)
        heads, of_values = (self.num_heads, self.key_dim), (self.num_heads, self.value_dim)
        self._query_dense = self._projection("query", heads, query_shape)
        self._key_dense = self._projection("key", heads, value_shape if key_shape is None else key_shape)
        self._value_dense = self._projection("value", of_values, value_shape)
        units = self._output_shape or (output[-1],)
        self._output_dense = self._projection("attention_output", units, (*query_shape[:-1], *of_values), axes=2)

    def _projection(self, name: str, units: Any, input_shape: Shape, axes: int = 1) -> ManualProjection:
        options = {
            key: getattr(self, key)
            for key in ("use_bias", "kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint")
        }
        for kind in ("kernel_initializer", "bias_initializer"):
            initializer = getattr(self, kind)
            config = initializer.get_config()
            if isinstance(config.get("seed"), int):
                config["seed"] = zlib.crc32(f"{config['seed']}/{name}".encode()) & 0x7FFFFFFF
            options[kind] = type(initializer).from_config(config)
        layer = ManualProjection(units, axes, name=name, dtype=self.dtype_policy, **options)
        layer.build(input_shape)
        return layer

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        key = value if key is None else key
        queries, keys, values = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        places = _count(queries), _count(keys)
        mask = self._mask(places, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        kept = None
        if training and self.dropout:
            shape = tf.stack([tf.shape(queries)[0], self.num_heads, *places])
            kept = keep_mask(shape, self.dropout, self.seed_generator.next(), values.dtype)
        y, scores = attention(queries, keys, values, mask, kept, rate=self.dropout if kept is not None else 0.0)
        output = self._output_dense(y)
        return (output, scores) if return_attention_scores else output

    def _mask(self, places: Any, of_query: Any, of_value: Any, of_key: Any, given: Any, causal: bool) -> Any:
        """Return what each query may see, to be broadcast to (batch, heads, queries, places); None if everything."""
        masks = []
        if of_query is not None:
            masks.append(_boolean(of_query)[:, None, :, None])
        masks += [_boolean(mask)[:, None, None, :] for mask in (of_value, of_key) if mask is not None]
        if given is not None:  # (T, S), (batch, T, S) or (batch, heads, T, S)
            mask = _boolean(given)
            masks.append({2: mask[None, None], 3: mask[:, None]}[mask.shape.rank] if mask.shape.rank < 4 else mask)
        if causal or self.sliding_window is not None:
            behind = tf.range(places[0])[:, None] - tf.range(places[1])[None]
            if causal:
                masks.append((behind >= 0)[None, None])
            if self.sliding_window is not None:
                masks.append((tf.abs(behind) < self.sliding_window)[None, None])
        seen = None
        for mask in masks:
            seen = mask if seen is None else tf.logical_and(seen, mask)
        return seen

    def compute_mask(self, query: Any, previous_mask: Any = None) -> Any:
        """Return the query's mask."""
        return previous_mask

    def compute_output_shape(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> Any:
        """Return the query's shape with the output's features for its own."""
        if key_shape is not None and tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(
                f"{type(self).__name__}: values of shape {tuple(value_shape)} and keys of {tuple(key_shape)}: expected "
                "the same places of both"
            )
        return (*query_shape[:-1], *(self._output_shape or query_shape[-1:]))

    def compute_output_spec(
        self, query: Any, value: Any, key: Any = None, return_attention_scores: bool = False, **masks: Any
    ) -> Any:
        """Return the output's shape and precision, and with them the scores'."""
        shape = self.compute_output_shape(query.shape, value.shape, None if key is None else key.shape)
        output = keras.KerasTensor(shape, dtype=self.compute_dtype)
        if not return_attention_scores:
            return output
        scores = (query.shape[0], self.num_heads, _known_count(query.shape), _known_count(value.shape))
        return output, keras.KerasTensor(scores, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        values = {name: getattr(self, "_output_shape" if name == "output_shape" else name) for name in self.arguments}
        return {**super().get_config(), **{name: serialized(name, value) for name, value in values.items()}}


def _count(projected: tf.Tensor) -> Any:
    """Return the number of places of (batch, *places, heads, size)."""
    return tf.reduce_prod(tf.shape(projected)[1:-2])


def _known_count(shape: Shape) -> int | None:
    """Return the number of places of (batch, *places, features), None if it is open."""
    count = 1
    for size in shape[1:-1]:
        if size is None:
            return None
        count *= size
    return count


def _boolean(mask: Any) -> tf.Tensor:
    return tf.cast(tf.convert_to_tensor(mask), tf.bool)


@keras.saving.register_keras_serializable(PACKAGE)
class ManualPositionEmbedding(ManualLayer):
    """A learned vector added at each place: (batch, *places, n), with an embedding (*places, n)."""

    arguments = ("embeddings_initializer",)

    def __init__(self, embeddings_initializer: Any = "uniform", **layer: Any) -> None:
        super().__init__(**layer)
        self.embeddings_initializer = keras.initializers.get(embeddings_initializer)

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) < 3 or None in input_shape[1:]:
            raise ValueError(
                f"ManualPositionEmbedding: the input has shape {tuple(input_shape)}: expected known places and features"
            )
        shape = tuple(input_shape[1:])
        self.embeddings = self.add_weight(name="embeddings", shape=shape, initializer=self.embeddings_initializer)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(position_embedding, (self.embeddings,))]

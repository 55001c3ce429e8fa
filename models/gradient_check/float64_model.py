"""A copy of any Keras model in float64, where difference quotients have digits to spare.

The model's description is rewritten, that of models inside models too, and built anew while float64 is Keras's default:
so layers compute in float64 whose description says nothing of a precision, and those that a subclassed model creates.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

FLOATS = ("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16")
EXACT = "float64"
AUGMENTATION = "Random"  # Keras's layers that begin so do not all run in float64


@contextlib.contextmanager
def float64_default() -> Iterator[None]:
    """Let float64 be Keras's default in this block: of layers that are created in it, and of numbers in their calls."""
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx(EXACT)
    keras.config.set_dtype_policy(EXACT)
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def in_float64(model: keras.Model) -> keras.Model:
    """Return the same model with float64 layers and the same weights; compute with it within `float64_default`.

    Raises:
        ValueError: If that cannot be built: a layer cannot be described, insists on its precision, or becomes another.
    """
    with float64_default():
        exact = keras.saving.deserialize_keras_object(widened(keras.saving.serialize_keras_object(model)))
    pairs = list(zip(model.variables, exact.variables, strict=False))
    if len(model.variables) != len(exact.variables) or any(old.shape != new.shape for old, new in pairs):
        raise ValueError(
            f"the copy has {len(exact.variables)} weights, the model {len(model.variables)}, or of other shapes"
        )
    narrow = [new.path for old, new in pairs if old.trainable and new.dtype != EXACT]
    if narrow:
        raise ValueError(f"{narrow[0]} stays in another precision")
    for old, new in pairs:
        new.assign(keras.ops.convert_to_numpy(old.value))
        new.trainable = old.trainable
    return exact


def widened(description: Any) -> Any:
    """Return a model's description with float64 in the place of every other floating precision."""
    if isinstance(description, list | tuple):
        return [widened(each) for each in description]
    if not isinstance(description, dict):
        return description
    if str(description.get("class_name")).startswith(AUGMENTATION):
        return description
    return {key: _of_key(key, value) for key, value in description.items() if key != "compile_config"}


def _of_key(key: str, value: Any) -> Any:
    if key != "dtype":
        return widened(value)
    name = value.get("config", {}).get("name") if isinstance(value, dict) else value
    return EXACT if name in FLOATS or isinstance(value, dict) else value

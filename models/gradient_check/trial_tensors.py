"""Tensors to try somebody's passes on: their shapes, if none are given, are those on which both passes run.

Rules, in this order:

1. The shapes are the first in `SHAPES` on which the forward pass runs and the backward pass returns gradients of the
   tensors' shapes; else the first on which the forward pass runs.
2. Before others come those in which tensors named `bias`, `b`, `beta`, `gamma`, `scale` or `shift` have one axis, or
   are columns, and another tensor has more; squares and vectors alone, in which slips can hide, come last.
3. Entries are distinct numbers around 0; above 0 where the result would not be finite (log, sqrt).
4. A tensor named `labels`, `y_true`, `targets` or `one_hot` holds classes: one-hot rows, whole numbers on one axis.
5. float64 tensors, else NumPy arrays, else float32 tensors.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.passes import CLASSES, KINDS, Numbers, Passes, first_of
from keras_suite.tasks.wording.shown import shown

Shape = tuple[int, ...]
LARGEST = 1_000_000  # entries of a tensor
WRONG_RANK = re.compile(r"must be (at (least|most) )?rank")
ONE_AXIS = ("bias", "b", "beta", "gamma", "scale", "shift")
SPREAD = 2.0  # the entries' largest size; exponentials and squashing functions of them keep their digits

X, IMAGES, SERIES, VOLUMES, SQUARE = (4, 5), (2, 5, 6, 3), (2, 6, 3), (2, 3, 4, 3, 2), (4, 4)
SHAPES: dict[int, tuple[tuple[Shape, ...], ...]] = {
    1: ((X,), (IMAGES,), (SERIES,), (VOLUMES,), (SQUARE,), ((5,),), ((),)),
    2: (
        (X, (5, 3)),
        (X, X),
        (X, (5,)),
        ((3, 4), X),
        (IMAGES, (3, 3, 3, 4)),
        (IMAGES, (3,)),
        (SERIES, (3, 3, 4)),
        (IMAGES, IMAGES),
        (SERIES, SERIES),
        ((5, 4), (3, 5)),
        (X, (4,)),
        (X, ()),
        ((5,), (5,)),
        (VOLUMES, (2, 2, 2, 2, 3)),
        ((4,), X),
        (SQUARE, SQUARE),
    ),
    3: (
        (X, (5, 3), (3,)),
        (X, (5,), (5,)),
        (X, X, X),
        (IMAGES, (3, 3, 3, 4), (4,)),
        (IMAGES, (3,), (3,)),
        (SERIES, (3, 3, 4), (4,)),
        (SERIES, SERIES, SERIES),
        ((5, 4), (3, 5), (3, 1)),
        ((3, 5), (5, 4), (3, 1)),
        ((3, 5), (3,), (5, 4)),
        (X, (5, 3), (4, 3)),
        (X, (5, 3), (3, 2)),
        (VOLUMES, (2, 2, 2, 2, 3), (3,)),
        (SQUARE, SQUARE, SQUARE),
    ),
    5: ((X, (5, 3), (3,), (3, 2), (2,)), (X, (5,), (5,), (5,), (5,)), (IMAGES, (3,), (3,), (3,), (3,))),
}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """On what passes are checked.

    Attributes:
        shapes: Of the tensors.
        numbers: In what numbers they are called.
        positive: Whether all entries are above 0.
        deduced: Whether nobody gave the shapes.
    """

    shapes: tuple[Shape, ...]
    numbers: Numbers
    positive: bool
    deduced: bool

    def arrays(self, parameters: Sequence[str], seed: int) -> list[np.ndarray]:
        """Return the tensors' values; the seed decides on them."""
        random = np.random.default_rng([seed, len(self.shapes)])
        classes = self.shapes[0][-1] if self.shapes[0] else 1
        return [
            _classes(shape, classes, random) if name in CLASSES else _spaced(shape, random, self.positive)
            for name, shape in zip(parameters, self.shapes, strict=True)
        ]


def deduced(passes: Passes) -> Trial:
    """Find shapes and numbers on which both passes run; see the rules above.

    Raises:
        ValueError: If there are none; one line says what was tried.
    """
    errors: list[Exception] = []
    for candidates in _by_hints(passes.parameters):
        half: Trial | None = None
        for numbers in KINDS:
            for shapes in candidates:
                trial, error = _of_shapes(passes, shapes, numbers, deduced=True)
                if trial is not None and error is None:
                    return trial
                errors += [error] if error is not None else []
                half = half or trial
        if half is not None:
            return half
    if len({str(error) for error in errors}) == 1:  # whatever the shapes
        raise errors[0]
    returned = next((error for error in errors if isinstance(error, ValueError) and error.__cause__ is None), None)
    if returned is not None:  # nothing was raised on these shapes, but what was returned is no result
        raise returned
    tried = [",".join(map(written, shapes)) for shapes in _candidates(len(passes.parameters))]
    raise ValueError(
        f"{passes.name}({', '.join(passes.parameters)}) runs on none of {len(tried)} choices of shapes "
        f"({' and '.join(tried[:3])} …): give them, as --shapes {tried[0]}; the first try said: {errors[0]}"
    )


def of_shapes(passes: Passes, shapes: Sequence[Shape]) -> Trial:
    """Find in what numbers the passes run on tensors of these shapes.

    Raises:
        ValueError: What the forward pass says in float64, if it runs in none.
    """
    half: Trial | None = None
    first_error: Exception | None = None
    for numbers in KINDS:
        trial, error = _of_shapes(passes, tuple(shapes), numbers, deduced=False)
        first_error = first_error or error
        if trial is not None and error is None:
            return trial
        half = half or trial
    if half is None:
        assert first_error is not None
        raise first_error
    return half


def parsed_shapes(text: str) -> tuple[Shape, ...]:
    """Return the shapes of "4x5x6x3,3x3x3x8"; "scalar" has no axes."""
    shapes = []
    for word in text.lower().replace(" ", "").split(","):
        sizes = [] if word == "scalar" else word.split("x")
        if not all(size.isdecimal() and 0 < int(size) <= LARGEST for size in sizes):
            raise ValueError(
                f"--shapes {shown(text)} is not possible: expected a shape for each tensor, for example "
                "4x5x6x3,3x3x3x8 (write scalar for a single number)"
            )
        shapes.append(tuple(map(int, sizes)))
    largest = max(shapes, key=math.prod)
    if math.prod(largest) > LARGEST:
        raise ValueError(f"--shapes {written(largest)} has {math.prod(largest):,} entries: give at most {LARGEST:,}")
    return tuple(shapes)


def written(shape: Sequence[int]) -> str:
    """Return a shape as --shapes takes it."""
    return "x".join(map(str, shape)) or "scalar"


def _candidates(count: int) -> list[tuple[Shape, ...]]:
    same: list[tuple[Shape, ...]] = [(X,) * count, (SERIES,) * count]
    return list(dict.fromkeys([*SHAPES.get(count, ()), *same]))


def _by_hints(parameters: Sequence[str]) -> Iterator[list[tuple[Shape, ...]]]:
    """Yield the shapes to try: first those that the parameters' names suggest, then the others."""

    def fits(shapes: tuple[Shape, ...]) -> bool:
        thin = (len(shape) < 2 or shape[-1] == 1 for shape in shapes)
        return all(is_thin for is_thin, name in zip(thin, parameters, strict=True) if name.lower() in ONE_AXIS)

    def hides(shapes: tuple[Shape, ...]) -> bool:
        return all(shape == SQUARE or len(shape) < 2 for shape in shapes)

    every = _candidates(len(parameters))
    plain = [shapes for shapes in every if not hides(shapes)]
    yield [shapes for shapes in plain if fits(shapes)]
    yield [shapes for shapes in plain if not fits(shapes)]
    yield [shapes for shapes in every if hides(shapes)]


def _of_shapes(
    passes: Passes, shapes: tuple[Shape, ...], numbers: Numbers, deduced: bool
) -> tuple[Trial | None, Exception | None]:
    """Return the trial if the forward pass runs on it, and what was wrong: of that, or of the backward pass."""
    trial, error = None, None
    for positive in (False, True):
        this = Trial(shapes, numbers, positive, deduced)
        try:
            finite, fits = _tried(passes, this)
        except Exception as raised:  # whatever the passes raise; through a boundary it is one line
            return trial, raised
        if not finite:
            trial, error = this, ValueError(f"{passes.name} returned NaN or infinite numbers")
            continue
        return this, None if fits else ValueError(f"{passes.name}: the gradients' shapes are not the tensors'")
    return trial, error


def _tried(passes: Passes, trial: Trial) -> tuple[bool, bool]:
    """Run the passes; return whether y is finite, and whether the backward pass gave the tensors' shapes."""
    tensors = [trial.numbers.of(array) for array in trial.arrays(passes.parameters, seed=0)]
    if not trial.numbers.arrays:
        _check_ranks(passes, tensors)
    result, cache = passes.forward(*tensors)
    y = first_of(result)
    if trial.numbers.arrays and not isinstance(y, np.ndarray | np.floating):
        raise TypeError("no NumPy array")
    values = np.asarray(y)
    if trial.numbers.dtype == "float64" and values.dtype == np.float32:
        raise TypeError(f"{passes.name} computes in float32 where it is given float64")
    try:
        gradients = passes.backward(trial.numbers.of(np.ones(values.shape)), cache)
        given = [None if gradient is None else np.shape(gradient) for gradient in gradients]
        fits = len(given) == len(trial.shapes) and all(g in (None, s) for g, s in zip(given, trial.shapes, strict=True))
    except Exception:
        fits = False
    return bool(np.isfinite(values).all()), fits


def _check_ranks(passes: Passes, tensors: Sequence[tf.Tensor]) -> None:
    """Raise what TensorFlow says of the tensors' ranks in a graph: some of its kernels end the process for it."""
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tensors]
    try:
        tf.function(lambda *inputs: passes.forward(*inputs)[0], autograph=False).get_concrete_function(*specs)
    except Exception as error:
        if WRONG_RANK.search(str(error)):
            raise


def _spaced(shape: Shape, random: np.random.Generator, positive: bool) -> np.ndarray:
    """Return a permutation of evenly spaced numbers within `SPREAD`, without 0: no two tie, none is near a kink."""
    count = max(int(np.prod(shape)), 1)
    step = min(0.1, 2 * SPREAD / count)
    grid = (np.arange(count) + 1.5) * step if positive else (np.arange(count) - count // 2 + 0.5) * step
    shifted = grid + random.uniform(-0.25, 0.25) * step
    return random.permutation(shifted).reshape(shape)


def _classes(shape: Shape, classes: int, random: np.random.Generator) -> np.ndarray:
    if len(shape) < 2:
        return random.integers(classes, size=shape)
    return np.eye(shape[-1])[random.integers(shape[-1], size=shape[:-1])]

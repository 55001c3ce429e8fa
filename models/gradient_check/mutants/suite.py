"""The suite of mutants: which functions they are of, and whether `check gradients` finds each.

A mutant is found when the check fails of an op that runs its function: the same comparisons on the same cases as
`check gradients` makes, those in float64 and in a graph in float32 first, then those of `--thorough`.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import FunctionType

from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.cases.corners import corners
from keras_suite.models.gradient_check.check import Case, Finding
from keras_suite.models.gradient_check.mutants.by_hand import by_hand_mutants
from keras_suite.models.gradient_check.mutants.mutant import OPS, Mutant, applied, mutants_of
from keras_suite.models.gradient_check.op_check import THOROUGH_GRAPHS, as_it_trains, drawn, in_float64, in_long_sums
from keras_suite.models.gradient_check.processes import Ended, results

CASES_OF_OP = 20  # as many as `check gradients` draws
PER_FUNCTION = 2  # of the slips of one function as many are taken, spread evenly over its source
CONVOLUTIONS = ("conv2d", "conv1d", "conv3d")
# The ops that run the functions of a module which are no op's own passes.
RUN_BY: dict[str, tuple[str, ...]] = {
    "activations": ("sigmoid", "tanh", "lstm_cell"),
    "attention": ("attention", "projection"),
    "batch_normalization": ("batch_normalization", "batch_normalization_inference", "masked_batch_normalization"),
    "conv_geometry": (*CONVOLUTIONS, "conv2d_transpose", "max_pooling2d"),
    "conv_primitives": (*CONVOLUTIONS, "conv2d_transpose"),
    "convolution": ("conv2d", "conv1d", "conv3d", "conv2d_transpose"),
    "core": (),
    "depthwise_convolution": ("depthwise_conv2d",),
    "elementary": (),
    "global_pooling": (),
    "layer_normalization": ("layer_normalization",),
    "locally_connected": ("locally_connected2d",),
    "losses": ("softmax_cross_entropy", "binary_cross_entropy", "mean_squared_error", "kl_divergence", "hinge"),
    "lstm": ("lstm_cell", "lstm"),
    "lstm_sequence": ("lstm",),
    "op": ("dense", "global_average_pooling2d", "softmax", "softmax_cross_entropy"),
    "pooling": ("max_pooling2d", "average_pooling2d"),
    "transposed_convolution": ("conv2d_transpose",),
    "upsampling": ("nearest_upsampling2d",),
    "windows": (*CONVOLUTIONS, "average_pooling2d", "locally_connected2d"),
}
# Functions that belong to no pass: sizes for layers and tables, checks of arguments, what only open sizes need.
BESIDE_PASSES = {
    "activations": ("_check",),
    "attention": ("_check_heads",),
    "elementary": ("_check_pair",),
    "layer_normalization": ("_checked",),
    "batch_normalization": ("_checked", "_check_per_channel"),
    "conv_geometry": ("per_axis", "output_sizes", "conv_parameters", "receptive_field", "_is_pair"),
    "conv_primitives": ("_tried", "adds_up", "differentiable"),
    "core": ("keep_mask",),
    "losses": ("_loss", "_checked"),
    "lstm": ("checked_weights",),
    "lstm_sequence": ("_checked",),
    "pooling": ("_with_nan",),
    "upsampling": ("_check_inside",),
    "windows": ("conv_matrix",),
}


@dataclass(frozen=True)
class Outcome:
    """How a mutant ended.

    Attributes:
        mutant: It.
        found_in: "default" or "thorough", the check that finds it; "" if none does.
        finding: The first comparison that failed.
        op: Whose.
    """

    mutant: Mutant
    found_in: str = ""
    finding: Finding | None = None
    op: str = ""

    @property
    def raised(self) -> bool:
        """Whether it was found because it does not run: no fault that could have gone unnoticed."""
        return self.finding is not None and ":" in self.finding.comparison


def all_mutants(per_function: int = PER_FUNCTION) -> list[Mutant]:
    """Return the suite: of each function's slips as many, evenly spread, and those that were written by hand."""
    found = by_hand_mutants()
    for module, function in passes():
        every = mutants_of(module, function)
        count = min(per_function, len(every))
        found += [every[number * len(every) // count] for number in range(count)]
    return list({(each.function, each.source): each for each in reversed(found)}.values())[::-1]


def passes() -> Iterator[tuple[str, str]]:
    """Yield module and name of every function that passes are made of."""
    for module in RUN_BY:
        contents = importlib.import_module(f"{OPS}.{module}")
        for name, value in vars(contents).items():
            function = inspect.unwrap(value) if callable(value) else value
            own = isinstance(function, FunctionType) and function.__module__ == contents.__name__
            if own and name not in BESIDE_PASSES.get(module, ()):
                yield module, name


def ops_of(mutant: Mutant) -> tuple[str, ...]:
    """Return the ops that run the mutant's function."""
    for end in ("_forward", "_backward"):
        if mutant.function.endswith(end) and mutant.function.removesuffix(end) in CASES:
            return (mutant.function.removesuffix(end),)
    return RUN_BY[mutant.module]


def outcome_of(mutant: Mutant) -> Outcome:
    """Check the ops that run a mutant's function, until a comparison fails."""
    with applied(mutant):
        for found_in, thorough in (("default", False), ("thorough", True)):
            for op in ops_of(mutant):
                finding = next((each for each in _findings(op, thorough) if not each.passed), None)
                if finding is not None:
                    return Outcome(mutant, found_in, finding, op)
    return Outcome(mutant)


def outcomes(mutants: Sequence[Mutant], processes: int, start: Callable[[], None]) -> Iterator[Outcome]:
    """Yield how each mutant ends, in the order given; the processes are those of `processes.results`."""
    for mutant, ended in zip(mutants, results(outcome_of, mutants, processes, start), strict=True):
        if isinstance(ended, Ended):
            yield Outcome(mutant, "default", Finding(f"process: {ended.reason}", None, float("inf")), ops_of(mutant)[0])
        else:
            yield ended


def _findings(op: str, thorough: bool) -> Iterator[Finding]:
    """Yield what `check gradients` compares of an op, the quickest first."""
    cases = [*enumerate(corners(op)), *enumerate(drawn(op, CASES_OF_OP))]
    if thorough:
        yield from in_long_sums(op)
        for number, case in cases:
            if number < THOROUGH_GRAPHS:
                yield from as_it_trains(case, number, thorough)
        return
    for number, case in cases:
        quick = replace(case, differences=False, linear_in=()) if isinstance(case, Case) else case
        yield from in_float64(quick, number)
    for number, case in cases:
        yield from as_it_trains(case, number, thorough)
    for number, case in cases:
        yield from in_float64(case, number)

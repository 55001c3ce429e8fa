"""Verdicts on arrays of scores, for a notebook: no run directory, no TensorFlow.

from keras_suite.reports.statistics import compare_scores

print(compare_scores({"plain": plain, "dropout": dropout}, margin=0.002))   # one score a seed, the same seeds in order
"""

import math
import numbers
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_suite.reports.statistics.image_noise import image_noise
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import Comparison, compare
from keras_suite.tasks.wording.quantities import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verdicts:
    """The comparisons of all variants with a baseline, by name; printed, a line for each."""

    baseline: str
    comparisons: Mapping[str, Comparison]

    @property
    def table(self) -> "pd.DataFrame":
        """A row for each variant: verdict, difference, interval, p over all comparisons and looks, seeds."""
        import pandas as pd

        rows = [
            {
                "variant": name,
                "verdict": each.word,
                "difference": each.mean,
                "low": each.interval.low if each.interval else None,
                "high": each.interval.high if each.interval else None,
                "p": each.p_holm,
                "seeds": each.n,
                "seeds_needed": each.seeds_needed,
            }
            for name, each in self.comparisons.items()
        ]
        return pd.DataFrame(rows).set_index("variant")

    def __str__(self) -> str:
        return "\n".join(self._line(name, each) for name, each in self.comparisons.items())

    def _repr_html_(self) -> str:
        return str(self.table.to_html())

    def _line(self, name: str, each: Comparison) -> str:
        words = {
            "better": f"{name!r} is better than {self.baseline!r}",
            "worse": f"{name!r} is worse than {self.baseline!r}",
            "equivalent": f"{name!r} and {self.baseline!r} differ by less than {each.margin:g}",
            "same runs": f"{name!r} and {self.baseline!r} have the same scores, image by image",
        }
        said = words.get(each.word, f"{name!r} against {self.baseline!r}: {each.word}")
        numbers = [f"{each.mean:+.4g}"]
        if each.interval is not None:
            numbers.append(f"95 % interval {each.interval.low:.4g} to {each.interval.high:.4g}")
        needed = f"; about {each.seeds_needed:,} seeds would decide" if each.seeds_needed else ""
        notes = "".join(f"; {note}" for note in each.notes)
        return f"{said} ({', '.join(numbers)}, {counted(each.n, 'paired seed')}{needed}){notes}"


def compare_scores(
    scores: Any,
    *,
    baseline: str | int | None = None,
    margin: float = 0.0,
    higher_is_better: bool = True,
    looks: Sequence[int] = (),
) -> Verdicts:
    """Compare variants with a baseline; every probability of error is 5 % over all comparisons, looks, seeds, images.

    Args:
        scores: By the variant's name its scores, (seeds,), or (seeds, images) where those of single test images are
            known: bool for right or wrong, else float. All variants have the same seeds, in the same order; what has a
            pandas index has the same one. A DataFrame has a column for each variant. An array, (seeds, variants) or
            (seeds, variants, images), names them "0", "1", ...
        baseline: The name of the variant that the others are compared with; by default the first.
        margin: The largest difference that does not matter; without one, nothing is equivalent.
        higher_is_better: The direction of the scores.
        looks: The numbers of seeds at which these scores were looked at before, each time the first so many.

    Raises:
        ValueError: For fewer than two variants, unpaired scores, other test images, or scores that are no numbers.
    """
    by_name = _by_name(scores)
    _check_seeds(by_name)
    arrays = {name: _array(values, f"of {name!r} ") for name, values in by_name.items()}
    if len(arrays) < 2:
        raise ValueError(f"there is nothing to compare: expected two variants or more, found {len(arrays)}")
    first = next(iter(arrays)) if baseline is None else str(baseline)
    if first not in arrays:
        raise ValueError(f"baseline={first!r} is none of the variants: {', '.join(map(repr, arrays))}")
    if isinstance(margin, bool) or not isinstance(margin, numbers.Real) or not 0 <= margin < math.inf:
        raise ValueError(f"margin={margin!r} is not possible: give a number from 0 up, in the unit of the scores")
    for name, values in arrays.items():
        _check(name, values, first, arrays[first])
    _check_looks(looks, len(arrays[first]))
    others = [name for name in arrays if name != first]
    pairings = [_pairing(arrays[name], arrays[first], margin, looks, higher_is_better) for name in others]
    return Verdicts(first, dict(zip(others, compare(pairings, higher_is_better), strict=True)))


def _by_name(scores: Any) -> dict[str, Any]:
    """Return the scores by the variants' names as text."""
    if not hasattr(scores, "items"):
        array = _array(scores)
        if array.ndim not in (2, 3):
            raise ValueError(
                f"the scores have the shape {array.shape}: expected (seeds, variants) or (seeds, variants, images), or "
                "by the variant's name its scores, {'plain': [...], 'dropout': [...]}"
            )
        return {str(k): array[:, k] for k in range(array.shape[1])}
    named = [(str(name), values) for name, values in scores.items()]
    doubled = sorted(name for name, count in Counter(name for name, _ in named).items() if count > 1)
    if doubled:
        raise ValueError(f"two variants are named {doubled[0]!r}: give each a name of its own")
    return dict(named)


def _array(values: Any, whose: str = "") -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # of NumPy's, about its own sequences
        raise ValueError(
            f"the scores {whose}have rows of different lengths: give each seed the same number of scores"
        ) from None


def _check_seeds(scores: Mapping[str, Any]) -> None:
    """Raise ValueError if pandas' labels say that two variants are not of the same seeds, or test images."""
    for axis, of, mend in (
        ("index", "seeds", "reindex(index=...)"),
        ("columns", "test images", "reindex(columns=...)"),
    ):
        labelled = [(name, getattr(values, axis)) for name, values in scores.items() if hasattr(values, axis)]
        labelled = [(name, labels) for name, labels in labelled if hasattr(labels, "equals")]  # a list has .index()
        for name, labels in labelled[1:]:
            of_first, first = labelled[0]
            if not labels.equals(first):
                raise ValueError(
                    f"the scores of {name!r} have not the {axis} of those of {of_first!r}: {_shown(labels)} against "
                    f"{_shown(first)}: give both for the same {of} in the same order, for example with .{mend}, or as "
                    ".to_numpy() if they are paired as they are"
                )


def _shown(index: "pd.Index") -> str:
    return f"[{', '.join(map(str, index[:4]))}{', ...' if len(index) > 4 else ''}]"


def _check_looks(looks: Sequence[int], seeds: int) -> None:
    for look in looks:
        if isinstance(look, bool) or not isinstance(look, int | np.integer) or not 1 <= look <= seeds:
            raise ValueError(
                f"looks={list(looks)} is not possible: give the numbers of seeds at which these {seeds} were looked at "
                f"before, whole numbers from 1 to {seeds}"
            )


def _check(name: str, values: np.ndarray, baseline: str, of_baseline: np.ndarray) -> None:
    if values.ndim not in (1, 2) or values.dtype.kind not in "buif" or not values.size:
        raise ValueError(
            f"the scores of {name!r} are {values.dtype} of shape {values.shape}: expected numbers, (seeds,) or "
            "(seeds, images)"
        )
    if values.shape != of_baseline.shape:
        raise ValueError(
            f"the scores of {name!r} have the shape {values.shape}, those of {baseline!r} {of_baseline.shape}: give "
            "both for the same seeds, and the same test images, in the same order"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"a score of {name!r} is no number (NaN or infinite): leave its seed out of all variants")


def _pairing(
    variant: np.ndarray, other: np.ndarray, margin: float, looks: Sequence[int], higher_is_better: bool
) -> Pairing:
    earlier = [look for look in sorted(set(looks)) if 0 < look < len(variant)]
    before = [
        _at_one_look(variant[:look], other[:look], margin, earlier[:place], higher_is_better)
        for place, look in enumerate(earlier)
    ]
    return replace(_at_one_look(variant, other, margin, looks, higher_is_better), before=before)


def _at_one_look(
    variant: np.ndarray, other: np.ndarray, margin: float, looks: Sequence[int], higher_is_better: bool
) -> Pairing:
    if variant.ndim == 1:
        return Pairing(variant, other, margin, earlier=looks)
    images = image_noise(variant, other, higher_is_better)
    same = bool(np.array_equal(variant, other))
    return Pairing(variant.mean(axis=1), other.mean(axis=1), margin, images=images, earlier=looks, same=same)

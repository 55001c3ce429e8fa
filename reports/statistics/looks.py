"""Verdicts that hold however often one looks: how much of the error rate each look may spend. Pure functions.

Whoever looks at 4, 6, 8 ... 20 seeds with a test at 5 % each time sees a difference that is not there in 15 of 100
experiments. Here the 5 % are spent over the looks (Lan and DeMets, 1983): at each look so much of it that all looks so
far together come to `spent_share`, and the boundary of the present look follows from the joint distribution of the
test statistics at all of them, by Armitage, McPherson and Rowe's recursive integration (1969).

The distribution is that of normal means; its levels are then used for Student's t and for the sign-flip test (Jennison
and Turnbull's "significance level approach", 2000, chapter 4.4). docs/statistics.md has what simulations say of it.
"""

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np

FIRST_LOOK = 0.64  # of the error rate, however many replicates that is: the least with which six same signs decide
HORIZON = 48  # replicates by which nearly all of the rest is spent, evenly: few experiments are brought further
BY_HORIZON = 0.9


def spent_share(n: int, first: int) -> float:
    """Return the share of the error rate that may be spent up to `n` replicates if the first look was at `first`."""
    if n <= first:
        return FIRST_LOOK
    if first >= HORIZON:
        later = 1 - first / n
    elif n <= HORIZON:
        later = BY_HORIZON * (n - first) / (HORIZON - first)
    else:
        later = 1 - (1 - BY_HORIZON) * HORIZON / n
    return FIRST_LOOK + (1 - FIRST_LOOK) * later


def nominal_level(looks: Sequence[int], level: float) -> float:
    """Return the two-sided level of the present look's test, with which all looks so far are wrong in `level` at most.

    Args:
        looks: The numbers of replicates at which the verdict was looked at, ascending, each once; the present one last.
        level: The error rate over all looks, 0 to 1; for a one-sided test, twice its rate.
    """
    return _nominal_levels(_checked(looks), float(level))[-1]


def p_over_looks(p: float, looks: Sequence[int]) -> float:
    """Return the p over all looks: the smallest error rate with which the present look's test would reject.

    Args:
        p: The two-sided p of a test on all replicates as if it were the only look.
        looks: See `nominal_level`.

    Returns:
        `p` / FIRST_LOOK at the first look; never more than 1.
    """
    from scipy.optimize import brentq

    checked = _checked(looks)
    if len(checked) == 1 or p <= 0:
        return min(p / FIRST_LOOK, 1.0)
    if not p < _nominal_levels(checked, 1.0)[-1]:
        return 1.0

    def too_much(log_level: float) -> float:
        return _log(_nominal_levels(checked, math.exp(log_level))[-1]) - math.log(p)

    lowest = math.log(p)
    return float(math.exp(brentq(too_much, lowest, 0.0, xtol=1e-6))) if too_much(lowest) < 0 else float(p)


def _log(level: float) -> float:
    return math.log(max(level, 1e-300))


def _checked(looks: Sequence[int]) -> tuple[int, ...]:
    counts = tuple(int(n) for n in looks)
    if not counts or counts[0] < 1 or any(later <= earlier for earlier, later in itertools.pairwise(counts)):
        raise ValueError(
            f"looks={list(looks)} is not possible: give the numbers of replicates at which the verdict was looked at, "
            "from 1 up, each once and ascending"
        )
    return counts


@functools.lru_cache(maxsize=4096)
def _nominal_levels(looks: tuple[int, ...], level: float) -> tuple[float, ...]:
    """Return the nominal level of each look.

    The density of the statistic z at a look, over the experiments that have not been decided before, is kept at the
    nodes of a Gauss-Legendre rule between the boundaries; that of the next look is its integral with the normal
    density of what the replicates between the two add.
    """
    from scipy.stats import norm

    levels: list[float] = []
    nodes, mass = np.zeros(1), np.ones(1)  # before the first replicate: the sum is 0
    before, spent = 0, 0.0
    for place, n in enumerate(looks):
        share = spent_share(n, looks[0]) * level
        boundary = _boundary(nodes, mass, before, n, share - spent)
        levels.append(float(2 * norm.sf(boundary)))
        spent = share
        if place < len(looks) - 1:
            nodes, mass = _continued(nodes, mass, before, n, boundary)
            before = n
    return tuple(levels)


def _boundary(nodes: np.ndarray, mass: np.ndarray, before: int, n: int, rate: float) -> float:
    """Return the |z| at `n` beyond which lies `rate` of what has not been decided at `before`; infinite for 0."""
    from scipy.optimize import brentq

    if rate <= 0:
        return math.inf
    reach = 12.0

    def excess(boundary: float) -> float:
        return _beyond(nodes, mass, before, n, boundary) - rate

    if excess(0.0) <= 0:
        return 0.0
    return math.inf if excess(reach) > 0 else float(brentq(excess, 0.0, reach, xtol=1e-10))


def _beyond(nodes: np.ndarray, mass: np.ndarray, before: int, n: int, boundary: float) -> float:
    from scipy.special import ndtr

    mean, sd = nodes * math.sqrt(before / n), math.sqrt((n - before) / n)
    return float(mass @ (ndtr((mean - boundary) / sd) + ndtr((-boundary - mean) / sd)))


def _continued(
    nodes: np.ndarray, mass: np.ndarray, before: int, n: int, boundary: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes at `n` between the boundaries, and the probability at each of being there undecided."""
    mean, sd = nodes * math.sqrt(before / n), math.sqrt((n - before) / n)
    reach = min(boundary, 9.0)
    points, weights = _rule(next((size for size in _RULES if size >= 10 * reach / sd), _RULES[-1]))
    at = points * reach
    apart = (at[:, None] - mean) / sd
    density = np.exp(-0.5 * apart * apart) @ mass / (sd * math.sqrt(2 * math.pi))
    return at, weights * reach * density


_RULES = (48, 64, 96, 128, 192, 256, 400)  # nodes: few sizes, as to find the nodes takes longer than to use them


@functools.lru_cache(maxsize=len(_RULES))
def _rule(count: int) -> tuple[np.ndarray, np.ndarray]:
    points, weights = np.polynomial.legendre.leggauss(count)
    return points, weights

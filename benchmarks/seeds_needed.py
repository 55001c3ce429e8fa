"""How many runs does an answer take: `run --until-decided` against a fixed number of seeds, and against AdaStop.

The differences are those of experiments of the catalog: recorded ones of 48 seeds where benchmarks/recorded has them,
else normal ones with the mean and the scatter that the experiment's docstring reports. All three get the same scores.

- 48 fixed seeds, one look: what a careful user would do.
- The fixed number of seeds that decides as often as the suite does with 48 at most.
- AdaStop (Mathieu et al., 2023; on the package index), the published method: a group-sequential permutation test of
  two samples, 6 seeds a look and 8 looks at most. It knows better and worse, no equivalence.
"""

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import json_line, paired_ratio
from benchmarks.sequential import BETTER, EQUIVALENT, OPEN, WORSE, decide
from keras_suite.experiments.commands.until_decided import next_look
from keras_suite.reports.statistics.planning import fewest_seeds

MOST = 48
MARGIN = 0.2  # percentage points
RECORDED = Path(__file__).parent / "recorded" / "seeds.json"


@dataclass(frozen=True)
class Case:
    """A comparison of the catalog: its mean difference in points, and the interval that its docstring reports of it.

    `pairs` comparisons shared 5 %, so the interval is at 1 - 0.05 / pairs; `n` paired seeds.
    """

    name: str
    mean: float
    low: float
    high: float
    pairs: int
    n: int

    @property
    def sd(self) -> float:
        """The standard deviation of the paired differences."""
        from scipy import stats

        return (self.high - self.low) / 2 * math.sqrt(self.n) / float(stats.t.isf(0.025 / self.pairs, self.n - 1))


CASES = (
    Case("cifar10_activations: elu", 4.49, 2.98, 6.01, 5, 8),
    Case("downsampling: average", -3.17, -4.68, -1.65, 3, 8),
    Case("downsampling: none", 1.26, -0.57, 3.10, 3, 8),
    Case("initializers: glorot", -3.17, -5.71, -0.63, 4, 8),
    Case("padding: reflect", -0.47, -1.59, 0.66, 3, 8),
    Case("padding: edge", 0.48, -0.46, 1.42, 3, 8),
    Case("moving_digits: 3d_longer", -0.81, -3.12, 1.50, 2, 8),
    Case("kernel_stacks: two_3x3", 1.96, 0.43, 3.49, 4, 8),
    Case("optimizers: rmsprop", 2.92, -0.74, 6.59, 6, 8),
    Case("regularization: l1_0.0001", 0.18, 0.04, 0.33, 8, 9),
    Case("learning_curve: augmented_4000", -0.50, -0.74, -0.26, 3, 7),
    Case("mnist_fast: one_cycle_3", 0.23, 0.15, 0.31, 1, 6),
)


def schedule(first: int | None = None, most: int = MOST) -> list[int]:
    """Return the looks of `run --until-decided` for one comparison."""
    looks = [first or fewest_seeds(1)]
    while looks[-1] < most:
        looks.append(next_look(looks[-1], most))
    return looks


def equal_power(differences: np.ndarray, decided: float) -> int:
    """Return the fewest seeds with which one look decides as many of the experiments; `MOST` if none does."""
    low, high = 5, differences.shape[1]
    if decide(differences, [high], MARGIN, spend=False).rate(BETTER, WORSE, EQUIVALENT) < decided:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        enough = decide(differences, [middle], MARGIN, spend=False).rate(BETTER, WORSE, EQUIVALENT) >= decided
        low, high = (low, middle) if enough else (middle, high)
    return high


def adastop(variant: np.ndarray, other: np.ndarray, patterns: int) -> tuple[int, str]:
    """Return the seeds that AdaStop takes of each variant (seeds,), and its decision."""
    from adastop import MultipleAgentsComparator

    comparator = MultipleAgentsComparator(n=6, K=MOST // 6, B=patterns, alpha=0.05, seed=0)
    n = 0
    while not comparator.is_finished and n < MOST:
        n += 6
        comparator.partial_compare({"variant": variant[:n], "other": other[:n]}, verbose=False)
    return n, next(iter(comparator.decisions.values()))


def recorded() -> dict[str, np.ndarray]:
    """Return recorded scores in percent, (2, seeds): variant and other, by the name of the comparison."""
    return {name: np.array(scores) for name, scores in json.loads(RECORDED.read_text()).items()}


def experiments(case: Case, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores (count, seeds) of the variant and of the other one, with the mean and scatter of the case."""
    random = np.random.default_rng([seed, CASES.index(case)])
    each = case.sd / math.sqrt(2)
    return random.normal(case.mean, each, (count, MOST)), random.normal(0, each, (count, MOST))


def shuffled(scores: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return recorded scores (2, seeds) in `count` other orders of the seeds, for both variants the same."""
    random = np.random.default_rng(seed)
    orders = np.stack([random.permutation(scores.shape[1]) for _ in range(count)])
    return scores[0][orders], scores[1][orders]


def main() -> None:
    """Print the table and the JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer simulated experiments")
    quick = parser.parse_args().quick
    count, of_adastop, patterns = (100, 4, 100) if quick else (500, 60, 1_000)
    sources = {case.name: experiments(case, count, 0) for case in CASES}
    sources |= {f"{name}, recorded": shuffled(scores, count, 1) for name, scores in recorded().items()}
    looks = schedule()
    print(f"looks at {', '.join(map(str, looks))} seeds; {count:,} experiments of each row, AdaStop {of_adastop}\n")
    print(f"{'comparison':38}  seeds  decided  equal power  AdaStop  its decided")
    ours, fixed, theirs, ours_there = [], [], [], []
    for name, (variant, other) in sources.items():
        found = decide(variant - other, looks, MARGIN)
        power = 1 - found.rate(OPEN)
        equal = equal_power(variant - other, power)
        ada = [adastop(variant[k], other[k], patterns) for k in range(of_adastop)]
        ours.append(float(found.seeds.mean()))
        fixed.append(equal)
        theirs.append(float(np.mean([n for n, _ in ada])))
        ours_there.append(float(found.seeds[:of_adastop].mean()))
        told = np.mean([decision in ("larger", "smaller") for _, decision in ada])
        print(f"{name:38}  {ours[-1]:5.1f}  {power:7.3f}  {equal:11d}  {theirs[-1]:7.1f}  {told:11.2f}", flush=True)
    nothing = np.random.default_rng(2).normal(0, 1, (1_000 if quick else 20_000, MOST))
    false = decide(nothing, looks, 0.0)
    print(f"\nwithout a true difference: {100 * false.rate(BETTER, WORSE):.2f} % false in {len(nothing):,}")
    data = f"{len(sources)} comparisons of the catalog"
    for against, side, mine in (
        ("48 fixed seeds", [float(MOST)] * len(ours), ours),
        ("fixed seeds of equal power", [float(n) for n in fixed], ours),
        ("adastop", theirs, ours_there),
    ):
        ratio = paired_ratio(mine, side)
        total = sum(mine) / sum(side)
        print(json_line("seeds_needed", ratio, sum(mine), sum(side), data, against=against, of_all=round(total, 3)))


if __name__ == "__main__":
    main()

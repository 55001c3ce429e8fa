"""How often are verdicts wrong in the ways people use them: the rules of before, and those of now.

Each row simulates experiments and counts what should not happen. The rules of before gave each look the whole 5 %, and
took the verdict of the seeds for that of the test images, too.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.sequential import BETTER, EQUIVALENT, WORSE, decide
from keras_suite.reports.statistics.arrays import compare_scores
from keras_suite.reports.statistics.image_noise import image_noise, share_interval
from keras_suite.reports.statistics.intervals import ALPHA, holm, sign_flip_p, t_interval
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.planning import plan, seeds_for
from keras_suite.reports.statistics.verdicts import compare
from keras_suite.reports.sweep.optimism import Confirmed, optimism

PEEKS = tuple(range(4, 21, 2))
GOING_ON = (8, 11, 15, 20, 27, 36, 48, 64, 85, 100)
MARGIN = 0.2


@dataclass(frozen=True)
class Row:
    """What is counted, in how many experiments, and how often it happened before and now."""

    what: str
    of: int
    before: int
    now: int

    def line(self) -> str:
        """Return the row with Clopper-Pearson intervals, in percent."""
        return f"{self.what:66} {_percent(self.before, self.of)}   {_percent(self.now, self.of)}   {self.of:,}"


def _percent(count: int, of: int) -> str:
    from scipy import stats

    interval = stats.binomtest(count, of).proportion_ci(0.95)
    return f"{100 * count / of:5.1f} ({100 * interval.low:4.1f} to {100 * interval.high:4.1f})"


def looking(random: np.random.Generator, of: int) -> list[Row]:
    """Return what looking again and again does to experiments without a true difference, and to such at the margin."""
    nothing = random.normal(0, 1, (of, max(GOING_ON)))
    at_margin = random.normal(MARGIN, 0.25 * MARGIN, (of, max(GOING_ON)))
    rows = []
    for name, looks in (("4, 6, 8 ... 20 seeds", PEEKS), ("until decided, or 100 seeds", GOING_ON)):
        before, now = (decide(nothing, looks, 0.0, spend).rate(BETTER, WORSE) for spend in (False, True))
        rows.append(Row(f"false better or worse, looking at {name}", of, round(before * of), round(now * of)))
        before, now = (decide(at_margin, looks, MARGIN, spend).rate(EQUIVALENT) for spend in (False, True))
        rows.append(Row(f"false equivalent, looking at {name}", of, round(before * of), round(now * of)))
    return rows


def tempted(random: np.random.Generator, of: int) -> Row:
    """Return what it does to look one seed later when it was nearly decided, and 12 later when not."""
    wrong = [0, 0]
    for _ in range(of):
        differences = random.normal(0, 1, 48)
        for place, spend in enumerate((False, True)):
            looks: tuple[int, ...] = ()
            n = 8
            while n <= 48:
                [found] = compare([Pairing(differences[:n], np.zeros(n), 0.0, earlier=looks if spend else ())])
                p = found.p_holm if spend else found.p
                if p <= ALPHA:
                    wrong[place] += 1
                    break
                looks, n = (*looks, n), n + (1 if p < 4 * ALPHA else 12)
    return Row("false better or worse, looking again where it was nearly decided", of, *wrong)


Difficulty = Callable[[np.random.Generator, int], np.ndarray]


def answers(random: np.random.Generator, variants: int, seeds: int, images: int) -> np.ndarray:
    """Return right answers (variants, seeds, images) of variants that are equally good on all images there are.

    Each image is of its own difficulty, and suits each variant more or less; runs scatter with their seeds.
    """
    difficulty = random.normal(1.6, 1.0, images)
    suits = random.normal(0, 0.6, (variants, 1, images))
    of_seed = random.normal(0, 0.05, (variants, seeds, 1))
    return np.asarray(difficulty + suits + of_seed + random.normal(0, 0.4, (variants, seeds, images)) > 0)


def other_images(random: np.random.Generator, of: int, images: int, variants: int = 8, seeds: int = 10) -> Row:
    """Return how often a finite test set makes a verdict of which nothing is true of other images."""
    wrong = [0, 0]
    for _ in range(of):
        right = answers(random, variants, seeds, images)
        scores = right.mean(axis=2)
        differences = scores[1:] - scores[0]
        wrong[0] += bool((holm([sign_flip_p(each) for each in differences]) <= ALPHA).any())
        pairings = [
            Pairing(scores[k], scores[0], 0.0, images=image_noise(right[k], right[0])) for k in range(1, variants)
        ]
        wrong[1] += any(each.word in ("better", "worse") for each in compare(pairings))
    return Row(f"wrong for other images: {images} images, {variants - 1} comparisons, {seeds} seeds", of, *wrong)


def few_images() -> list[str]:
    """Return what is said of 4 images against 0 of 100, and of all right on 20."""
    behind, all_right = np.ones((8, 100), dtype=bool), np.ones((8, 20), dtype=bool)
    behind[:, :4] = False
    lines = []
    for what, variant, other in (
        ("4 images against 0 of 100", behind, np.ones((8, 100), dtype=bool)),
        ("all right on 20 images", all_right, all_right.copy()),
    ):
        pairing = Pairing(variant.mean(axis=1), other.mean(axis=1), 0.002, images=image_noise(variant, other))
        [found] = compare([pairing])
        assert found.interval is not None
        low, high = 100 * found.interval.low, 100 * found.interval.high
        lines.append(
            f"{what}: {found.word_on_these_images!r} on these images, {found.word!r} on others like them "
            f"({low:.1f} to {high:.1f} points)"
        )
    return lines


def of_little() -> list[str]:
    """Return what is said of an override that changes no bit, and of 2 seeds that read 39 of 60 images right."""
    several, two = np.random.default_rng(1).random((8, 60)) < 0.65, np.tile(np.arange(60) < 39, (2, 1))
    [same] = compare_scores({"base": several, "override": several.copy()}).comparisons.values()
    [differing] = compare_scores({"base": two, "other": two[:, ::-1]}).comparisons.values()
    share, interval = share_interval(two), differing.interval
    assert share is not None
    points = f"{100 * interval.low:.0f} to {100 * interval.high:.0f} points" if interval else "no interval"
    return [
        f"an override that changes no bit: {same.word!r}",
        f"2 seeds, each with 39 of 60 images right: {100 * share.low:.1f} to {100 * share.high:.1f} %; "
        f"against 39 others {differing.word!r}, {points}",
    ]


def unselected(random: np.random.Generator, of: int, fresh: int = 2) -> Row:
    """Return how often a sweep is called optimistic whose winner nobody selected, and whose one seed was easy."""
    told = [0, 0]
    for _ in range(of):
        easy = random.normal(0.05, 0.01)
        base, best = (
            Confirmed(name, scores[0] + easy, 1, dict(enumerate(scores[1:])))
            for name, scores in zip(("base", "trial-0001"), random.normal(0.8, 0.01, (2, fresh + 1)), strict=True)
        )
        told[0] += optimism(best, None, "max").value > 0
        told[1] += optimism(best, base, "max").shown
    return Row(f"optimism of a winner that nobody selected, after {fresh} fresh seeds", of, *told)


def planned(random: np.random.Generator, of: int) -> str:
    """Return the seeds that are advised after 8 seeds where the true difference takes a given number."""
    mean = 0.25
    needed = seeds_for(mean, 1.0, looks=(8,), beyond=8)
    advised = []
    for _ in range(of):
        differences = random.normal(mean, 1.0, 8)
        found = plan(8, float(differences.mean()), float(differences.std(ddof=1)), 0.05, looks=(8,))
        if found is not None and found.aim == "difference" and found.seeds is not None:
            advised.append((found.seeds, found.low or 0, found.high or np.inf))
    points = np.array([each[0] for each in advised])
    within = np.mean([low <= (needed or 0) <= high for _, low, high in advised])
    low, high = np.quantile(points, [0.05, 0.95])
    return (
        f"seeds advised after 8 where {needed} are needed: 90 % between {low:.0f} and {high:.0f}; the range that is "
        f"named holds {needed} in {100 * within:.0f} % of {len(advised):,}"
    )


def collapsing(random: np.random.Generator, of: int) -> Row:
    """Return how often a variant that collapses in one seed of ten, with the same mean as the other, is better."""
    wrong = 0
    for _ in range(of):
        variant = 0.9 + 0.002 * random.normal(size=8) - 0.3 * (random.random(8) < 0.1) + 0.03
        other = 0.9 + 0.002 * random.normal(size=8)
        wrong += compare([Pairing(variant, other, 0.0)])[0].word == "better"
    return Row("better in the mean, where one seed of ten collapses (same mean)", of, wrong, wrong)


def failing(random: np.random.Generator, of: int) -> Row:
    """Return how often a variant whose worst 3 of 12 runs fail is better than one that is as good."""
    wrong = [0, 0]
    for _ in range(of):
        variant, other = random.normal(0, 1, 12), random.normal(0, 1, 12)
        completed = np.sort(np.argsort(variant)[3:])
        differences = variant[completed] - other[completed]
        wrong[0] += sign_flip_p(differences) <= ALPHA and differences.mean() > 0
        [found] = compare([Pairing(variant[completed], other[completed], 0.0, failed=(3, 0))])
        wrong[1] += found.word == "better"
    return Row("false better where the worst 3 of 12 runs fail", of, *wrong)


def covered(random: np.random.Generator, of: int) -> Sequence[str]:
    """Return how often the range for a further run holds its share on very many images, seeds alone and both."""
    from scipy.special import ndtr

    lines = []
    for images in (60, 360, 1_000, 4_000):
        alone = both = 0
        for _ in range(of):
            shift = random.normal(0, 0.05, (9, 1))
            right = random.normal(1.6, 1.0, images) + shift[:8] + random.normal(0, 0.4, (8, images)) > 0
            truth = float(ndtr((1.6 + shift[8, 0]) / np.hypot(1.0, 0.4)))
            interval, mean = share_interval(right, further_run=True), t_interval(right.mean(axis=1))
            assert interval is not None and mean is not None
            both += interval.low <= truth <= interval.high
            alone += mean.low <= truth <= mean.high
        lines.append(
            f"range for a further run, {images:5} images: holds its share in {100 * both / of:.1f} % of {of:,} (the "
            f"interval of seeds alone {100 * alone / of:.1f} %)"
        )
    return lines


def main() -> None:
    """Print the table, and a JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer simulated experiments")
    quick = parser.parse_args().quick
    random = np.random.default_rng(0)
    many, few = (1_000, 60) if quick else (20_000, 1_000)
    print(f"{'rate of errors, % (95 % interval)':66} {'before':21}   {'now':21}   experiments")
    rows = looking(random, many)
    rows.append(tempted(random, few))
    rows += [other_images(random, few, images) for images in (360, 1_000)]
    for row in rows:
        print(row.line(), flush=True)
    print(failing(random, many // 10).line())
    print(collapsing(random, few).line())
    print(unselected(random, many // 10).line())
    for line in (*few_images(), *of_little(), planned(random, few), *covered(random, few)):
        print(line, flush=True)
    print(json.dumps({"benchmark": "verdict_errors", "rows": [vars(row) for row in rows]}))


if __name__ == "__main__":
    main()

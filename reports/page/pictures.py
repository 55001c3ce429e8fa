"""The figures of an experiment's report, and the pictures that `inspect` has written for its runs."""

import base64
import dataclasses
from pathlib import PurePath
from typing import Any

from keras_suite.reports.figures.curves import learning_curves, rates_of_many
from keras_suite.reports.figures.scores import (
    differences_by_seed,
    score_against_parameters,
    score_against_time,
    scores_by_seed,
)
from keras_suite.reports.figures.svg import Picture, Pictures
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import drawn_afterwards

VARIANTS = 24  # in figures; tables list all of them
PAIRS = 40
INSPECTED = {
    "filters": "Kernels of the first layer",
    "features": "Feature maps by layer",
    "gradcam": "Grad-CAM: regions that support the class",
    "occlusion": "Occlusion: drop in the class's probability where a region is covered",
    "landscape": "Loss around the trained weights",
}
LARGEST = 1_000_000  # bytes of an embedded picture; larger ones are only counted
FEATURES = 2  # embedded pictures of feature maps of a variant, one for each image


def most_relevant(numbers: Numbers) -> Numbers:
    """Return the numbers to plot: the baseline and the best variants, 24 at most, and their 40 largest differences."""
    others = [variant for variant in numbers.best_first() if variant.name != numbers.baseline]
    names = {numbers.baseline, *(variant.name for variant in others[: VARIANTS - 1])}
    pairs = [pair for pair in numbers.pairs if {pair.variant, pair.against} <= names and pair.comparison.n]
    largest = sorted(pairs, key=lambda pair: -abs(pair.comparison.mean))[:PAIRS]
    return dataclasses.replace(
        numbers,
        variants=tuple(variant for variant in numbers.variants if variant.name in names),
        pairs=tuple(pair for pair in numbers.pairs if any(pair is each for each in largest)),
    )


def left_out_of_figures(numbers: Numbers, shown: Numbers) -> str | None:
    """Return a sentence on what the figures omit; None where they show everything."""
    parts, others, of = [], len(shown.variants) - 1, len(numbers.variants) - 1
    if others < of:
        parts.append(f"{numbers.baseline} and the {others} best of the other {of:,} variants")
    comparable = [pair for pair in numbers.pairs if pair.comparison.n]
    if len(shown.pairs) == PAIRS < len(comparable):
        parts.append(f"the {PAIRS} largest of {len(comparable):,} differences")
    return f"The figures show {' and '.join(parts)}; the tables list all." if parts else None


def seed_pictures(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    """Plot the test scores of all runs, and the differences of all pairs."""
    metric = numbers.metric
    if not any(variant.test_score.n for variant in numbers.variants):
        return []
    means = "; ".join(
        f"{v.name}: mean {metric.format(v.test_score.mean)}, n = {v.test_score.n}" for v in numbers.variants
    )
    title = f"{metric.score_title} by {numbers.replicate}"
    shown = [pictures.add(metric.key, title, f"{title}. {means}", scores_by_seed(numbers))]
    differences = differences_by_seed(numbers)
    if differences is not None:
        means = "; ".join(
            f"{pair.variant} to {pair.against}: {metric.format_difference(pair.comparison.mean)} "
            f"{metric.short_difference}"
            for pair in numbers.pairs
        )
        title = f"Difference from {numbers.baseline}" if numbers.one_baseline() else "Differences of the pairs"
        described = f"{title}, paired by {numbers.replicate}. {means}"
        shown.append(pictures.add("differences", title, described, differences))
    return shown


def curve_pictures(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    """Plot the learning curves of each metric and of the loss, and the learning rates of many variants."""
    shown = []
    not_comparable = "" if numbers.one_loss() else "; losses differ between variants: compare shapes, not heights"
    for column, title, label, scale, log in (
        *(
            (each.name, f"{each.label[0].upper()}{each.label[1:]} while training", each.with_unit(), each.scale, False)
            for each in numbers.task.tested
        ),
        ("unpenalised_loss", f"Loss while training, without penalties{not_comparable}", "loss", 1.0, True),
    ):
        figure = learning_curves(numbers, column, label, scale, log)
        if figure is not None:
            described = f"{title}: validation and training by epoch, mean over {numbers.replicate}s, for each variant"
            shown.append(pictures.add(f"curves-{column}", title, described, figure))
    rates = rates_of_many(numbers)
    if rates is not None:
        title = f"Learning rate while training, by {numbers.replicate}"
        shown.append(pictures.add("learning-rates", title, title, rates))
    return shown


def cost_pictures(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    """Plot test scores against training time and number of parameters."""
    shown, metric = [], numbers.metric
    for name, cost, figure in (
        ("time", "training time", score_against_time(numbers)),
        ("parameters", "number of parameters", score_against_parameters(numbers)),
    ):
        if figure is not None:
            title = f"{metric.label[0].upper()}{metric.label[1:]} against {cost}"
            described = f"{metric.score_title} against {cost}: a small dot for each run, the mean of each variant named"
            shown.append(pictures.add(f"{metric.key}-{name}", title, described, figure))
    return shown


def inspected_pictures(numbers: Numbers) -> list[dict[str, Any]]:
    """Return the pictures that `inspect` has written, of each variant those of the first run that has any.

    Returns:
        For each such variant a dict of `variant`, `seed`, `pictures` and `left_out`, the number of pictures that are
        not embedded. A picture has a `title`, a `path` relative to the experiment's folder, and a `source`, a data
        URL. The Grad-CAM overlays of single images are left out: one picture shows them all.
    """
    return [shown for variant in numbers.variants if (shown := _inspected(variant)) is not None]


def _inspected(variant: VariantNumbers) -> dict[str, Any] | None:
    for run in variant.runs:
        paths = drawn_afterwards(run.source) if run.source else []
        known = [path for path in paths if _title(path) is not None]
        if not known:
            continue
        known.sort(key=lambda path: (list(INSPECTED).index(path.stem.partition("-")[0]), path.stem))
        features = [path for path in known if path.stem.startswith("features")]
        small = [path for path in known if path.stat().st_size <= LARGEST]
        shown = [path for path in small if path not in features[FEATURES:]]
        return {
            "variant": variant.name,
            "seed": run.seed,
            "pictures": [
                {
                    "title": _title(path),
                    "path": PurePath(*path.parts[-4:]).as_posix(),
                    "source": png_url(path.read_bytes()),
                }
                for path in shown
            ],
            "left_out": len(known) - len(shown),
        }
    return None


def _title(path: PurePath) -> str | None:
    kind, _, image = path.stem.partition("-")
    if kind not in INSPECTED or (image and kind != "features"):
        return None
    return f"{INSPECTED[kind]}, {image.replace('-', ' ')}" if image else INSPECTED[kind]


def png_url(content: bytes) -> str:
    """Return the content of a PNG file as a data URL, to embed in a page."""
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")

"""The report of one experiment: report.html, report.md, comparison.csv and the figures, written into one folder."""

import base64
import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reports import wording
from reports.answer import answer
from reports.comparison_csv import comparison_csv, comparison_rows
from reports.environment import environment
from reports.figures.curves import learning_curves
from reports.figures.mistakes import confusion_figure, wrong_images_figure
from reports.figures.seeds import accuracy_by_seed, differences_by_seed
from reports.figures.style import SERIES
from reports.files import write_text
from reports.image_words import image_rows
from reports.mistakes import WrongImage, class_name, confusion, most_confidently_wrong
from reports.next_command import next_command, whole_command
from reports.numbers import Numbers, experiment_numbers
from reports.rendering import render
from reports.run_directory import ExperimentRuns
from reports.svg import for_page, write_figure
from reports.tables import differing_settings, loss_heading, overview_rows, run_rows, verdict_rows
from reports.variant_numbers import VariantNumbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WRONG_IMAGES = 8


@dataclass(frozen=True)
class Report:
    """What was written, and what it says: `html` is the page to open, `rows` the lines of comparison.csv."""

    html: Path
    paths: tuple[Path, ...]
    answer: str
    next_command: str | None
    rows: tuple[dict[str, Any], ...]
    numbers: Numbers


@dataclass(frozen=True)
class Picture:
    """A figure as it stands in the page: its SVG, its file name without ending, and what it shows, in words."""

    name: str
    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class Mistakes:
    """Where one variant goes wrong."""

    variant: str
    confusion: Picture
    wrong: tuple[dict[str, Any], ...]
    wrong_picture: Picture | None


def write_report(
    experiment: ExperimentRuns,
    folder: Path,
    extra_figures: Mapping[str, "Figure"] | None = None,
    *,
    margin: float | None = None,
    against: Sequence[str] = (),
    all_pairs: bool = False,
) -> Report:
    """Writes the report of `experiment` into `folder`, each file atomically, and says what is in it.

    `extra_figures`: title -> matplotlib Figure, shown after the report's own. `margin`: the largest difference in test
    accuracy that does not matter, a share from 0 to 1 (default: the larger of 0.002 and one test image). `against` and
    `all_pairs` choose what is compared with what, see `reports.pairs.chosen_pairs`.
    """
    numbers = experiment_numbers(experiment, margin, against=against, all_pairs=all_pairs)
    pictures = _Pictures(folder / "figures")
    view: dict[str, Any] = {
        "numbers": numbers,
        "answer": answer(numbers),
        "next_command": next_command(numbers),
        "verdicts": verdict_rows(numbers),
        "overview": overview_rows(numbers),
        "loss_heading": loss_heading(numbers),
        "runs": run_rows(numbers),
        "settings": differing_settings(numbers),
        "environment": environment(experiment.runs),
        "command": whole_command(numbers),
        "image_rows": image_rows(numbers.pairs),
        "seed_pictures": _seed_pictures(numbers, pictures),
        "curves": _curves(numbers, pictures),
        "mistakes": _mistakes(numbers, pictures),
        "extra": [
            pictures.add(f"extra-{k}-{title}", title, title, figure, adapt=False)
            for k, (title, figure) in enumerate((extra_figures or {}).items(), 1)
        ],
        "series": SERIES,
    }
    written = {name: render(name, view) for name in ("report.html", "report.md")} | {
        "comparison.csv": comparison_csv(numbers)
    }
    for name, text in written.items():
        write_text(folder / name, text)
    return Report(
        html=folder / "report.html",
        paths=(*(folder / name for name in written), *pictures.paths),
        answer=view["answer"],
        next_command=view["next_command"],
        rows=tuple(comparison_rows(numbers)),
        numbers=numbers,
    )


class _Pictures:
    """Writes figures into a folder and remembers their paths."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: list[Path] = []
        self.taken: set[str] = set()

    def add(self, name: str, title: str, description: str, figure: "Figure", adapt: bool = True) -> Picture:
        stem = re.sub(r"[^A-Za-z0-9_.+-]+", "-", name)[:80].strip("-.")
        # Long names may begin alike; names that differ in case only are one file on some disks.
        names = itertools.chain([stem], (f"{stem}-{k}" for k in itertools.count(2)))
        name = next(name for name in names if name.lower() not in self.taken)
        self.taken.add(name.lower())
        svg, paths = write_figure(figure, self.folder, name)
        self.paths += paths
        return Picture(name, title, description, for_page(svg, name, description, adapt))


# -- pictures --------------------------------------------------------------------------------------------------------


def _seed_pictures(numbers: Numbers, pictures: _Pictures) -> list[Picture]:
    if not any(variant.test_accuracy.n for variant in numbers.variants):
        return []
    every = "; ".join(
        f"{v.name}: mean {wording.percent(v.test_accuracy.mean)}, n = {v.test_accuracy.n}" for v in numbers.variants
    )
    title = "Test accuracy, every seed"
    shown = [pictures.add("accuracy", title, f"{title}. {every}", accuracy_by_seed(numbers))]
    differences = differences_by_seed(numbers)
    if differences is not None:
        every = "; ".join(
            f"{pair.variant} to {pair.against}: {wording.points(pair.comparison.mean)} points" for pair in numbers.pairs
        )
        title = f"Difference to {numbers.baseline}" if numbers.one_baseline() else "Differences of the pairs"
        shown.append(pictures.add("differences", title, f"{title}, seed by seed. {every}", differences))
    return shown


def _curves(numbers: Numbers, pictures: _Pictures) -> list[Picture]:
    shown = []
    not_comparable = "" if numbers.one_loss() else "; not the same loss in each: compare shapes, not heights"
    for column, title, label, scale, log in (
        ("accuracy", "Accuracy while training", "accuracy, %", 100.0, False),
        ("unpenalised_loss", f"Loss while training, without penalties{not_comparable}", "loss", 1.0, True),
    ):
        figure = learning_curves(numbers, column, label, scale, log)
        if figure is not None:
            description = f"{title}: validation and training by epoch, mean over seeds, for each variant"
            shown.append(pictures.add(f"curves-{column}", title, description, figure))
    return shown


def _mistakes(numbers: Numbers, pictures: _Pictures) -> list[Mistakes]:
    """For each variant that was tested, the one with the highest mean test accuracy first."""
    tested = [v for v in numbers.variants if any(run.labels is not None for run in v.runs)]
    shown = []
    for variant in sorted(tested, key=lambda v: -v.test_accuracy.mean):
        classes = max(len(numbers.class_names), *(_classes(variant)))
        counts = confusion(variant.runs, classes)
        title = f"{variant.name}: true class in rows, predicted in columns"
        right = wording.percent(float(np.trace(counts) / max(counts.sum(), 1)))
        described = (
            f"Confusion matrix of {variant.name}, {counts.sum():,} answers over all seeds, {right} of them right"
        )
        figure = confusion_figure(counts, numbers.class_names)
        matrix = pictures.add(f"confusion-{variant.name}", title, described, figure)
        rows = [run for run in variant.runs if run.status == "completed"]
        wrong = most_confidently_wrong(rows, WRONG_IMAGES)
        picture = None
        if wrong:
            title = f"{variant.name}: most confidently wrong"
            figure = wrong_images_figure(wrong, numbers.class_names)
            picture = pictures.add(f"wrong-{variant.name}", title, title, figure)
        thumbnails = tuple(_thumbnail(image, numbers.class_names) for image in wrong)
        shown.append(Mistakes(variant.name, matrix, thumbnails, picture))
    return shown


def _classes(variant: VariantNumbers) -> list[int]:
    seen = [(run.labels, run.predicted) for run in variant.runs if run.labels is not None and run.predicted is not None]
    return [int(max(labels.max(), predicted.max())) + 1 for labels, predicted in seen]


def _thumbnail(image: WrongImage, class_names: tuple[str, ...]) -> dict[str, Any]:
    from PIL import Image

    pixels = image.pixels if image.pixels.shape[-1] == 3 else image.pixels[..., 0]
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, format="PNG")
    true, predicted = (class_name(class_names, k) for k in (image.label, image.predicted))
    return {
        "source": "data:image/png;base64," + base64.b64encode(data.getvalue()).decode("ascii"),
        "true": true,
        "predicted": predicted,
        "confidence": wording.sureness(image.confidence),
        "wrong": image.wrong,
        "runs": image.runs,
        "index": image.index,
        "small": max(pixels.shape[:2]) < 96,
    }

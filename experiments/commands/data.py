"""The command `data`: what a Config would feed to the network, in numbers and as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import DataDir, Debug, Settings, Source, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.commands.inspection_lines import print_findings
from keras_suite.experiments.commands.problem_list import (
    Skip,
    list_problems,
    listed_before,
    listing_refused,
    skipping,
)
from keras_suite.experiments.config import Config
from keras_suite.reports.export.fitting_table import FittingTable

if TYPE_CHECKING:
    from keras_suite.data_pipeline.description import Description
    from keras_suite.data_pipeline.inspection.findings import Inspection

ROWS = 6


def data(
    name: Source,
    variant: Annotated[str | None, typer.Option(help="The variant whose Config is shown (else the first).")] = None,
    seed: Annotated[int, typer.Option(min=1, help="The run's seed: it samples the split.")] = 1,
    settings: Settings = None,
    picture: Annotated[Path, typer.Option(help="Where the picture of augmented samples goes.")] = Path("samples.png"),
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="List every refused or doubtful file here, with its reason.")
    ] = None,
    skip: Skip = None,
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Show what a Config would feed: shapes, class counts, splits, duplicates, and a picture of augmented samples."""
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        entry = catalog.load(name)
        overrides = selection.parse_settings(settings or []) | skipping(skip)
        configs = selection.configs(entry.experiment, overrides)
        config = configs[selection.chosen_variants(entry.experiment, [variant] if variant else [])[0]]
        check_output(picture.parent, "--picture")
        check_input(data_dir, "--data-dir")
        if problems is not None:
            check_output(problems.parent, "--problems")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        before = listed_before(skip)
        with listing_refused(problems, before):
            inspection = _show(config, data_dir, seed, picture)
            if problems is not None:
                list_problems(problems, [*before, *inspection.problems()])


def _show(config: Config, data_dir: Path | None, seed: int, picture: Path) -> "Inspection":
    """Print the numbers and write the picture (PNG): a row per training image, the original first."""
    import numpy as np
    from PIL import Image

    from keras_suite.data_pipeline.description import augmented_grid, describe
    from keras_suite.data_pipeline.splits import split
    from keras_suite.data_pipeline.targets import targets_of
    from keras_suite.experiments.registry import resolve
    from keras_suite.experiments.training.data_record import inspection_of
    from keras_suite.experiments.training.identity import load_dataset
    from keras_suite.experiments.validation import check, check_areas, check_task
    from keras_suite.tasks.atomic_files import replacing

    check(config)
    resolved = resolve(config)
    dataset = load_dataset(resolved.dataset, data_dir)
    chosen = split(dataset, seed)
    description = describe(dataset, chosen)
    targets = targets_of(dataset)
    check_task(resolved, targets)
    check_areas(resolved, dataset, chosen)
    augmentation = resolved.augmentation.build(description.image_shape, targets.outputs)
    shown = np.random.default_rng(seed).choice(chosen.train, size=min(ROWS, len(chosen.train)), replace=False)
    grid = augmented_grid(dataset.images, shown, augmentation, seed=seed)
    with replacing(picture.with_suffix(".png")) as temporary:
        Image.fromarray(grid[..., 0] if grid.shape[-1] == 1 else grid).save(temporary)
    inspection = inspection_of(resolved.dataset, data_dir)
    _print_description(description, inspection, seed)
    what = "augmented samples" if augmentation else "samples (nothing is augmented)"
    out.print(Text(f"{what}, the original first in each row: {picture.with_suffix('.png')}"), soft_wrap=True)
    return inspection


def _print_description(data: "Description", inspection: "Inspection", seed: int) -> None:
    height, width, channels = data.image_shape
    low, high = data.pixel_range
    sizes = {part: sum(counts) for part, counts in data.class_counts.items()}
    lines = [
        f"{data.name}: images of {height}x{width}x{channels}, pixels {low} to {high} (mean {data.pixel_mean:.1f})",
        ", ".join(f"{count} {part}" for part, count in sizes.items()) + f" images (split of seed {seed})",
        f"target: {data.target}",
        f"content {data.fingerprint[:16]}",
    ]
    if inspection.layout:
        lines.append(f"layout: {inspection.layout}")
    if all(finding.kind == "read_as" for finding in inspection.findings):
        lines.append("inspection: no copies, near duplicates or other findings")
    for line in (*lines, *data.notes):
        out.print(Text(line), soft_wrap=True)
    print_findings(inspection, besides=("left_out", "read_as"))  # the notes say that
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class")
    for part in data.class_counts:
        table.add_column(part, justify="right")
    for i, name in enumerate(data.class_names):
        table.add_row(Text(name), *(str(counts[i]) for counts in data.class_counts.values()))
    out.print(FittingTable(table))

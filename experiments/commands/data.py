"""The command `data`: what a Config would feed to the network, in numbers and as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import DataDir, Debug, Settings, Source, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.config import Config

if TYPE_CHECKING:
    from keras_suite.data_pipeline.description import Description

ROWS = 6


def data(
    name: Source,
    variant: Annotated[str | None, typer.Option(help="The variant whose Config is shown (else the first).")] = None,
    seed: Annotated[int, typer.Option(min=1, help="The run's seed: it samples the split.")] = 1,
    settings: Settings = None,
    picture: Annotated[Path, typer.Option(help="Where the picture of augmented samples goes.")] = Path("samples.png"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Show what a Config would feed: shapes, class counts, splits, duplicates, and a picture of augmented samples."""
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        entry = catalog.load(name)
        configs = selection.configs(entry.experiment, selection.parse_settings(settings or []))
        config = configs[selection.chosen_variants(entry.experiment, [variant] if variant else [])[0]]
        check_output(picture.parent, "--picture")
        check_input(data_dir, "--data-dir")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        _show(config, data_dir, seed, picture)


def _show(config: Config, data_dir: Path | None, seed: int, picture: Path) -> None:
    """Print the numbers and write the picture (PNG): a row per training image, the original first."""
    import numpy as np
    from PIL import Image

    from keras_suite.data_pipeline.description import augmented_grid, describe
    from keras_suite.data_pipeline.splits import split
    from keras_suite.data_pipeline.targets import targets_of
    from keras_suite.experiments.registry import resolve
    from keras_suite.experiments.training.identity import load_dataset
    from keras_suite.experiments.validation import check, check_task
    from keras_suite.tasks.atomic_files import replacing

    check(config)
    resolved = resolve(config)
    dataset = load_dataset(resolved.dataset, data_dir)
    chosen = split(dataset, seed)
    description = describe(dataset, chosen)
    targets = targets_of(dataset)
    check_task(resolved, targets)
    augmentation = resolved.augmentation.build(description.image_shape, targets.outputs)
    shown = np.random.default_rng(seed).choice(chosen.train, size=min(ROWS, len(chosen.train)), replace=False)
    grid = augmented_grid(dataset.images, shown, augmentation, seed=seed)
    with replacing(picture.with_suffix(".png")) as temporary:
        Image.fromarray(grid[..., 0] if grid.shape[-1] == 1 else grid).save(temporary)
    _print_description(description, seed)
    what = "augmented samples" if augmentation else "samples (nothing is augmented)"
    out.print(Text(f"{what}, the original first in each row: {picture.with_suffix('.png')}"), soft_wrap=True)


def _print_description(data: "Description", seed: int) -> None:
    height, width, channels = data.image_shape
    low, high = data.pixel_range
    sizes = {part: sum(counts) for part, counts in data.class_counts.items()}
    lines = [
        f"{data.name}: images of {height}x{width}x{channels}, pixels {low} to {high} (mean {data.pixel_mean:.1f})",
        ", ".join(f"{count} {part}" for part, count in sizes.items()) + f" images (split of seed {seed})",
        f"target: {data.target}",
        f"content {data.fingerprint[:16]}",
    ]
    twins = data.duplicates
    if twins.within_train or twins.train_validation or twins.train_test or twins.validation_test:
        lines.append(
            f"exact duplicates: {twins.within_train} within train, {twins.train_validation} between train and "
            f"validation, {twins.train_test} between train and test, {twins.validation_test} between validation and "
            f"test; {twins.relabelled} of them under another label"
        )
    else:
        lines.append("exact duplicates: none")
    for line in (*lines, *data.notes):
        out.print(Text(line), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class")
    for part in data.class_counts:
        table.add_column(part, justify="right")
    for i, name in enumerate(data.class_names):
        table.add_row(Text(name), *(str(counts[i]) for counts in data.class_counts.values()))
    out.print(table)

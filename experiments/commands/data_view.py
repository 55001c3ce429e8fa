"""What a Config would feed: sizes, class counts, duplicates, and a picture of augmented samples."""

from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table
from rich.text import Text

from keras_suite.data_pipeline.description import Description, augmented_grid, describe
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import targets_of
from keras_suite.experiments.config import Config
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.identity import load_dataset
from keras_suite.experiments.validation import check, check_task
from keras_suite.tasks.atomic_files import replacing

ROWS = 6


def print_data(console: Console, config: Config, data_dir: Path | None, seed: int, picture: Path) -> None:
    """Prints the numbers and writes the picture (PNG): a row per training image, the original first."""
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
    _print_description(console, description, seed)
    what = "augmented samples" if augmentation else "samples (nothing is augmented)"
    console.print(Text(f"{what}, the original first in each row: {picture.with_suffix('.png')}"), soft_wrap=True)


def _print_description(console: Console, found: Description, seed: int) -> None:
    height, width, channels = found.image_shape
    low, high = found.pixel_range
    sizes = {part: sum(counts) for part, counts in found.class_counts.items()}
    lines = [
        f"{found.name}: images of {height}x{width}x{channels}, pixels {low} to {high} (mean {found.pixel_mean:.1f})",
        ", ".join(f"{count} {part}" for part, count in sizes.items()) + f" images (split of seed {seed})",
        f"target: {found.target}",
        f"content {found.fingerprint[:16]}",
    ]
    twins = found.duplicates
    if twins.within_train or twins.train_validation or twins.train_test or twins.validation_test:
        lines.append(
            f"exact duplicates: {twins.within_train} within train, {twins.train_validation} between train and "
            f"validation, {twins.train_test} between train and test, {twins.validation_test} between validation and "
            f"test; {twins.relabelled} of them under another label"
        )
    else:
        lines.append("exact duplicates: none")
    for line in (*lines, *found.notes):
        console.print(Text(line), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class")
    for part in found.class_counts:
        table.add_column(part, justify="right")
    for i, name in enumerate(found.class_names):
        table.add_row(Text(name), *(str(counts[i]) for counts in found.class_counts.values()))
    console.print(table)

"""What a Config would feed: sizes, class counts, duplicates, and a picture of augmented samples."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments import parts
from experiments.checks import check
from experiments.config import Config
from experiments.job import load_dataset


def print_data(console: Console, config: Config, data_dir: Path | None, seed: int, picture: Path) -> None:
    """Prints the numbers and writes the picture (PNG): a row per image, the original first."""
    check(config)
    dataset = load_dataset(config.dataset, data_dir)
    console.print(dataset)

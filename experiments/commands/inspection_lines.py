"""What the inspection of the data found, printed before anything trains; nothing where it found nothing."""

from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from keras_suite.experiments.commands.command_line import out, waiting
from keras_suite.experiments.config import Config

if TYPE_CHECKING:
    from keras_suite.data_pipeline.inspection.findings import Inspection


def inspect_and_print(configs: Iterable[Config], data_dir: Path | None) -> None:
    """Inspect each dataset of some Configs once, and print what was found."""
    from keras_suite.experiments.registry import resolve
    from keras_suite.experiments.training.data_record import inspection_of

    for dataset in dict.fromkeys(resolve(config).dataset for config in configs):
        with waiting("inspecting the data"):
            inspection = inspection_of(dataset, data_dir)
        print_findings(inspection)


def print_findings(inspection: "Inspection", besides: Container[str] = ()) -> None:
    """Print a line for each finding but those of some kinds, warnings first."""
    for finding in inspection.findings:
        if finding.kind in besides:
            continue
        word, style = ("Warning", "yellow") if finding.is_warning else ("Data", "")
        out.print(Text(f"{word}: {finding.in_words()}", style=style), soft_wrap=True)

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
    """Inspect each dataset of some Configs once, and print what was found, the same line of several only once."""
    from keras_suite.experiments.registry import resolve
    from keras_suite.experiments.training.data_record import inspection_of

    said: set[str] = set()
    for dataset in dict.fromkeys(resolve(config).dataset for config in configs):
        with waiting("inspecting the data"):
            inspection = inspection_of(dataset, data_dir)
        said |= print_findings(inspection, said=said)


def print_findings(inspection: "Inspection", besides: Container[str] = (), said: Container[str] = ()) -> set[str]:
    """Print a line for each finding but those of some kinds and those that were said before, warnings first.

    Returns:
        What was printed.
    """
    printed = set()
    for finding in inspection.findings:
        words = finding.in_words()
        if finding.kind in besides or words in said:
            continue
        word, style = ("Warning", "yellow") if finding.is_warning else ("Data", "")
        out.print(Text(f"{word}: {words}", style=style), soft_wrap=True)
        printed.add(words)
    return printed

"""The result of an experiment on the terminal: the answer, warnings, and the comparison."""

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from keras_suite.reports.export.fitting_table import FittingTable
from keras_suite.reports.page.data_section import data_warnings
from keras_suite.reports.page.next_command import next_command
from keras_suite.reports.page.tables import (
    overview_columns,
    overview_rows,
    report_warnings,
    shows_failures,
    verdict_rows,
)
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.class_balance import alike_metrics
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.tasks.classes import BALANCED_ACCURACY


def summary(numbers: Numbers) -> Group:
    """Return the answer, the next command, warnings, the settings of trials, and tables, for `rich.print`."""
    lines = [Text(answer(numbers), style="bold")]
    command = next_command(numbers)
    if command:
        lines.append(Text(f"Next: {command}"))
    problems = [*report_warnings(numbers), *data_warnings(numbers)]
    lines += [Text(f"Warning: {problem}", style="yellow") for problem in problems]
    lines += [Text(f"Note on {pair.variant!r} and {pair.against!r}: {note}") for pair, note in _notes(numbers)]
    lines += [Text(f"{each.name}: {each.trial_settings}") for each in numbers.variants if each.trial_settings]
    tables = (
        [comparison_table(numbers)] if numbers.one_baseline() else [pairs_table(numbers), comparison_table(numbers)]
    )
    return Group(*lines, *(part for table in tables for part in (Text(), FittingTable(table))))


def _notes(numbers: Numbers) -> list[tuple[Pair, str]]:
    """Return the pairs of which a verdict alone would mislead, with what the page says of it, too."""
    compared = (pair for pair in numbers.pairs if pair.comparison.word != "not comparable")  # the answer says why
    return [(pair, note) for pair in compared for note in pair.comparison.notes]


def pairs_table(numbers: Numbers) -> Table:
    """Return a table with a row for each pair, where variants are not all compared with one baseline."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("variant", "against", "verdict"):
        table.add_column(heading)
    for heading in ("difference", "interval", "p", f"{numbers.replicate}s"):
        table.add_column(heading, justify="right")
    for row in verdict_rows(numbers):
        cells = (row[name] for name in ("variant", "against", "word", "difference", "interval", "p", "n"))
        table.add_row(*(Text(str(cell)) for cell in cells))
    return table


def comparison_table(numbers: Numbers) -> Table:
    """Return a table with a row for each variant: the verdict against the baseline, and its test scores."""
    verdicts = {row["variant"]: row for row in verdict_rows(numbers)} if numbers.one_baseline() else {}
    unpaired = "baseline" if numbers.one_baseline() else ""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("variant", "verdict"):
        table.add_column(heading)
    costs = [(key, heading) for key, heading in overview_columns(numbers) if key in ("loss", "seconds")]
    balanced = BALANCED_ACCURACY in alike_metrics(numbers)
    for heading in (
        numbers.metric.score_label,
        "95 % interval",
        *(["balanced"] if balanced else []),
        "difference",
        f"{numbers.replicate}s",
        *(heading for _, heading in costs),
        *(["failed"] if shows_failures(numbers) else []),
    ):
        table.add_column(heading, justify="right")
    for row in overview_rows(numbers):
        verdict = verdicts.get(row["variant"])
        cells = (
            row["variant"],
            verdict["word"] if verdict else unpaired,
            row["score"],
            row["interval"],
            *([row[f"test_{BALANCED_ACCURACY.key}"]] if balanced else []),
            verdict["difference"] if verdict else "",
            str(row["n"]),
            *(row[key] for key, _ in costs),
            *([str(row["failed"])] if shows_failures(numbers) else []),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def summary_text(numbers: Numbers, width: int = 120) -> str:
    """Return `summary` as plain text, where there is no terminal."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(summary(numbers))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"

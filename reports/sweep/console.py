"""A sweep for the terminal: the answer, the command that would go on, and the best trials beside the base."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from keras_suite.reports.sweep.commands import next_command
from keras_suite.reports.sweep.page import SweepReport
from keras_suite.reports.sweep.tables import best_rows
from keras_suite.reports.sweep.wording import metric


def sweep_summary(report: SweepReport) -> Group:
    """For `rich.print`."""
    sweep = report.sweep
    lines = [Text(report.answer, style="bold")]
    going_on = next_command(sweep, report.confirmation)
    if going_on:
        lines.append(Text(f"Next: {going_on[0]}"))
    lines += [Text(f"Warning: {problem}", style="yellow") for problem in sweep.problems]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("trial")
    for heading in (metric(sweep), "against the base", "epochs"):
        table.add_column(heading, justify="right")
    table.add_column("settings", overflow="fold")
    for row in best_rows(sweep):
        table.add_row(*(Text(str(row[key])) for key in ("trial", "score", "ahead", "epochs", "settings")))
    return Group(*lines, Text(), table)

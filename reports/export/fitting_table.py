"""A table that loses nothing where it is narrow: cells wrap between words, and columns without room continue below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

LONGEST_WORD = 0.4  # of the width; a longer one is broken


@dataclass(frozen=True)
class FittingTable:
    """A table without a box, as wide as the console at most.

    Where even its longest words do not fit beside each other, the columns that are left follow in a second table, with
    the first column repeated, and so on.
    """

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = self.table.columns
        widths = [_widths(console, options, column) for column in columns]
        gap = sum(self.table.padding[1::2])
        groups = _groups([shortest + gap for shortest, _ in widths], options.max_width)
        for k, group in enumerate(groups):
            if k:
                yield Text()
            room = options.max_width - gap * len(group)
            yield self._of([columns[i] for i in group], _shared([widths[i] for i in group], room), k == len(groups) - 1)

    def _of(self, columns: Sequence[Column], widths: Iterable[int], last: bool) -> Table:
        table = Table(
            box=None,
            padding=self.table.padding,
            pad_edge=self.table.pad_edge,
            header_style=self.table.header_style,
            caption=self.table.caption if last else None,
            caption_justify=self.table.caption_justify,
        )
        for column, width in zip(columns, widths, strict=True):
            table.add_column(column.header, justify=column.justify, width=width, overflow="fold")
        cells = zip(*(column.cells for column in columns), strict=True)
        for row, of_row in zip(self.table.rows, cells, strict=True):
            table.add_row(*of_row, style=row.style)
        return table


def _widths(console: Console, options: ConsoleOptions, column: Column) -> tuple[int, int]:
    """Return the widths of a column's longest word and of its longest cell."""
    found = [Measurement.get(console, options.update(width=10_000), each) for each in (column.header, *column.cells)]
    shortest = min(max(each.minimum for each in found), int(LONGEST_WORD * options.max_width))
    return shortest, max(each.maximum for each in found)


def _groups(shortest: Sequence[int], room: int) -> list[list[int]]:
    """Return the columns of each table, as many as fit; the first column is in all of them."""
    groups = [[0]]
    for column in range(1, len(shortest)):
        if len(groups[-1]) > 1 and sum(shortest[i] for i in (*groups[-1], column)) > room:
            groups.append([0])
        groups[-1].append(column)
    return groups


def _shared(widths: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Return widths of columns that need `room` together at most: those that want little more get it first."""
    given = [shortest for shortest, _ in widths]
    left = max(0, room - sum(given))
    wants = sorted((longest - shortest, i) for i, (shortest, longest) in enumerate(widths))
    for place, (wish, i) in enumerate(wants):
        more = min(wish, left // (len(wants) - place))
        given[i] += more
        left -= more
    return given

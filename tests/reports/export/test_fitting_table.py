"""A table on a narrow console keeps every word and every number."""

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from keras_suite.reports.export.fitting_table import FittingTable

HEADINGS = ("test balanced accuracy", "95 % interval", "difference", "seeds", "test loss", "seconds", "failed")
CELLS = ("97.13 %", "96.53 to 97.72", "−0.13", "10", "0.1234", "12 min", "0")


def printed(width: int) -> list[str]:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("variant", "verdict"):
        table.add_column(heading)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    table.add_row("batchnorm_before_activation", "undecided", *map(Text, CELLS))
    table.add_row("wide", "better", *map(Text, CELLS), style="bold")
    console = Console(width=width)
    with console.capture() as capture:
        console.print(FittingTable(table))
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [140, 110, 80, 60, 40])
def test_no_word_is_cut_and_no_line_is_too_long(width: int) -> None:
    lines = printed(width)
    text = " ".join(lines)
    assert "…" not in text
    assert max(map(len, lines)) <= width
    broken = 0.4 * width < len("batchnorm_before_activation")
    for word in " ".join([*HEADINGS, *CELLS, "undecided", "wide"]).split():
        assert word in text.split(), f"{word} at {width}"
    assert broken or "batchnorm_before_activation" in text


def test_where_there_is_room_each_row_is_a_line() -> None:
    assert len(printed(150)) == 3


def test_columns_without_room_follow_below_with_the_first_one_repeated() -> None:
    lines = [line for line in printed(80) if line.startswith("wide")]
    assert len(lines) > 1
    assert "better" in lines[0] and "12 min" in lines[-1]


def test_a_word_of_half_the_width_is_broken_between_letters() -> None:
    found = "".join(line.split()[0] for line in printed(40)[:8] if line.strip() and not line.startswith(" "))
    assert "batchnorm_before_activation" in found

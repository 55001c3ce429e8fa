"""What a model card is made of: sections of sentences, facts and tables, which both of its templates lay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: What it is, for who cannot see it.
        headings: Of the columns.
        rows: A text for each column.
        words: How many columns, from the first one, hold words; the others hold numbers.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


@dataclass(frozen=True)
class Section:
    """A section, in the order in which it is read.

    Attributes:
        id: Its place in the page.
        heading: Of it.
        sentences: Paragraphs.
        points: A list.
        facts: Pairs of a term and its value.
        findings: Of the data's inspection, as `inspection_view` returns them.
        tables: Of numbers.
        legend: What explains them.
        commands: To be typed, with what each does.
    """

    id: str
    heading: str
    sentences: Sequence[str] = ()
    points: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    findings: Sequence[Mapping[str, Any]] = ()
    tables: Sequence[Table] = ()
    legend: str = ""
    commands: Sequence[tuple[str, str]] = ()

"""Pages of lectures: an idea, worked examples that one steps through, and what to run oneself; an index with search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.reports.figures.svg import Pictures
from keras_suite.reports.page.rendering import render
from keras_suite.tasks.atomic_files import write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Place = tuple[int, int]  # row and column of a grid


@dataclass(frozen=True)
class Grid:
    """Numbers in rows and columns, as text; "" is a place without a number yet.

    Attributes:
        marks: The places that stand out: of what is read.
        result: The places that have just been computed.
    """

    name: str
    rows: Sequence[Sequence[str]]
    marks: frozenset[Place] = frozenset()
    result: frozenset[Place] = frozenset()


@dataclass(frozen=True)
class Frame:
    """A step of a worked example: a sentence and the grids as they are then."""

    text: str
    grids: Sequence[Grid]


@dataclass(frozen=True)
class Animation:
    """A worked example, step by step."""

    title: str
    frames: Sequence[Frame]


@dataclass(frozen=True)
class Numbers:
    """A table; `rows` have the same columns, text or numbers."""

    title: str
    rows: Sequence[Mapping[str, Any]]
    text: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure with a sentence about it."""

    title: str
    figure: "Figure"
    text: str = ""


@dataclass(frozen=True)
class Recorded:
    """An experiment of the catalog.

    Attributes:
        about: What it shows of the topic.
        minutes: What it takes on 2 cores.
        measured: What it measured, in words.
        picture: The figure of its recorded runs, as SVG for a page; "" for none.
    """

    name: str
    about: str
    minutes: str
    measured: str
    picture: str = ""


@dataclass(frozen=True)
class Lecture:
    """A topic.

    Attributes:
        name: Of its file and command.
        chapter: The heading that it stands under in the index.
        idea: Three sentences.
        exhibits: In their order.
        commands: What to type, and what it shows.
        experiments: Of the catalog, by name, and what each shows of the topic.
        code: The files that compute it.
    """

    name: str
    chapter: str
    title: str
    idea: Sequence[str]
    exhibits: Sequence[Animation | Numbers | Picture]
    commands: Mapping[str, str] = field(default_factory=dict)
    experiments: Mapping[str, str] = field(default_factory=dict)
    code: Sequence[str] = ()


def write_lecture(
    lecture: Lecture, folder: Path, recorded: Sequence[Recorded] = (), others: Sequence[tuple[str, str]] = ()
) -> Path:
    """Write a topic's page, atomically.

    Args:
        lecture: The topic.
        folder: Where <name>.html is written, and the figures' files.
        recorded: Its experiments.
        others: (name, title) of the pages that stand beside it, to be linked.
    """
    pictures = Pictures(folder / "figures")
    view = {
        "question": lecture.title,
        "lecture": lecture,
        "recorded": recorded,
        "exhibits": [_exhibit(lecture, exhibit, pictures) for exhibit in lecture.exhibits],
        "others": [{"name": name, "title": title} for name, title in others if name != lecture.name],
    }
    path = folder / f"{lecture.name}.html"
    write_text(path, render("lecture.html", view))
    return path


def write_lecture_index(lectures: Sequence[Lecture], folder: Path) -> Path:
    """Write index.html, which links every topic's page and finds them by words."""
    chapters: dict[str, list[dict[str, str]]] = {}
    for lecture in lectures:
        words = " ".join((lecture.title, *lecture.idea, *(exhibit.title for exhibit in lecture.exhibits)))
        row = {"name": lecture.name, "title": lecture.title, "idea": lecture.idea[0], "words": words.lower()}
        chapters.setdefault(lecture.chapter, []).append(row)
    path = folder / "index.html"
    view = {"question": "From pixels to gradients: worked examples", "chapters": chapters}
    write_text(path, render("lectures.html", view))
    return path


def _exhibit(lecture: Lecture, exhibit: Animation | Numbers | Picture, pictures: Pictures) -> dict[str, Any]:
    """Return what the template shows of an exhibit."""
    match exhibit:
        case Animation(title, frames):
            return {"kind": "animation", "title": title, "frames": [_frame(frame) for frame in frames]}
        case Numbers(title, rows, text):
            return {"kind": "numbers", "title": title, "rows": [_cells(row) for row in rows], "text": text}
        case Picture(title, figure, text):
            return {
                "kind": "picture",
                "title": title,
                "svg": pictures.add(lecture.name, title, text or title, figure).svg,
                "text": text,
            }
    raise TypeError(f"{exhibit!r} is no exhibit")


def _frame(frame: Frame) -> dict[str, Any]:
    grids = []
    for grid in frame.grids:
        rows = [
            [{"text": text, "class": _class(grid, (y, x))} for x, text in enumerate(row)]
            for y, row in enumerate(grid.rows)
        ]
        grids.append({"name": grid.name, "rows": rows})
    return {"text": frame.text, "grids": grids}


def _class(grid: Grid, place: Place) -> str:
    return "result" if place in grid.result else "mark" if place in grid.marks else ""


def _cells(row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        heading: {"text": value if isinstance(value, str) else f"{value:,}", "n": not isinstance(value, str)}
        for heading, value in row.items()
    }

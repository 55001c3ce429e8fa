"""The command `lecture`: pages with the worked examples of the lectures, and an index of them all."""

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import Debug, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_output
from keras_suite.experiments.commands.listing import minutes
from keras_suite.experiments.lectures import TOPICS
from keras_suite.tasks.wording.near_names import unknown

if TYPE_CHECKING:
    from keras_suite.reports.page.lecture import Lecture, Recorded

LONGEST = 420  # characters of what an experiment measured
RECORDED = Path(__file__).parents[1] / "lectures" / "recorded"  # docs/record.py puts the figures there


def lecture(
    topic: Annotated[
        str | None, typer.Argument(metavar="[TOPIC]", help="One page, by its name (else all, with an index).")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the pages go.")] = Path("lectures"),
    debug: Debug = False,
) -> None:
    """Write a topic of the lectures as a page: the idea, its numbers step by step, and what to run oneself."""
    with bad_input(debug):
        if topic is not None and topic not in TOPICS:
            raise ValueError(unknown("topic", topic, TOPICS))
        check_output(output, "--output")
        with waiting("computing"):
            from keras_suite.experiments.training import runtime

            runtime.start_tensorflow(1)
            names = [topic] if topic else list(TOPICS)
            lectures = [_content(TOPICS[name]) for name in names]
            path = _write(lectures, output)
        out.print(Text(f"{path}: open it in a browser; it needs no network"), soft_wrap=True)


def _content(place: str) -> "Lecture":
    module, _, function = place.partition(":")
    make: Callable[[], Lecture] = getattr(importlib.import_module(module), function)
    return make()


def _write(lectures: Sequence["Lecture"], folder: Path) -> Path:
    """Write the pages, and an index if there are several; return what to open."""
    from keras_suite.reports.page.lecture import write_lecture, write_lecture_index

    others = [(each.name, each.title) for each in lectures] if len(lectures) > 1 else []
    paths = [write_lecture(each, folder, recorded(each.experiments), others) for each in lectures]
    return write_lecture_index(lectures, folder) if others else paths[0]


def recorded(experiments: Mapping[str, str]) -> list["Recorded"]:
    """Return what the catalog says of these experiments: the minutes that they took, what they measured, its figure."""
    from keras_suite.reports.page.lecture import Recorded

    entries = {name: catalog.load_any(name) for name in experiments}
    return [
        Recorded(name, about, minutes(entry.docstring), _measured(entry.docstring), _picture(name))
        for (name, about), entry in zip(experiments.items(), entries.values(), strict=True)
    ]


def _picture(name: str) -> str:
    """Return the figure of an experiment's recorded runs for a page, "" where none are recorded."""
    from keras_suite.reports.figures.svg import for_page

    path = RECORDED / f"{name}.svg"
    if not path.exists():
        return ""
    return for_page(path.read_text(encoding="utf-8"), name, f"the recorded runs of {name}")


def _measured(docstring: str) -> str:
    """Return the paragraph that says what was measured, of a long one the first sentences."""
    paragraphs = [" ".join(part.split()) for part in docstring.split("\n\n") if not part.startswith("    ")]
    place = next((k for k, part in enumerate(paragraphs) if part.startswith("Measured")), None)
    if place is None:
        return ""
    text = paragraphs[place].replace("`", "")
    if text.endswith(":") and place + 1 < len(paragraphs):  # a table follows, and then what it says
        text = f"{text[:-1]}. {paragraphs[place + 1]}"
    elif text.endswith(":"):  # nothing but a table follows
        text = re.sub(r"(?<=[.;]) [^.;]*:$", "", text)
    if len(text) <= LONGEST:
        return text
    ends = [match.end() for match in re.finditer(r"[.;](?= [A-Z])", text) if match.end() <= LONGEST]
    return text[: ends[-1]] if ends else text[:LONGEST].rsplit(" ", 1)[0] + " …"

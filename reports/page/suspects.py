"""The report's section on labels that are probably wrong, and the tables of them: CSV files to look through."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_suite.reports.csv_text import safe_cell
from keras_suite.reports.page.classification import thumbnail
from keras_suite.reports.results.suspects import Suspect, Suspects
from keras_suite.reports.statistics.label_errors import FEWEST
from keras_suite.reports.wording import sureness, without_paths
from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted, listed, listed_or_counted

PICTURES = 24
TELLING = 0.1  # of the labels: an upper limit above it says nothing
TABLES = {"train": "suspect_labels", "test": "suspect_test_labels"}


def suspect_sections(found: Sequence[Suspects], suffix: str = "") -> list[dict[str, Any]]:
    """Return what the page says of each part and data set with enough judged images.

    Each has `heading`, `answer`, `sentences`, `images` with pictures, `legend` and `kind`, "train" or "test".
    """
    shown = [each for each in found if each.judged >= FEWEST]
    return [_section(each, _differs(each, shown), suffix) for each in shown]


def suspect_lines(found: Sequence[Suspects], suffix: str = "") -> tuple[str, ...]:
    """Return a line for the terminal on each part in which labels are probably wrong."""
    return tuple(
        f"{_answer(each)} See {TABLES[each.part]}{suffix}.csv."
        for each in found
        if each.listed and each.errors.interval is not None and each.errors.interval.low > 0
    )


def write_suspects(found: Sequence[Suspects], folder: Path, suffix: str = "") -> list[Path]:
    """Write suspect_labels.csv and suspect_test_labels.csv where labels are suspected, and return their paths.

    A table of before goes where none is suspected any more.
    """
    written = []
    for part, name in TABLES.items():
        path = folder / f"{name}{suffix}.csv"
        of_part = [each for each in found if each.part == part and each.listed]
        if of_part:
            write_text(path, suspect_table(of_part))
            written.append(path)
        else:
            path.unlink(missing_ok=True)
    return written


def suspect_table(found: Sequence[Suspects]) -> str:
    """Return the suspect labels of one part as the text of a CSV file.

    Where training images are files, the column `file` is what `--skip` takes, and is written as it is; else, and of
    test images, the column is `image`, which `--skip` refuses: no test image may go because a network contradicts it.
    """
    takes = found[0].part == "train" and all(each.are_files for each in found)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = ("rank", "file" if takes else "image", "index", "given", "suggested", "probability", "chance_wrong")
    several = len(found) > 1
    writer.writerow([*columns, "margin", "runs", "reason", *(["variants"] if several else [])])
    for each in found:
        for rank, suspect in enumerate(each.listed, 1):
            name = one_line(suspect.name) if suspect.name is not None else _unnamed(suspect, each)
            classes = (safe_cell(suspect.given), safe_cell(suspect.suggested))
            shares = (f"{value:.4f}" for value in (suspect.probability, suspect.chance, suspect.margin))
            reason = safe_cell(f"labelled {suspect.given}, probably {suspect.suggested}")
            row = [rank, name if takes else safe_cell(name), suspect.place, *classes, *shares, suspect.runs, reason]
            writer.writerow([*row, *([safe_cell(listed(each.variants))] if several else [])])
    return text.getvalue()


def _section(found: Suspects, of: str, suffix: str) -> dict[str, Any]:
    pictured = [suspect for suspect in found.listed if suspect.pixels is not None][:PICTURES]
    what = "Test labels that are probably wrong" if found.part == "test" else "Labels that are probably wrong"
    return {
        "kind": found.part,
        "heading": f"{what}{of}",
        "answer": _answer(found),
        "sentences": _sentences(found, f"{TABLES[found.part]}{suffix}.csv", len(pictured)),
        "images": [_shown(suspect, found) for suspect in pictured],
        "legend": _legend(found) if found.listed else "",
    }


def _differs(found: Suspects, shown: Sequence[Suspects]) -> str:
    """Return which variants' data a section is about, where there are several data sets."""
    return f", {listed(found.variants)}" if sum(each.part == found.part for each in shown) > 1 else ""


def _answer(found: Suspects) -> str:
    errors, judged = found.errors, f"{found.judged:,} {'test ' if found.part == 'test' else ''}labels that were judged"
    contradicted = int((errors.margins < 0).sum())
    if errors.unsure:
        return (
            f"No label can be suspected: {contradicted:,} of the {judged} are contradicted, too many of them by the "
            "runs' surer answers. The networks have learned too little, or very many labels are wrong."
        )
    assert errors.number is not None and errors.interval is not None
    low, high = round(errors.interval.low), round(errors.interval.high)
    if not contradicted:
        none = f"No label is suspected to be wrong: none of the {judged} is contradicted"
        telling = high < found.judged * TELLING
        return f"{none} (95 % interval of the number of wrong labels: 0 to {high:,})." if telling else f"{none}."
    if not found.listed:
        return (
            "No label is suspected to be wrong: hard images may explain what is contradicted (95 % interval of "
            f"the number of wrong labels: 0 to {high:,} of the {judged})."
        )
    about = f"bout {max(1, round(errors.number)):,} of the {judged}"
    if low > 0:
        return f"A{about} are probably wrong (estimate; 95 % interval {low:,} to {high:,})."
    return f"Perhaps no label is wrong: the estimate is a{about}, with a 95 % interval from 0 to {high:,}."


def _sentences(found: Suspects, table: str, pictured: int) -> list[str]:
    lines = []
    if found.listed:
        which = f"{counted(len(found.listed), 'label')}" + (" is" if len(found.listed) == 1 else " are")
        first = f"; the {pictured} most suspect with a picture are shown" if 0 < pictured < len(found.listed) else ""
        lines.append(f"{which} listed in {table}: by the estimate each more probably wrong than right{first}.")
    if found.planted is not None:
        hit, planted = found.planted
        lines.append(
            f"Of the {planted:,} judged labels that label_noise made wrong, {hit:,} are listed, and "
            f"{len(found.listed) - hit:,} others."
        )
    unseen = (found.total or found.judged) - found.judged
    if unseen > 0:
        lines.append(
            f"{counted(unseen, 'image')} of {found.total:,} cannot be judged: no run validated or tested with "
            "them. More seeds, or --folds, judge more of them."
        )
    runs = f"{counted(found.runs, 'run')} of {listed_or_counted(found.variants, 'variant')}"
    others = (
        f" ({listed_or_counted(found.others, 'other')}, which contradict more, were not asked)" if found.others else ""
    )
    lines.append(f"Judged by {runs}{others}.")
    return lines


def _legend(found: Suspects) -> str:
    how = (
        "Only networks that did not train on an image are asked about it. The estimate is the share of contradicted "
        "labels among their surest answers, where images that look like two classes are rare; it is too low where "
        "it is hard images whose labels went wrong."
    )
    if found.part == "test":
        return (
            f"{how} With a wrong test label right answers count as wrong. Correct those that are wrong to your eye: to "
            "leave out what networks contradict would flatter every score."
        )
    leave_out = (
        "Copy the table, take out the rows whose labels are right, and add --skip with the copy to the command."
        if found.are_files
        else "Correct the labels at these places of your data."
    )
    return f"{how} {leave_out} Look at each: hard images with right labels are among them, and should stay."


def _shown(suspect: Suspect, found: Suspects) -> dict[str, Any]:
    assert suspect.pixels is not None
    name = without_paths(one_line(suspect.name)) if suspect.name is not None else _unnamed(suspect, found)
    return {
        **thumbnail(suspect.pixels),
        "given": suspect.given,
        "suggested": suspect.suggested,
        "note": f"{sureness(suspect.probability)}, {counted(suspect.runs, 'run')}",
        "name": name,
        "on_purpose": bool(suspect.on_purpose),
    }


def _unnamed(suspect: Suspect, found: Suspects) -> str:
    return f"{'test image' if found.part == 'test' else 'image'} {suspect.place}"

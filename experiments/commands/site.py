"""The pages of all reports in one folder, to be sent or served: `report --site FOLDER`. No TensorFlow."""

import json
import re
import shutil
import urllib.parse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_suite.experiments.commands.folders import check_output
from keras_suite.tasks.atomic_files import replacing, write_text
from keras_suite.tasks.wording.quantities import counted, file_size

if TYPE_CHECKING:
    from keras_suite.reports.page.index import Entry

ENTRY = "entry.json"  # beside each page: what the index says of it, so that a site can grow


def check_site(folder: Path, runs: Sequence[Path]) -> None:
    """Raise ValueError where the pages would lie among the runs, or over something else.

    Args:
        folder: Where the site is to be written.
        runs: The folders of what is reported.
    """
    check_output(folder, "--site")
    inside = [each for each in runs if folder.resolve() == each.resolve() or each.resolve() in folder.resolve().parents]
    if inside:
        raise ValueError(f"--site {folder} lies in {inside[0]}, whose runs stay as they are: give a folder of its own")


def write_site(written: Sequence["Entry"], folder: Path, unread: Mapping[str, str]) -> str:
    """Copy the page of each report, and its table, into a folder of its own, and write an index over all pages there.

    Args:
        written: The reports, with their pages where they were written.
        folder: The site's folder; pages of other reports that are there stay, and stay in the index.
        unread: Why else nothing was written, by name.

    Returns:
        Where the site begins, how many pages it has, and how large it is, in a line.
    """
    from keras_suite.reports.page.index import as_json, write_index

    names: dict[Path, str] = {}
    for each in written:
        names[each.html.resolve()] = _folder_name(each, {*names.values()})
    for each in written:
        name = names[each.html.resolve()]
        write_text(folder / name / each.html.name, _relinked(each.html, names))
        for path in each.html.parent.glob("*.csv"):
            with replacing(folder / name / path.name) as temporary:
                shutil.copyfile(path, temporary)
        write_text(folder / name / ENTRY, json.dumps(as_json(each), indent=1, ensure_ascii=False) + "\n")
    entries, damaged = _entries(folder)
    index = write_index(entries, folder, {**unread, **damaged})
    size = sum(path.stat().st_size for entry in entries for path in entry.html.parent.iterdir())
    pages = counted(len(entries), "report")
    return f"The site: {index} ({pages}, {file_size(size + index.stat().st_size)})"


def _relinked(page: Path, names: Mapping[Path, str]) -> str:
    """Return a page's text with its links to other reports as they lie in the site; of those not there, the words."""

    def relinked(link: re.Match[str]) -> str:
        other = (page.parent / urllib.parse.unquote(link[1])).resolve()
        if other not in names:
            return link[2]
        return f'<a href="../{urllib.parse.quote(names[other])}/{other.name}">{link[2]}</a>'

    text = page.read_bytes().decode("utf-8")
    return re.sub(r'<a href="(\.\./[^"#]*)">(.*?)</a>', relinked, text, flags=re.DOTALL)


def _entries(folder: Path) -> tuple[list["Entry"], dict[str, str]]:
    """Return what a site's index lists, and the pages that it cannot, each with the reason."""
    from keras_suite.reports.page.index import from_json

    entries, damaged = [], {}
    for path in sorted(folder.glob(f"*/{ENTRY}")):
        try:
            entries.append(from_json(json.loads(path.read_text(encoding="utf-8")), path.parent))
        except (ValueError, OSError):
            damaged[path.parent.name] = f"{ENTRY} is damaged: report it into the site again, or delete its folder"
    return entries, damaged


def _folder_name(report: "Entry", taken: Collection[str]) -> str:
    """Return a name for the page's folder: that of the experiment, the sweep or the study, free of other characters."""
    parts = report.html.resolve().parent.parts
    own = parts[-1] if not parts[-2].endswith(".tune") else f"{parts[-2]}-{parts[-1]}"
    own = re.sub(r"[^A-Za-z0-9_.-]+", "-", own).strip("-.") or "report"
    number = next(k for k in range(1, len(taken) + 2) if (f"{own}-{k}" if k > 1 else own) not in taken)
    return f"{own}-{number}" if number > 1 else own

"""What the documentation says: its links lead somewhere, its commands exist, its results are those of the catalog."""

import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from keras_suite.experiments import catalog
from keras_suite.experiments.cli import app
from tests.conftest import REPOSITORY

PAGES = [
    path
    for path in sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("*/**/README.md")])
    if not path.relative_to(REPOSITORY).parts[0].startswith(".")
]
README = REPOSITORY / "README.md"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_files_that_are_named_exist(page: Path) -> None:
    rooms = "experiments|models|data_pipeline|callbacks|reports|tasks|tests|benchmarks|docs"
    if page.name == "CHANGELOG.md":  # it names what was
        return
    for path in re.findall(rf"`((?:{rooms})/[\w./]*)`", page.read_text(encoding="utf-8")):
        assert (REPOSITORY / path).exists(), f"{page.name}: {path}"


def commands(page: Path) -> list[str]:
    """The commands of the suite that a page says to type."""
    text = page.read_text(encoding="utf-8")
    typed = re.findall(r"^ {4}keras-suite (.+)$", text, re.MULTILINE) + re.findall(r"`keras-suite ([^`]+)`", text)
    return [line.partition("#")[0].strip() for line in typed]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_commands_exist_with_their_options(page: Path) -> None:
    for line in commands(page):
        command: Any = typer.main.get_command(app)
        words = shlex.split(line.partition("  ")[0])
        while hasattr(command, "commands"):  # a group
            assert words and words[0] in command.commands, f"{page.name}: keras-suite {line}"
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options, f"{page.name}: keras-suite {line}"
        if command.name in ("run", "tune", "show", "data", "find-lr") and words:
            known = words[0] in catalog.names() or words[0].endswith(".py") or words[0].isupper()
            assert known, f"{page.name}: keras-suite {line}"


def test_the_page_of_results_is_made_of_the_catalogs_docstrings() -> None:
    page = runpy.run_path(str(REPOSITORY / "docs" / "results.py"))["page"]
    written = (REPOSITORY / "docs" / "results.md").read_text(encoding="utf-8")
    assert page() == written, "run: python docs/results.py"


def test_the_readme_reads_in_four_minutes() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert len(text.split()) <= 1200


def test_results_in_the_readme_are_those_of_the_catalog() -> None:
    """Each row's numbers stand in the docstring of the experiment that it names."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [row for row in rows if row[0] in catalog.names()]
    assert len(rows) == 5
    for name, data, answer in rows:
        docstring = " ".join(catalog.load_any(name).docstring.split())
        for number in re.findall(r"\d[\d,.]*\d", data + answer):
            assert number in docstring, f"{name}: {number}"

"""docs/recorded, the reports that ship: small, free of anybody's paths, each listed and linked by its index."""

import json
import re
from pathlib import Path

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.lecture import RECORDED

SITE = Path(__file__).parents[2] / "docs" / "recorded"
PAGES = sorted(SITE.rglob("*.html"))
LARGEST = 25_000_000  # bytes of all together


def test_the_index_leads_to_every_page() -> None:
    index = (SITE / "index.html").read_text(encoding="utf-8")
    reports = {path.relative_to(SITE).as_posix() for path in SITE.glob("*/report.html")}
    assert len(reports) >= 12
    assert reports | {"lectures/index.html"} == set(re.findall(r'href="([^"#]+)"', index))
    topics = (SITE / "lectures" / "index.html").read_text(encoding="utf-8")
    lectures = {path.name for path in (SITE / "lectures").glob("*.html")} - {"index.html"}
    assert lectures and lectures <= set(re.findall(r'href="([^"#]+)"', topics))


def test_what_ships_is_small_and_says_nothing_of_the_machine_it_was_made_on() -> None:
    assert sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) < LARGEST
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(work|root|home|tmp|Users)/", text), page.name


def test_each_entry_is_of_an_experiment_of_the_catalog() -> None:
    rows = [json.loads(path.read_text(encoding="utf-8"))["row"] for path in SITE.glob("*/entry.json")]
    names = {row["name"].partition(",")[0] for row in rows}
    assert names <= {*catalog.names()} | {name for name in names if name.endswith("-confirmed")}
    assert not any(row.get("failed") or row.get("unfinished") for row in rows)


def test_a_lecture_shows_the_figure_of_a_report_that_ships() -> None:
    for figure in RECORDED.glob("*.svg"):
        assert (SITE / figure.stem / "report.html").exists(), figure.name
        assert "<svg" in figure.read_text(encoding="utf-8")

"""The report as a person uses it: page in Chromium with the network off, sorted, filtered, on a phone, on paper."""

import base64
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from keras_suite.reports.figures.style import drawing
from keras_suite.reports.figures.svg import write_figure
from keras_suite.reports.page.index import entry_of, write_index
from keras_suite.reports.page.report import Report, write_report
from keras_suite.reports.run_directory import read_experiment
from tests.browser import Page
from tests.conftest import REPOSITORY
from tests.end_to_end.typed import tiny_experiment, type_command, type_here
from tests.reports.conftest import MakeRuns, runs_in

pytestmark = pytest.mark.needs_chromium

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2 " + "a" * 200}}
LONG = "a_variant_with_a_name_that_is_longer_than_anyone_would_like_to_read_on_a_phone"
CLASSES = ["<script>alert(1)</script>", "a class with a long name of several words", *"23456789"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("report")
    variants: dict[str, dict[str, Any]] = {"strong": {}, "weak": {"optimizer.learning_rate": 0.1}, LONG: {"epochs": 3}}
    data = {"name": "digits", "class_names": CLASSES, "input_shape": [8, 8, 1], "fingerprint": "0" * 64, "notes": []}
    runs = runs_in(folder)(
        variants,
        seeds=8,
        strength={"weak": 1e-5, LONG: 0.004},
        changes={("strong", 2): FAILED, ("weak", 3): {"commit": "b" * 40}},
        data=data | {"train": 200, "validation": 150, "test": 360},
        question="Does <b>markup</b> in a question stay text?",
    )
    with drawing(9, 3) as figure:
        figure.add_subplot().set_title("wider than half of the page")
    write_figure(figure, runs.runs[0].path / "inspect", "filters")
    return write_report(runs, folder / "report")


COLUMN = """(name, heading) => {
    const table = document.querySelector(`table[data-name="${name}"]`);
    const k = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === heading);
    return [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[k].textContent);
}"""
RUNS = "document.querySelector('table[data-name=\"Runs\"]')"


def test_it_opens_without_an_error_and_without_the_network(page: Page, report: Report) -> None:
    page.open(report.html)
    assert page.errors == []
    assert all(url.startswith(("file:", "data:")) for url in page.requests)
    assert len([url for url in page.requests if url.startswith("file:")]) == 1, "the page is all there is"
    assert page.evaluate("document.images.length") > 8
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    seen = "[...document.querySelectorAll('svg')].filter((svg) => svg.checkVisibility())"
    assert page.evaluate(f"{seen}.length") > 6
    assert page.evaluate(f"{seen}.every((svg) => svg.getBBox().width > 100)")
    assert "<b>markup</b>" in page.evaluate("document.querySelector('h1').textContent")


def test_nothing_runs_or_is_loaded_but_what_the_page_came_with(page: Page, report: Report, tmp_path: Path) -> None:
    hostile = """<script>window.ran = true</script><img src="x.png" onerror="window.ran = true">
        <iframe src="other.html"></iframe><a id="link" href="javascript:window.ran = true">link</a>
        <form action="other.html"><button id="send">send</button></form>"""
    Image.new("L", (9, 9)).save(tmp_path / "x.png")
    other = tmp_path / "report.html"
    other.write_text(report.html.read_text(encoding="utf-8").replace("<main>", f"<main>{hostile}"), encoding="utf-8")
    page.open(other)
    page.evaluate("document.getElementById('link').click()")
    page.evaluate("document.getElementById('send').click()")
    assert page.evaluate("window.ran ?? false") is False
    assert page.evaluate("document.title").startswith("Does"), "the form led nowhere"
    assert page.evaluate("document.querySelector('main > img').naturalWidth") == 0, "a picture that is there"
    assert any("Content Security Policy" in error for error in page.errors)
    assert page.evaluate("document.querySelectorAll('thead button').length") > 10, "its own script ran"


def test_a_click_on_a_heading_sorts_by_number_and_a_second_one_turns_it_round(page: Page, report: Report) -> None:
    page.open(report.html)
    name, heading = "Compared with strong", "mean difference, points"
    press = f"""[...document.querySelectorAll('table[data-name="{name}"] thead button')]
        .find((button) => button.textContent === "{heading}").click()"""
    sort = f"""document.querySelector('table[data-name="{name}"] [aria-sort]')?.getAttribute("aria-sort") ?? null"""
    assert page.evaluate(sort) is None
    page.evaluate(press)
    ascending = [float(text.replace("−", "-")) for text in page.evaluate(f"({COLUMN})('{name}', '{heading}')")]
    assert (ascending, page.evaluate(sort)) == (sorted(ascending), "ascending")
    page.evaluate(press)
    turned = [float(text.replace("−", "-")) for text in page.evaluate(f"({COLUMN})('{name}', '{heading}')")]
    assert (turned, page.evaluate(sort)) == (ascending[::-1], "descending")
    page.evaluate(press.replace(heading, "p"))
    marked = page.evaluate("[...document.querySelectorAll('[aria-sort]')].map((each) => each.textContent)")
    assert marked == ["p"], "one column at a time"


def test_the_keyboard_alone_sorts_and_runs_without_a_number_come_last(page: Page, report: Report) -> None:
    page.open(report.html)
    page.evaluate(f"{RUNS}.closest('details').open = true")
    page.evaluate(f"{RUNS}.closest('.scroll').focus()")
    for _ in range(4):  # variant, seed, status, test accuracy
        page.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "test accuracy"
    for _ in range(2):
        page.press("Enter", "\r")
        shown = page.evaluate(f"({COLUMN})('Runs', 'test accuracy')")
        assert shown[-1] == "–"
    values = [float(text.rstrip("% \xa0")) for text in shown[:-1]]
    assert values == sorted(values, reverse=True)


def test_what_is_typed_filters_the_rows_and_the_count_is_told(page: Page, report: Report) -> None:
    page.open(report.html)
    page.evaluate(f"{RUNS}.closest('details').open = true")
    page.evaluate(f"{RUNS}.closest('.scroll').previousElementSibling.querySelector('input').focus()")
    assert "Runs" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.call("Input.insertText", text="weak completed")
    assert page.evaluate(f"({COLUMN})('Runs', 'variant')") == ["weak"] * 8
    assert page.evaluate("document.activeElement.nextElementSibling.textContent") == "8 of 24"
    page.evaluate("document.activeElement.value = ''")
    page.call("Input.insertText", text="failed")
    assert page.evaluate(f"({COLUMN})('Runs', 'variant')") == ["strong"]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows(width: int, scheme: str, page: Page, report: Report) -> None:
    page.open(report.html, width, prefers_color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    outside = page.evaluate(
        """[...document.querySelectorAll('main *')]
        .filter((each) => !each.closest('.scroll > *') && !each.closest('svg'))
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 100))"""
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    written = page.evaluate(
        """[...document.querySelectorAll('figure svg')]
        .filter((svg) => [...svg.querySelectorAll('text')].some((text) => {
            const place = text.getBoundingClientRect(), box = svg.getBoundingClientRect();
            return place.width && (place.right > box.right + 4 || place.left < box.left - 4);
        })).map((svg) => svg.getAttribute('aria-label'))"""
    )
    assert written == [], "text is cut off in a picture"
    assert page.evaluate(
        "[...document.querySelectorAll('.matrix td')].every((cell) => cell.scrollWidth <= cell.clientWidth + 1)"
    ), "a count runs into the next cell"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_told_from_its_ground(scheme: str, page: Page, report: Report) -> None:
    """Contrast of at least 4.5 to 1 (WCAG AA) for every shade that text has."""
    page.open(report.html, prefers_color_scheme=scheme)
    ratios = page.evaluate(
        """(() => {
        const light = (colour) => {
            const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
                .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
        };
        const ground = light(getComputedStyle(document.body).backgroundColor);
        return Object.fromEntries(['.answer', '.eyebrow', 'figcaption', 'thead th', 'td.worse', 'td.undecided', 'code']
            .filter((name) => document.querySelector(name)).map((name) => {
                const ink = light(getComputedStyle(document.querySelector(name)).color);
                return [name, (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)];
            }));
        })()"""
    )
    assert len(ratios) >= 6
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 22, 21)"
    assert dark == (scheme == "dark")


def test_long_names_stay_inside_their_figure_and_keep_what_differs(page: Page, tmp_path: Path) -> None:
    names = ["imagenet_tuned_photographs_WWWW_10", "imagenet_tuned_photographs_WWWW_1600", "M" * 26]
    runs = runs_in(tmp_path)({name: {"epochs": number} for number, name in enumerate(names)}, strength={})
    page.open(write_report(runs, tmp_path / "report").html)
    for figure in ("accuracy", "differences", "accuracy-time"):
        live = f"document.querySelector('figure[data-picture=\"{figure}\"] .live')"
        boxes = page.evaluate(
            f"""(({{left, right}}) => [...{live}.querySelectorAll('text.name')].map((name) => {{
                const box = name.getBoundingClientRect();
                return [name.textContent, box.left - left, right - box.right];
            }}))({live}.querySelector('svg').getBoundingClientRect())"""
        )
        assert len(boxes) == (2 if figure == "differences" else 3)
        assert all(min(left, right) >= -0.5 for _, left, right in boxes), boxes
        shown = [name for name, *_ in boxes]
        assert len(set(shown)) == len(shown) and any("…" in name for name in shown)
    assert page.errors == []


def test_it_prints_without_what_only_a_screen_can_use(page: Page, report: Report) -> None:
    page.open(report.html)
    printed = base64.b64decode(page.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
    assert printed.startswith(b"%PDF")
    page.call("Emulation.setDeviceMetricsOverride", width=794, height=1123, deviceScaleFactor=1, mobile=False)
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate(
        """[...document.querySelectorAll('.pictures table')].filter((table) => table.offsetParent)
        .map((table) => table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right)
        .every((by) => by < 2)"""
    ), "no table runs into its neighbour"
    assert page.evaluate("[...document.querySelectorAll('.filter')].every((each) => !each.offsetParent)")


def test_the_index_sorts_and_leads_to_its_reports(page: Page, make_runs: MakeRuns) -> None:
    written = []
    for k, name in enumerate(("first", "second"), 1):
        runs = make_runs(seeds=k, name=name, question=f"Question {k}?")
        written.append(entry_of(write_report(runs, runs.folder)))
    index = write_index(written, runs.folder.parent)
    for width in (390, 1440):
        page.open(index, width)
        assert page.errors == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    heading = "[...document.querySelectorAll('thead button')].find((button) => button.textContent === 'runs')"
    page.evaluate(f"{heading}.click()")
    page.evaluate(f"{heading}.click()")
    assert page.evaluate(f"({COLUMN})('Experiments', 'experiment')") == ["second", "first"]
    page.evaluate("window.left = false; addEventListener('pagehide', () => { window.left = true })")
    assert page.evaluate("[...document.links].map((link) => link.href.split('/').slice(-2).join('/'))") == [
        "second/report.html",
        "first/report.html",
    ]


@pytest.mark.slow
def test_a_report_of_networks_that_were_just_trained_opens(page: Page, tmp_path: Path) -> None:
    done = type_command("run", tiny_experiment(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "runs" / "wider"
    for width in (390, 1440):
        page.open(folder / "report.html", width)
        assert page.errors == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    assert page.evaluate("document.querySelector('h1').textContent") == read_experiment(folder).question


RECORDED = REPOSITORY / "docs" / "recorded"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.parent.name, marks=[] if path.parent.name == "overfitting_ladder" else pytest.mark.slow)
        for path in sorted(RECORDED.glob("*/report.html"))
    ],
)
def test_a_recorded_report_opens(name: str, page: Page) -> None:
    page.open(RECORDED / name / "report.html", 390)
    assert page.errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    assert page.evaluate("document.querySelector('.answer').textContent").strip()


HINT = "document.querySelector('.hint').textContent"


def test_the_hint_names_what_there_is_of_a_run(page: Page, report: Report, tmp_path: Path) -> None:
    page.open(report.html)
    assert "Click a point for its run: its curves, confusion matrix and wrong images." in page.evaluate(HINT)
    rows = [f"{variant},{seed},{0.9 + seed / 1000}" for variant in ("plain", "wide") for seed in range(1, 9)]
    (tmp_path / "scores.csv").write_text("\n".join(["variant,seed,score", *rows]) + "\n", encoding="utf-8")
    done = type_here("report", "scores.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    [of_table] = tmp_path.rglob("report.html")
    page.open(of_table)
    assert "Click a point for its run. Drag across" in page.evaluate(HINT)

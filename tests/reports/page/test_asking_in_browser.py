"""The report asked, in Chromium with the network off: by pointer, by keyboard, on a phone, on paper, without script."""

import base64
import json
import re
from typing import Any

import pytest

from keras_suite.reports.page.report import Report, write_report
from tests.browser import Page
from tests.reports.conftest import runs_in

pytestmark = pytest.mark.needs_chromium

MARKUP = "<img src=x onerror=alert(1)>"
FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("report")
    data = {"name": "digits", "class_names": [MARKUP, *"123456789"], "input_shape": [8, 8, 1], "notes": []}
    runs = runs_in(folder)(
        {"strong": {}, "weak": {"optimizer.learning_rate": 0.1}, MARKUP.replace("/", ""): {"epochs": 3}},
        strength={"weak": 1e-5, MARKUP: 0.004},
        changes={("weak", 3): FAILED},
        data=data | {"fingerprint": "0" * 64, "train": 200, "validation": 150, "test": 360},
    )
    for run in runs.runs:
        (run.path / "model.keras").touch()
    return write_report(runs, folder / "report")


def told(report: Report) -> dict[str, Any]:
    """What the page has for its script."""
    text = report.html.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found.group(1))
    return data


LIVE = "document.querySelector('figure[data-picture=\"{}\"] .live')"
TIP = "document.querySelector('figure[data-picture=\"{}\"] .tip')"
SWITCH = "[...document.querySelectorAll('.variants button')].find((each) => each.textContent === '{}').click()"
PANEL = "document.querySelector('aside.run')"
MOVED, CLICKED = ("mouseMoved",), ("mousePressed", "mouseReleased")


def centre(page: Page, script: str) -> tuple[float, float]:
    """Where an element lies, in view."""
    page.evaluate(f"{script}.scrollIntoView({{block: 'center'}})")
    box = page.evaluate(
        f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({script}.getBoundingClientRect())"
    )
    return box[0], box[1]


def point(page: Page, at: tuple[float, float], *kinds: str) -> None:
    """Pointer events: mouseMoved, mousePressed, mouseReleased."""
    for kind in kinds:
        more = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        buttons = 1 if kind != "mouseReleased" else 0
        page.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], buttons=buttons, **more)


def nothing_went_wrong(page: Page) -> None:
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


def test_the_value_under_the_pointer_is_that_of_the_table_of_runs(page: Page, report: Report) -> None:
    page.open(report.html)
    dot = LIVE.format("accuracy") + ".querySelector('.dot')"
    point(page, centre(page, dot), *MOVED)
    assert not page.evaluate(TIP.format("accuracy") + ".hidden")
    shown = page.evaluate(TIP.format("accuracy") + ".textContent")
    seed = re.fullmatch(r"strong, seed (\d): (.+ %)", shown)
    assert seed is not None, shown
    in_table = page.evaluate(
        f"""[...document.querySelector('table[data-name="Runs"]').tBodies[0].rows]
        .find((row) => row.textContent.trim().startsWith('strong') && row.cells[1].textContent === '{seed[1]}')
        .cells[3].textContent"""
    )
    assert in_table.replace("\u00a0", " ") == seed[2]
    nothing_went_wrong(page)


def test_every_curve_tells_the_value_of_the_epoch_under_the_pointer(page: Page, report: Report) -> None:
    page.open(report.html)
    live = LIVE.format("curves-accuracy")
    page.evaluate(f"{live}.scrollIntoView({{block: 'center'}})")
    page.evaluate(f"{live}.focus()")
    for _ in range(3):
        page.press("ArrowRight")
    data = told(report)
    kept = next(each for each in data["curves"] if each["name"] == "accuracy")["validation"][:8]
    mean = sum(values[2] for values in kept) / 8
    shown = page.evaluate(TIP.format("curves-accuracy") + ".textContent")
    assert shown.startswith("strong, epoch 3: ") and shown.endswith("(mean of 8)")
    value = re.search(r"([\d.]+) % validation", shown)
    assert value is not None and abs(float(value[1]) - mean) <= 0.0051
    said = page.evaluate(live + ".querySelector('[aria-live]').textContent")
    assert said == shown, "a screen reader is told the same"


def test_a_switched_off_variant_leaves_all_figures_and_the_axes_follow(page: Page, report: Report) -> None:
    page.open(report.html)
    names = LIVE.format("accuracy") + ".querySelectorAll('text.name').length"
    ticks = f"[...{LIVE.format('accuracy')}.querySelectorAll('.axes text:not(.name)')].map((text) => text.textContent)"
    assert page.evaluate(names) == 3
    before = page.evaluate(ticks)
    switches = "[...document.querySelectorAll('.variants .variant')].filter((each) => each.textContent === 'weak')"
    page.evaluate(f"{switches}[0].click()")
    assert page.evaluate(names) == 2
    assert page.evaluate(ticks) != before, "the axis holds what is left"
    pressed = page.evaluate(f"{switches}.map((each) => each.getAttribute('aria-pressed'))")
    assert len(pressed) >= 3 and set(pressed) == {"false"}
    page.evaluate(
        "[...document.querySelectorAll('.variants button')].find((b) => b.textContent === 'Hide all').click()"
    )
    assert page.evaluate(names) == 0
    page.evaluate(
        "[...document.querySelectorAll('.variants button')].find((b) => b.textContent === 'Show all').click()"
    )
    assert page.evaluate(names) == 3
    nothing_went_wrong(page)


def test_one_click_leads_from_a_point_to_its_images(page: Page, report: Report) -> None:
    page.open(report.html)
    point(
        page,
        centre(page, LIVE.format("accuracy") + ".querySelector('.dot')"),
        "mouseMoved",
        "mousePressed",
        "mouseReleased",
    )
    title = page.evaluate(f"{PANEL}.querySelector('h2').textContent")
    data = told(report)
    run = next(k for k, run in enumerate(data["runs"]) if f"strong, seed {run['seed']}" == title)
    errors = data["errors"][run]
    assert page.evaluate(f"{PANEL}.querySelectorAll('.wrong img').length") == len(errors["images"]) > 5
    assert page.evaluate(
        f"[...{PANEL}.querySelectorAll('img')].every((image) => image.complete && image.naturalWidth === 8)"
    )
    assert f"{errors['wrong']} of 360 test images wrong" in page.evaluate(f"{PANEL}.textContent")
    cells = page.evaluate(
        f"[...{PANEL}.querySelectorAll('.matrix td')].slice(1).map((cell) => Number(cell.textContent))"
    )
    assert cells == errors["matrix"]
    assert page.evaluate(f"{PANEL}.querySelectorAll('.live').length") == 3, "its curves"
    assert "keras-suite predict runs/digits_question/strong-01234567/seed-" in page.evaluate(f"{PANEL}.textContent")
    assert page.evaluate(f"document.activeElement === {PANEL}")
    page.press("Escape")
    assert page.evaluate(f"{PANEL}.hidden")
    assert page.evaluate(f"document.activeElement === {LIVE.format('accuracy')}")
    nothing_went_wrong(page)


def test_a_seed_is_picked_by_its_menu_and_from_the_table(page: Page, report: Report) -> None:
    page.open(report.html)
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    page.evaluate("document.querySelector('button.open[aria-label=\"Show weak, seed 3\"]').click()")
    assert page.evaluate(f"{PANEL}.querySelector('h2').textContent") == "weak, seed 3"
    assert "failed: loss became NaN in epoch 2" in page.evaluate(f"{PANEL}.textContent")
    choose = """((menu, text) => { menu.value = [...menu.options].find((each) => each.textContent === text).value;
        menu.dispatchEvent(new Event('change'));
        })(document.querySelector('aside.run select[aria-label="LABEL"]'), TEXT)"""
    page.evaluate(choose.replace("LABEL", "seed").replace("TEXT", "'seed 5'"))
    assert page.evaluate(f"{PANEL}.querySelector('h2').textContent") == "weak, seed 5"
    page.evaluate(choose.replace("LABEL", "Variant").replace("TEXT", json.dumps(MARKUP)))
    assert page.evaluate(f"{PANEL}.querySelector('h2').textContent") == f"{MARKUP}, seed 5"
    assert page.evaluate(f"{PANEL}.querySelectorAll('img[src=x]').length") == 0, "markup stays text"
    nothing_went_wrong(page)


def test_dragging_and_keys_zoom_and_zero_resets(page: Page, report: Report) -> None:
    page.open(report.html)
    live = LIVE.format("curves-accuracy")
    ticks = f"[...{live}.querySelectorAll('.axes text')].map((text) => text.textContent)"
    x, y = centre(page, live)
    before = page.evaluate(ticks)
    point(page, (x, y), "mousePressed")
    point(page, (x + 60, y + 50), "mouseMoved")
    point(page, (x + 60, y + 50), "mouseReleased")
    dragged = page.evaluate(ticks)
    assert dragged != before
    page.evaluate(f"{live}.focus()")
    page.press("0", "0")
    assert page.evaluate(ticks) == before
    page.press("+", "+")
    assert page.evaluate(ticks) not in (before, dragged)
    page.press("-", "-")
    assert page.evaluate(ticks) == before
    whole = "[...document.querySelectorAll('[data-picture=\"curves-accuracy\"] .tools button')].at(-1)"
    page.evaluate(f"{whole}.click()")
    assert page.evaluate(f"{whole}.getAttribute('aria-pressed')") == "true"
    nothing_went_wrong(page)


def test_the_keyboard_alone_leads_to_a_run(page: Page, report: Report) -> None:
    page.open(report.html)
    page.evaluate(LIVE.format("differences") + ".focus()")
    page.press("ArrowRight")
    assert "to strong, seed 1: " in page.evaluate(TIP.format("differences") + ".textContent")
    page.press("Enter", "\r")
    assert page.evaluate(f"{PANEL}.querySelector('h2').textContent") == "weak, seed 1"


def test_without_script_every_figure_and_every_value_is_there(page: Page, report: Report) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(report.html, 390)
        root = page.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
        found = {
            what: len(page.call("DOM.querySelectorAll", nodeId=root, selector=what)["nodeIds"])
            for what in (".live", ".variants", ".is-live", "figure[data-picture] > svg", "thead button", "table.cards")
        }
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert [found[what] for what in (".live", ".variants", ".is-live", "thead button")] == [0, 0, 0, 0]
    assert found["figure[data-picture] > svg"] >= 6 and found["table.cards"] >= 5


@pytest.mark.parametrize("width", [390, 1200])
def test_no_table_needs_to_be_moved_sideways(width: int, page: Page, report: Report) -> None:
    page.open(report.html, width)
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    cut = page.evaluate(
        """[...document.querySelectorAll('.scroll')].filter((each) => each.querySelector('.cards'))
        .filter((each) => each.scrollWidth > each.clientWidth + 1)
        .map((each) => each.querySelector('table').dataset.name)"""
    )
    assert cut == []
    seen = page.evaluate(
        """[...document.querySelectorAll('table[data-name^="Compared"] tbody tr:first-child > *')]
        .map((cell) => getComputedStyle(cell, '::before').content.replaceAll('"', '').replaceAll('\\u00a0', ' '))"""
    )
    assert ("95 % interval" in seen) == (width == 390), "on a phone each value says what it is"
    nothing_went_wrong(page)


def test_on_paper_the_figures_are_the_drawn_ones_and_no_heading_stands_alone(page: Page, report: Report) -> None:
    page.open(report.html)
    point(page, centre(page, LIVE.format("accuracy") + ".querySelector('.dot')"), *CLICKED)
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate(
        "[...document.querySelectorAll('.live, .tools, .variants, .run')].every((e) => !e.checkVisibility())"
    )
    assert page.evaluate("[...document.querySelectorAll('.is-live > svg')].every((svg) => svg.checkVisibility())")
    alone = page.evaluate(
        """[...document.querySelectorAll('section')].filter((each) => each.checkVisibility()).filter((each) =>
        ![...each.children].some((child) => child.tagName !== 'H2' && child.checkVisibility() && child.offsetHeight))
        .map((each) => each.textContent.slice(0, 80))"""
    )
    assert alone == []
    page.call("Emulation.setDeviceMetricsOverride", width=794, height=1123, deviceScaleFactor=1, mobile=False)
    cut = page.evaluate(
        """[...document.querySelectorAll('.scroll > table')].filter((table) => table.checkVisibility())
        .filter((table) => table.getBoundingClientRect().right > innerWidth + 1).map((table) => table.dataset.name)"""
    )
    assert cut == []
    assert base64.b64decode(page.call("Page.printToPDF")["data"]).startswith(b"%PDF")


def test_figures_drawn_beforehand_tell_the_value_under_the_pointer_too(page: Page, report: Report) -> None:
    page.open(report.html)
    figure = "[...document.querySelectorAll('figure > svg[data-axes]')].find((svg) => svg.ariaLabel.startsWith('ROC'))"
    page.evaluate(f"{figure}.scrollIntoView({{block: 'center'}})")
    corner = page.evaluate(
        f"""((picture) => {{
            const path = picture.querySelector('[data-series="0"] path');
            const numbers = path.getAttribute('d').match(/[\\d.]+/g).map(Number);
            const [x, y] = numbers.slice(2 * Math.floor(numbers.length / 12));
            const at = new DOMPoint(x, y).matrixTransform(picture.getScreenCTM());
            return [at.x, at.y];
        }})({figure})"""
    )
    point(page, (corner[0], corner[1]), *MOVED)
    shown = page.evaluate(f"{figure}.parentNode.querySelector('.tip').textContent")
    assert re.match(r"strong: .*, false positive rate [\d.]+ %, true positive rate [\d.]+ %$", shown), shown
    nothing_went_wrong(page)

"""The live page as a person uses it: drawn on, pointed at, stepped through, on a phone and by keyboard."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.page.live import Example, LiveOperation, LivePage, write_live
from tests.browser import Page

pytestmark = pytest.mark.needs_chromium

CLASSES = ("</script><script>window.ran = true</script>", "b & <i>c</i>", "a class with a long name of several words")


def network() -> tuple[LiveOperation, ...]:
    """A convolution of ones, a maximum, and a dense layer that sums: its numbers can be worked out by hand."""
    window = {"dilation": [1, 1], "before": [0, 0]}
    kernel = np.ones((3, 3, 1, 2), np.float32)
    kernel[..., 1] = -1
    weights = np.zeros((338, 3), np.float32)
    weights[:, 0] = 1
    rest: dict[str, Any] = {"numbers": {}, "weights": {}}
    return (
        LiveOperation("image", "image", (28, 28, 1), (), text="what the network gets", **rest),
        LiveOperation(
            "conv",
            "conv",
            (26, 26, 2),
            (0,),
            {**window, "size": [3, 3], "strides": [1, 1], "groups": 1, "activation": "relu"},
            {"kernel": kernel, "bias": np.array([0.5, 0], np.float32)},
            "Conv2D",
        ),
        LiveOperation(
            "pool", "max_pooling", (13, 13, 2), (1,), {**window, "size": [2, 2], "strides": [2, 2]}, {}, "MaxPooling2D"
        ),
        LiveOperation("flat", "reshape", (338,), (2,), text="Flatten", **rest),
        LiveOperation("logits", "dense", (3,), (3,), {}, {"kernel": weights, "bias": np.zeros(3, np.float32)}, "Dense"),
    )


def written(path: Path, fit: str = "mnist") -> Path:
    image = np.zeros((28, 28, 1), np.uint8)
    image[10:13, 10:13] = 10  # its window of the convolution sums to 90
    scores = np.zeros((1, 3), np.float32)  # that of a black image: relu(0.5) of channel 0 at each place
    scores[0, 0] = 169 * 0.5
    page = LivePage(
        network="by_hand",
        eyebrow="a test",
        operations=network(),
        passing=("dropout",),
        class_names=CLASSES,
        examples=(Example(image, "a square"), Example(np.zeros_like(image), "nothing")),
        examples_heading="Two images",
        checks=(np.zeros((1, 28, 28, 1), np.uint8), scores),
        fit=fit,
        multiply_adds=13_182,
    )
    write_live(page, path)
    return path


@pytest.fixture
def page(page: Page, tmp_path: Path) -> Page:
    page.open(written(tmp_path / "live.html"))
    return page


UNIT = "document.getElementById('unit').textContent"


def draw(page: Page, *points: tuple[float, float]) -> None:
    """A stroke of the mouse on the sheet, in shares of its sides."""
    box = page.evaluate(
        "(({x, y, width, height}) => [x, y, width, height])(document.getElementById('sheet').getBoundingClientRect())"
    )
    places = [(box[0] + x * box[2], box[1] + y * box[3]) for x, y in points]
    for kind, place in [("mousePressed", places[0]), *(("mouseMoved", place) for place in places[1:])]:
        page.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", buttons=1, clickCount=1)
    page.call("Input.dispatchMouseEvent", type="mouseReleased", x=places[-1][0], y=places[-1][1], button="left")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def point_at(page: Page, layer: int, x: float, y: float) -> None:
    """Moves the mouse over a layer's canvas, in shares of its sides."""
    canvas = f"document.querySelectorAll('figure.layer canvas')[{layer}]"
    page.evaluate(f"{canvas}.scrollIntoView({{block: 'center'}})")
    box = page.evaluate(f"(({{x, y, width, height}}) => [x, y, width, height])({canvas}.getBoundingClientRect())")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] + x * box[2], y=box[1] + y * box[3])


def test_it_opens_without_an_error_or_a_request_and_checks_itself(page: Page) -> None:
    assert page.errors == []
    assert len([url for url in page.requests if not url.startswith("data:")]) == 1
    assert "computes what Keras computed" in page.evaluate("document.getElementById('check').textContent")
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.querySelectorAll('#classes th')[0].textContent") == CLASSES[0]


def test_pointing_at_a_value_shows_the_products_that_made_it(page: Page) -> None:
    page.evaluate("live.ask(1, [10, 10, 0])")
    text = page.evaluate(UNIT)
    assert "Value 90.5" in text
    assert "It sees 3 x 3 of the image's 28 x 28 pixels" in text
    assert "sum 90.0" in text
    assert "Bias 0.50. Sum 90.5, after relu 90.5." in text
    page.evaluate("live.ask(1, [10, 10, 1])")
    assert "Sum -90.0, after relu 0.00" in page.evaluate(UNIT)


def test_a_units_value_and_receptive_field_are_marked_where_the_mouse_is(page: Page) -> None:
    point_at(page, 2, 0.2, 0.5)
    text = page.evaluate(UNIT)
    assert text.startswith("pool: channel 0")
    assert "It sees 4 x 4 of the image's" in text
    assert page.evaluate("[...document.querySelectorAll('.mark')].map((mark) => mark.className).sort()") == [
        *("mark field", "mark unit", "mark window")
    ]


def test_the_score_of_a_class_names_the_places_that_it_is_made_of(page: Page) -> None:
    page.evaluate("live.ask(4, [0])")
    text = page.evaluate(UNIT)
    assert "the score of “</script>" in text
    assert "90.5 × 1.00 = 90.5 pool, channel 0, row 5, column 5" in text
    assert "The other 329 inputs" in text


def test_a_drawing_is_centred_and_scaled_as_mnist_was_and_that_is_said(page: Page) -> None:
    draw(page, (0.1, 0.1), (0.1, 0.3), (0.2, 0.3))
    said = page.evaluate("document.getElementById('said').textContent")
    assert "to 20 px, its centre of mass moved" in said
    assert "right" in said and "down" in said
    rows = page.evaluate(
        """(() => {
            const canvas = document.querySelector('figure.layer canvas');
            const data = canvas.getContext('2d').getImageData(0, 0, 28, 28).data;
            const sums = Array.from({length: 28}, (_, y) => Array.from({length: 28}, (_, x) => data[4 * (28 * y + x)]));
            return sums;
        })()"""
    )
    ink = np.array(rows, float)
    present = np.flatnonzero(ink.sum(axis=1) > 0)
    assert present[-1] - present[0] + 1 in (20, 21, 22), "the longer side has 20 pixels, and parts of two at its ends"
    middle = (ink.sum(axis=1) @ (np.arange(28) + 0.5)) / ink.sum()
    assert middle == pytest.approx(14, abs=0.5)
    page.evaluate("document.getElementById('clear').click()")


def test_a_kept_unit_stays_while_one_draws(page: Page) -> None:
    page.evaluate("live.ask(4, [0])")
    before = page.evaluate(UNIT)
    draw(page, (0.3, 0.3), (0.7, 0.7))
    after = page.evaluate(UNIT)
    assert after.startswith("logits")
    assert after != before


def test_an_example_is_what_the_network_gets(page: Page) -> None:
    page.evaluate("document.querySelectorAll('#examples button')[1].click()")
    assert page.evaluate("document.getElementById('said').textContent") == "nothing, as the network gets it"
    assert page.evaluate("document.querySelectorAll('#examples button')[1].getAttribute('aria-pressed')") == "true"
    assert page.evaluate("document.querySelector('figure.layer .range').textContent") == "values from 0.00 to 0.00"


def test_it_is_used_by_keyboard(page: Page) -> None:
    page.evaluate("document.querySelectorAll('figure.layer canvas')[1].focus()")
    page.press("ArrowRight")
    assert page.evaluate(UNIT).startswith("conv: channel 0, row 0, column 0")
    page.press("ArrowRight")
    page.press("ArrowDown")
    page.press("PageDown")
    assert page.evaluate(UNIT).startswith("conv: channel 1, row 1, column 1")


def test_one_steps_through_the_layers(page: Page) -> None:
    page.evaluate("document.getElementById('next').click(); document.getElementById('next').click()")
    assert page.evaluate("document.getElementById('step').textContent") == "2 of 5: conv"
    assert page.evaluate("document.querySelectorAll('.layer.later').length") == 3
    page.evaluate("document.getElementById('previous').click(); document.getElementById('previous').click()")
    assert page.evaluate("document.getElementById('step').textContent") == "all layers"


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_page(width: int, page: Page, tmp_path: Path) -> None:
    page.open(written(tmp_path / "live.html", "none"), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("live.ask(1, [10, 10, 0])")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.errors == []


def test_without_script_the_layers_are_listed(page: Page, tmp_path: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(written(tmp_path / "live.html"))
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
    names = page.evaluate("[...document.querySelectorAll('figure.layer h3')].map((name) => name.textContent)")
    assert names == [operation.name for operation in network()]

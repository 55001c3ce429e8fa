"""A figure's axes in the page are where the SVG has them, so that places can be read as values."""

import json
import re

import numpy as np
import pytest

from keras_suite.reports.figures.readable import readable_axes
from keras_suite.reports.figures.style import drawing, name_rows
from keras_suite.reports.figures.svg import for_page, settle, svg_text


@pytest.mark.parametrize("log", [False, True])
def test_the_places_of_points_are_their_values(log: bool) -> None:
    x, y = np.array([1.0, 3.0, 40.0]), np.array([0.5, 2.0, 30.0])
    with drawing() as figure:
        axes = figure.add_subplot()
        axes.plot(x, y, "o", label="<a> & b")
        axes.set_xlabel("epoch")
        axes.legend()
        if log:
            axes.set_yscale("log")
        settle(figure)
        told = json.loads(readable_axes(figure))
        page = for_page(svg_text(figure, "one"), "one", "d", axes=json.dumps(told))
    assert told["series"] == ["<a> & b"]
    [axis] = told["axes"]
    group = re.search(r'data-series="0"[^>]*>(.*?)</g>', page)
    assert group is not None
    places = [(float(a), float(b)) for a, b in re.findall(r'<use [^>]*?x="([\d.]+)" y="([\d.]+)"', page)]
    left, top, right, bottom = axis["box"]
    low, high = axis["y"]["ends"]
    for (at_x, at_y), value_x, value_y in zip(places[-4:-1], x, y, strict=True):  # the last one is in the legend
        share = (bottom - at_y) / (bottom - top)
        assert (low * (high / low) ** share if log else low + share * (high - low)) == pytest.approx(value_y, rel=0.02)
        ends = axis["x"]["ends"]
        assert ends[0] + (at_x - left) / (right - left) * (ends[1] - ends[0]) == pytest.approx(value_x, rel=0.01)
    assert (axis["x"]["label"], axis["y"]["log"]) == ("epoch", log)


def test_rows_that_have_names_keep_them() -> None:
    with drawing() as figure:
        axes = figure.add_subplot()
        axes.plot([1, 2], [0, 1], "o")
        name_rows(axes, ["first", "1"])
        settle(figure)
        [told] = json.loads(readable_axes(figure))["axes"]
    assert told["y"]["names"] == [[0.0, "first"], [1.0, "1"]]
    assert "names" not in told["x"]


def test_pictures_without_axes_have_nothing_to_read() -> None:
    with drawing() as figure:
        figure.add_subplot().imshow(np.zeros((3, 3)))
        figure.add_subplot(2, 1, 1).set_axis_off()
        settle(figure)
        assert readable_axes(figure) == ""


def test_grids_are_told_from_data() -> None:
    with drawing() as figure:
        figure.add_subplot().plot([0, 1], [0, 1])
        page = for_page(svg_text(figure, "one"), "one", "d")
    assert page.count("data-axis") == 2

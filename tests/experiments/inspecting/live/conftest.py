"""A Chromium for the tests of live pages, and networks written as pages."""

from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from keras_suite.experiments.inspecting.live.page import live_page
from keras_suite.reports.page.live import write_live
from tests.browser import Page

OpenLive = Callable[[keras.Model], Page]


@pytest.fixture
def open_live(page: Page, tmp_path: Path) -> OpenLive:
    """Opens the page of a network at 1440 pixels."""

    def write_and_open(model: keras.Model) -> Page:
        model.save(tmp_path / "model.keras")
        write_live(live_page(tmp_path / "model.keras", []), tmp_path / "live.html")
        page.open(tmp_path / "live.html")
        return page

    return write_and_open

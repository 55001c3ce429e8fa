"""`lecture`: each topic alone, all with an index, what the catalog measured, and an unknown topic."""

from pathlib import Path

import pytest

from keras_suite.experiments.commands.lecture import recorded
from keras_suite.experiments.lectures import TOPICS
from tests.end_to_end.typed import type_here


def test_all_topics_are_pages_with_an_index(tmp_path: Path) -> None:
    done = type_here("lecture", "--output", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").glob("*.html")} == {"index.html", *(f"{n}.html" for n in TOPICS)}
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}.html"' in index for name in TOPICS)


def test_one_topic_is_one_page(tmp_path: Path) -> None:
    done = type_here("lecture", "pooling", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "lectures").glob("*.html")] == ["pooling.html"]
    page = (tmp_path / "lectures" / "pooling.html").read_text(encoding="utf-8")
    assert "keras-suite run downsampling" in page
    assert "index.html" not in page


def test_an_unknown_topic_is_one_line(tmp_path: Path) -> None:
    done = type_here("lecture", "poling", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "did you mean 'pooling'" in done.stderr
    assert not (tmp_path / "lectures").exists()


@pytest.mark.parametrize("name", ["downsampling", "step_size", "autoencoder", "mnist_zero_one_scratch"])
def test_what_an_experiment_measured_is_quoted_in_whole_sentences(name: str) -> None:
    [found] = recorded({name: "about"})
    assert found.minutes
    assert found.measured.startswith("Measured")
    assert found.measured.endswith((".", ";", "…")) and "`" not in found.measured


def test_the_figure_of_recorded_runs_is_shown_and_none_where_none_are_recorded() -> None:
    with_figure, without = recorded({"mnist_zero_one_scratch": "by hand", "cifar10_pretrain": "a start"})
    assert with_figure.picture.startswith("<svg") and "plain" in with_figure.picture
    assert without.picture == ""

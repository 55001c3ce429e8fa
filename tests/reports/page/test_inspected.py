"""The pictures that `inspect` drew stand in the page, those of the first run that has any."""

import base64
import re

from keras_suite.reports.figures.style import drawing
from keras_suite.reports.figures.svg import write_figure
from keras_suite.reports.page.inspected import LARGEST, inside
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns

NAMES = ("occlusion", "filters", "features-test-7", "gradcam", "gradcam-test-7", "of-my-own")


def test_pictures_are_shown_in_the_order_of_a_look_and_by_their_kind(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=3)
    second = next(run for run in runs.runs if run.variant == "weak" and run.seed == 2)
    for name in NAMES:
        with drawing(1, 1) as figure:
            figure.add_subplot().set_title(name)
        write_figure(figure, second.path / "inspect", name)
    (second.path / "inspect" / "landscape.png").write_bytes(b"\x89PNG" + bytes(LARGEST))
    [found] = inside(experiment_numbers(runs))
    assert (found["variant"], found["seed"], found["left_out"]) == ("weak", 2, 1)
    titles = [picture["title"] for picture in found["pictures"]]
    assert [title.partition(" ")[0] for title in titles] == ["Kernels", "Feature", "Where", "How"]
    assert titles[1].endswith("test 7")
    page = write_report(runs, runs.folder).html.read_text(encoding="utf-8")
    kept = [base64.b64encode((second.path / "inspect" / f"{name}.png").read_bytes()).decode() for name in NAMES[:4]]
    assert all(data in page for data in kept) and "1 more picture beside the run" in page
    linked = re.findall(r"\((weak[^)]*\.png)\)", (runs.folder / "report.md").read_text(encoding="utf-8"))
    assert len(linked) == 4 and all((runs.folder / path).is_file() for path in linked)


def test_without_pictures_nothing_is_said(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=1)
    assert inside(experiment_numbers(runs)) == []
    assert "Inside the networks" not in write_report(runs, runs.folder).html.read_text(encoding="utf-8")

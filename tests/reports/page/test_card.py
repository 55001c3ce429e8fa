"""The card says what is there, says what is not known, and is a page without a script."""

from pathlib import Path

import numpy as np

from keras_suite.reports.page.card import Card, write_card
from keras_suite.reports.page.card_measured import accuracy_section
from keras_suite.reports.results.held_out import held_out
from keras_suite.reports.results.model_card import Answered, answered_tests
from keras_suite.reports.results.robustness import Robustness, against_clean
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import validated_by

CLEAN = np.arange(360) >= 20
HARMED = np.arange(360) >= 90


def card(make_runs: MakeRuns, trained: bool = False, validated: bool = True, **record: object) -> Card:
    run, other = make_runs({"only": {}}, seeds=2, **record).runs  # type: ignore[arg-type]
    answered = answered_tests(run, [other], crossed=trained)
    assert answered is not None
    if validated:
        validated_by(run, answered.labels[:100], answered.probabilities[:100])
    robustness = Robustness(
        "training image" if trained else "test image",
        5000,
        trained,
        against_clean("none", "", CLEAN, CLEAN, 1),
        (against_clean("Gaussian blur", "σ 2 px", CLEAN, HARMED, 4),),
    )
    return Card(
        run, "Is it <b>so</b>?", tuple("0123456789"), answered, held_out(run), robustness, ("None.",), "runs/a", "runs"
    )


def written(made: Card, folder: Path) -> tuple[str, str]:
    markdown, page = (path.read_text(encoding="utf-8") for path in write_card(made, folder))
    return markdown, page


def test_both_say_the_same_and_the_page_runs_and_loads_nothing(make_runs: MakeRuns, tmp_path: Path) -> None:
    data = {
        "name": "image_folder",
        "class_names": list("0123456789"),
        "input_shape": [8, 8, 1],
        "train": 200,
        "inspection": {"layout": "", "counts": {}, "findings": [{"kind": "x", "text": "3 copies in /home/ada/p"}]},
    }
    markdown, page = written(card(make_runs, data=data, command="keras-suite run /home/ada/x.py"), tmp_path)
    for text in (markdown, page):
        assert "/home/ada" not in text and "opies in …/p" in text and "keras-suite run …/x.py" in text
        assert "−19.44" in text and "drawn from 5,000" in text and "one more run may be expected" in text
        assert "images to validate" in text and "unknown" in text  # which this run.json does not say
        assert "keras-suite predict runs/a IMAGES" in text and "0123456789abcdef" in text
    assert "<script" not in page and "src=" not in page and "://" not in page and "Is it &lt;b&gt;so&lt;/b&gt;?" in page
    assert "Is it &lt;b>so" in markdown


def test_what_trained_the_network_measures_differences_only(make_runs: MakeRuns, tmp_path: Path) -> None:
    markdown, _ = written(card(make_runs, trained=True, trained_by=None), tmp_path)
    assert "These images trained the network" in markdown and "`card --on PHOTOS`" in markdown
    assert "| damage | strength | difference, points | 95 % interval | predict warns of |" in markdown
    assert "each answered by heads that were fitted without it" in markdown


def test_what_a_run_does_not_keep_is_said_to_be_unknown(make_runs: MakeRuns, tmp_path: Path) -> None:
    markdown, _ = written(card(make_runs, validated=False), tmp_path)
    assert "is unknown: the run keeps no answers to validation images" in markdown
    assert "the run keeps no ranges of what those look like, so nothing warns of them" in markdown
    assert "Whether the data were inspected is unknown" in markdown and "- network: unknown" in markdown
    assert "The images that it knows" not in markdown


def test_validation_images_are_no_test_images(make_runs: MakeRuns) -> None:
    answered = card(make_runs).answered
    said = " ".join(accuracy_section(Answered(answered.labels, answered.probabilities, "validation image")).sentences)
    assert "Nobody has looked at this run's test images" in said and "One seed is known" in said

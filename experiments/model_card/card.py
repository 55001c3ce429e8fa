"""Write the model card of a run: read what it kept, ask its network about damaged images, and lay both out."""

import contextlib
from pathlib import Path

from keras_suite.experiments.exporting.images import images_of_files, images_of_run
from keras_suite.experiments.exporting.running import answers
from keras_suite.experiments.inspecting.predict import likeness_of_run, trained
from keras_suite.experiments.model_card.licence import licence_lines
from keras_suite.experiments.model_card.robustness import robustness
from keras_suite.experiments.predicting.stream import asker, images_at_a_time
from keras_suite.reports import run_directory
from keras_suite.reports.page.card import Card, write_card
from keras_suite.reports.results.held_out import held_out
from keras_suite.reports.results.model_card import Answered, answered_tests
from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.layout import LISTING
from keras_suite.tasks.classes import CLASSES

_SHOWN_PARTS = 4  # of an absolute path: runs/experiment/variant/seed-1


def write_model_card(directory: Path, folder: Path, data_dir: Path | None, on: str | None = None) -> Card:
    """Measure a completed classifier on damaged images and write its card.

    Args:
        directory: The run directory.
        folder: Where card.md and card.html are written; what is there is replaced.
        data_dir: The folder of downloaded data.
        on: Image files to damage instead of the run's, see `images_of_files`.

    Raises:
        ValueError, OSError: If the run cannot be used; nothing is written then.
    """
    run = run_directory.read_run(directory)
    images = images_of_run(directory, data_dir)
    model, names = trained(directory)
    if names != images.class_names:
        raise ValueError(f"{directory} has other classes than its data now: restore the data")
    ask = asker(model, CLASSES)
    crossed = images.measured.trained
    answered = answered_tests(run, _beside(run), crossed)
    if answered is None:
        said = answers(ask, images.measured, images_at_a_time(*images.shape[:2]))
        answered = Answered(images.measured.truth, said, images.measured.called)
    damaged = images.measured if on is None else images_of_files(directory, on, model, names)
    place = _place(directory)
    card = Card(
        run=run,
        question=_question(directory),
        names=names,
        answered=answered,
        held_out=held_out(run),
        robustness=robustness(ask, damaged, likeness_of_run(directory)),
        licence=licence_lines(run),
        place=place.as_posix(),
        folder=place.parent.parent.as_posix(),
    )
    write_card(card, folder)
    return card


def _beside(run: Run) -> list[Run]:
    """Return the completed runs of the same variant with other seeds that can be read."""
    found = []
    for directory in run_directory.run_directories(run.path.resolve().parent):
        if directory.name == run.path.resolve().name or not run_directory.is_completed(directory):
            continue
        with contextlib.suppress(ValueError, OSError):
            found.append(run_directory.read_run(directory))
    return found


def _question(directory: Path) -> str:
    """Return the question of the experiment that a run is of; "" where its folder says none."""
    folder = directory.resolve().parent.parent
    if not (folder / LISTING).is_file():
        return ""
    with contextlib.suppress(ValueError, OSError):
        return str(run_directory.read_listing(folder).get("question") or "")
    return ""


def _place(directory: Path) -> Path:
    """Return what the run directory is called on a page that is sent to others: as typed, or without its beginning."""
    return Path(*directory.parts[-_SHOWN_PARTS:]) if directory.is_absolute() else directory

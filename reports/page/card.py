"""The model card of one run: card.md and card.html, one offline file without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_suite.reports.page.card_measured import (
    accuracy_section,
    calibration_section,
    classes_section,
    headline,
    robustness_section,
)
from keras_suite.reports.page.card_origin import (
    commands_section,
    data_section,
    model_section,
    ranges_section,
    use_section,
    versions_section,
)
from keras_suite.reports.page.card_parts import Section
from keras_suite.reports.page.rendering import render
from keras_suite.reports.results.held_out import HeldOut
from keras_suite.reports.results.model_card import Answered
from keras_suite.reports.results.robustness import Robustness
from keras_suite.reports.run_directory.layout import Run
from keras_suite.tasks.atomic_files import write_text

PAGES = ("card.md", "card.html")


@dataclass(frozen=True)
class Card:
    """What a model card rests on.

    Attributes:
        run: The run.
        question: That of its experiment; "" where it is not known.
        names: Of the classes.
        answered: Its answers.
        held_out: What its sureness is chosen by.
        robustness: What damaged images cost.
        licence: Sentences.
        place: What the run directory is called in commands.
        folder: What the experiment's folder is called.
    """

    run: Run
    question: str
    names: tuple[str, ...]
    answered: Answered
    held_out: HeldOut | None
    robustness: Robustness
    licence: tuple[str, ...]
    place: str
    folder: str


def write_card(card: Card, folder: Path) -> tuple[Path, ...]:
    """Write card.md and card.html into a folder, each atomically, and return their paths."""
    run = card.run
    view = {
        "question": f"Model card: {run.experiment}, {run.variant}, seed {run.seed}",
        "eyebrow": f"{run.experiment}, {run.variant}, seed {run.seed}",
        "answer": headline(card.answered, card.names),
        "sections": sections(card),
    }
    texts = {name: render(name, view) for name in PAGES}
    for name, text in texts.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in PAGES)


def sections(card: Card) -> Sequence[Section]:
    """Return the sections of a card, in their order."""
    run, answered = card.run, card.answered
    found = [
        use_section(run, card.names),
        accuracy_section(answered),
        classes_section(answered, card.names),
        calibration_section(answered, card.held_out),
        robustness_section(card.robustness),
        data_section(run, answered.crossed),
        ranges_section(run),
        model_section(run, card.question),
        Section("licence", "Licence of the weights", card.licence),
        versions_section(run),
        commands_section(card.place, card.folder),
    ]
    return [section for section in found if section is not None]

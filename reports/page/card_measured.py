"""The sections of a model card that say what was measured: accuracy, classes, calibration, damaged images."""

from collections.abc import Sequence

from keras_suite.reports.page.card_parts import Section, Table
from keras_suite.reports.results.classification import class_name
from keras_suite.reports.results.guessing import no_better_than_guessing
from keras_suite.reports.results.held_out import HeldOut
from keras_suite.reports.results.model_card import (
    Answered,
    Cut,
    Range,
    calibration,
    confused,
    cuts,
    expected_range,
    of_classes,
)
from keras_suite.reports.results.robustness import Corrupted, Robustness
from keras_suite.reports.wording import percent_interval, points
from keras_suite.tasks.classes import ACCURACY
from keras_suite.tasks.wording.quantities import NONE, counted, listed, percent

MOST_CLASSES = 40  # that are shown, those with the lowest recall
VALIDATION = "validation image"


def headline(answered: Answered, names: Sequence[str]) -> str:
    """Return what the card says first: how much is right, what to expect, and whether guessing might do as well."""
    found = expected_range(answered)
    expect = f"Expect {ACCURACY.format_interval(found.interval)} on other images like these."
    if guessing := no_better_than_guessing(answered.labels, found.interval, names):
        expect += f" {guessing}"
    share = ACCURACY.format(found.share)
    if answered.crossed:
        images = counted(found.images, "image")
        return f"Right on {share} of {images}, each answered by heads that were fitted without it. {expect}"
    right = round(found.share * found.images)
    return f"Right on {right:,} of {counted(found.images, answered.called)}: {share}. {expect}"


def accuracy_section(answered: Answered) -> Section:
    """Say the accuracy, and what it is worth for other images and other seeds."""
    found = expected_range(answered)
    interval = f"{ACCURACY.format_interval(found.interval)} is the 95 % interval of Clopper and Pearson (1934)"
    if answered.crossed:
        sentences = [
            f"{interval}, of the mean of {counted(found.runs, 'repeat')} of the cross-validation. The model itself was "
            "fitted to all of the images, so that its own answers to them say nothing of new ones."
        ]
    else:
        sentences = [f"{interval}, which is exact: for this network, and images drawn as these were. {_seeds(found)}"]
    if answered.called == VALIDATION:
        sentences.append(
            "Nobody has looked at this run's test images. Its validation images may have chosen its epoch or its "
            "settings, so expect somewhat less of new images."
        )
    sentences.append(
        "Images like these are of the same kinds, from the same sources, in the same shares of classes. Other cameras, "
        "places and times were not measured."
    )
    return Section("accuracy", "What to expect", sentences)


def _seeds(found: Range) -> str:
    if found.seeds is None or found.further_run is None:
        return "One seed is known: how much another one would change is not."
    low, high = (ACCURACY.format(share) for share in found.seeds)
    return (
        f"The {found.runs:,} runs of these settings that differ in the seed, this one among them, are right on {low} "
        f"to {high} of the same images; one more run may be expected to have "
        f"{ACCURACY.format_interval(found.further_run)} on very many such images, in 95 of 100 cases."
    )


def classes_section(answered: Answered, names: Sequence[str]) -> Section:
    """Say for each class how much of it is found, how many of the answers that name it are right, what is confused."""
    found = of_classes(answered)
    order = list(range(len(found)))
    legend = "Recall: how many of the class's images are read as it, with its exact 95 % interval. Precision: how many "
    legend += "of the answers that name the class are right."
    if len(order) > MOST_CLASSES:
        order = sorted(order, key=lambda k: found[k].right / found[k].images if found[k].images else 2.0)[:MOST_CLASSES]
        legend += f" Of {len(found):,} classes these {MOST_CLASSES} have the lowest recall."
    if answered.crossed and answered.others:
        legend += " Counts are of this run's repeat alone."
    rows = [
        (
            class_name(names, k),
            f"{found[k].right:,} of {found[k].images:,}",
            percent(found[k].right / found[k].images if found[k].images else None),
            percent_interval(found[k].interval),
            f"{found[k].right:,} of {found[k].answers:,}",
            percent(found[k].right / found[k].answers if found[k].answers else None),
        )
        for k in order
    ]
    headings = ("class", "read as it", "recall", "95 % interval", "answers right", "precision")
    return Section(
        "classes",
        "Errors by class",
        [_confusions(answered, names)],
        tables=[Table("Classes", headings, rows)],
        legend=legend,
    )


def _confusions(answered: Answered, names: Sequence[str]) -> str:
    wrong = int((~answered.right).sum())
    if not wrong:
        return f"None of {counted(len(answered.labels), answered.called)} was read wrong."
    pairs = [
        f"{class_name(names, true)} taken for {class_name(names, answer)} ({times:,})"
        for true, answer, times in confused(answered)
    ]
    shown = sum(times for *_, times in confused(answered))
    more = f"; {wrong - shown:,} in other pairs" if shown < wrong else ""
    return f"Wrong are {wrong:,} of {counted(len(answered.labels), answered.called)}: {', '.join(pairs)}{more}."


def calibration_section(answered: Answered, held_out: HeldOut | None) -> Section:
    """Say whether the probabilities are those with which answers are right, and what asking for few errors would do."""
    found = calibration(answered, held_out)
    share = float(answered.right.mean())
    word = "too sure" if found.confidence > share else "not sure enough"
    sentences = [
        f"The mean probability of the answers is {percent(found.confidence)}, and {percent(share)} of them are right: "
        f"as a whole the network is {word}. Its expected calibration error, the mean distance between probability and "
        f"accuracy over 15 bins, is {points(found.error, sign=False)} points on "
        f"{counted(len(answered.labels), answered.called)}; of a perfectly calibrated network with these probabilities "
        f"chance alone would make it {points(found.by_chance, sign=False)}."
    ]
    if held_out is None or found.temperature is None or found.error_after is None:
        return Section(
            "calibration",
            "Calibration",
            [
                *sentences,
                "What a temperature or a threshold would do is unknown: the run keeps no answers to validation images.",
            ],
        )
    how = ", each half of the images with one that was fitted to the other half" if found.halves else ""
    sentences.append(
        f"A temperature of {found.temperature:.2f}, fitted to {held_out.count}, makes the error "
        f"{points(found.error_after, sign=False)} points{how}; it changes no answer. predict --calibrate applies it."
    )
    return Section(
        "calibration",
        "Calibration, and answering only where sure",
        sentences,
        tables=[_cut_table(cuts(answered, held_out), answered, held_out)],
        legend='predict --max-error answers "other" below a probability that is chosen so that, by the images held '
        "out, at most so many of the answers are wrong, with 95 % confidence. None: no threshold is shown to keep it.",
    )


def _cut_table(found: Sequence[Cut], answered: Answered, held_out: HeldOut) -> Table:
    measured = any(cut.answered is not None for cut in found)
    headings = ["wrong at most", "answered from", f"of {held_out.count}, answered", "of these wrong"]
    if measured:
        headings += [f"of {counted(len(answered.labels), answered.called)}, answered", "of these wrong"]
    rows = []
    for cut in found:
        row = [f"{100 * cut.rate:g} %"]
        if cut.threshold is None:
            needed = f"none; takes {cut.fewest:,} images" if cut.fewest > len(held_out.labels) else "none"
            row += [needed, "", ""] + ["", ""] * measured
        else:
            row += [f"{cut.threshold.confidence:.4g}", f"{cut.threshold.answered:,}", f"{cut.threshold.wrong:,}"]
            row += [NONE if count is None else f"{count:,}" for count in (cut.answered, cut.wrong)] * measured
        rows.append(row)
    return Table("Answering only where sure", headings, rows)


def robustness_section(found: Robustness) -> Section:
    """Say what damage to the images costs."""
    clean = found.clean
    drawn = f", drawn from {found.of:,}" if found.of > clean.images else ""
    sentences = [
        f"The network itself was asked about {counted(clean.images, found.called)}{drawn}, damaged in six ways at "
        "three strengths each; the same command damages them alike."
    ]
    if found.trained:
        sentences.append(
            "These images trained the network, so how many it reads right says nothing of new ones, and only the "
            "difference that the damage makes is given: on new images it may be larger. Photographs with known classes "
            "that trained nothing measure it: card --on PHOTOS."
        )
    else:
        sentences.append(
            f"As they are it reads {clean.right:,} right: {ACCURACY.format(clean.accuracy)} (95 % interval "
            f"{ACCURACY.format_interval(clean.accuracy_interval)})."
        )
    tells = clean.unlike is not None
    headings = ["damage", "strength"] + ([] if found.trained else ["accuracy", "95 % interval"])
    headings += ["difference, points", "95 % interval"] + (["predict warns of"] if tells else [])
    rows = [_damage(row, found.trained) for row in ((clean,) if tells else ()) + found.rows]
    sentences.append(f"{worst_damage(found)}{_unnoticed(found)}")
    return Section(
        "robustness",
        "Damaged images",
        sentences,
        tables=[Table("Damaged images", headings, rows, words=2)],
        legend="Differences are to the same images as they are; each interval is for other images like these, of one "
        "row alone. "
        + ("predict warns of images that look unlike those that trained the network. " if tells else "")
        + "× is the factor of all pixel values, cut off at white; blur is given for the network's own image size.",
    )


def worst_damage(found: Robustness) -> str:
    """Return which damage costs most."""
    row = min(found.rows, key=lambda row: row.difference)
    if row.difference >= 0:
        return f"None of the damage to {counted(row.images, found.called)} costs anything."
    return (
        f"Of the damage to {counted(row.images, found.called)} {row.corruption} ({row.strength}) costs most: "
        f"{points(row.difference)} points."
    )


def _unnoticed(found: Robustness) -> str:
    """Name the kinds of damage that cost much and that `predict` rarely warns of."""
    kinds = [
        f"{row.corruption} ({row.strength})"
        for row in found.rows
        if row.unlike is not None and row.interval.high < -0.05 and row.unlike < row.images / 2
    ]
    return (
        f" predict warns of less than half of the images with {listed(kinds)}, though they cost much." if kinds else ""
    )


def _damage(row: Corrupted, trained: bool) -> list[str]:
    cells = [row.corruption, row.strength]
    if not trained:
        cells += [ACCURACY.format(row.accuracy), percent_interval(row.accuracy_interval)]
    is_clean = not row.strength
    cells += ["", ""] if is_clean else [points(row.difference), _signed_interval(row)]
    return cells if row.unlike is None else [*cells, percent(row.unlike / row.images, 1)]


def _signed_interval(row: Corrupted) -> str:
    return f"{points(row.interval.low)} to {points(row.interval.high)}"

"""Each run's confusion matrix and the images that it was surest and wrong about, for the page's script."""

import base64
import io
from typing import Any

import numpy as np

from keras_suite.reports.figures.predictions import as_seen
from keras_suite.reports.results.classification import class_name, confusion
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import examples
from keras_suite.reports.wording import sureness

OF_A_RUN = 12  # images
MOST_CHARACTERS = 150_000  # of all images together, as data URLs
LONGEST_SIDE = 64  # pixels of an image
IN_A_MATRIX = 20  # classes; of more only the commonest errors are listed
COMMONEST = 12

Wrong = tuple[int, int, float]  # the true class, the predicted one, the probability given to it


def wrong_images_of(numbers: Numbers) -> dict[str, Any]:
    """Return the errors of every run that predicts classes.

    Returns:
        `classes`, names; `images`, data URLs; and `errors`, for each run None or a dict of `classes` (the names, where
        the variant has its own), `tested` and `wrong` (numbers of images), `matrix` (counts, row after row, up to 20
        classes) or `commonest` ([true, predicted, count]), and `images` ([image, true, predicted, how sure]).
    """
    runs = numbers.runs()
    tested = [run for run in runs if run.labels is not None and run.predicted is not None]
    if not tested:
        return {"classes": [], "images": [], "errors": [None for _ in runs]}
    names = [_names(numbers, run) for run in runs]
    shown, sources = _within_limit([_surest(run) for run in runs])
    return {
        "classes": names[runs.index(tested[0])],
        "images": sources,
        "errors": [
            _errors(run, own, images, own == names[runs.index(tested[0])]) if run.labels is not None else None
            for run, own, images in zip(runs, names, shown, strict=True)
        ],
    }


def _names(numbers: Numbers, run: RunNumbers) -> list[str]:
    if run.labels is None or run.predicted is None:
        return []
    known = numbers.classes_of(run.variant)
    return [class_name(known, k) for k in range(max(len(known), 1 + int(max(run.labels.max(), run.predicted.max()))))]


def _errors(run: RunNumbers, names: list[str], images: list[list[Any]], same_names: bool) -> dict[str, Any]:
    counts = confusion([run], len(names))
    wrong = counts * ~np.eye(len(names), dtype=bool)
    told: dict[str, Any] = {"tested": int(counts.sum()), "wrong": int(wrong.sum()), "images": images}
    if not same_names:
        told["classes"] = names
    if len(names) <= IN_A_MATRIX:
        return told | {"matrix": counts.ravel().tolist()}
    order = np.argsort(-wrong.ravel(), kind="stable")[:COMMONEST]
    places = [divmod(int(k), len(names)) for k in order]
    return told | {"commonest": [[true, said, int(wrong[true, said])] for true, said in places if wrong[true, said]]}


def _surest(run: RunNumbers) -> list[tuple[np.ndarray, Wrong]]:
    """Return the images that the run stored and got wrong, the surest first."""
    stored, answers = (examples(run.source) if run.source else None), run.answers()
    if stored is None or answers is None or answers.confidence is None:
        return []
    found = []
    for place, pixels in zip(answers.at(stored[0]).tolist(), stored[1], strict=True):
        if place >= 0 and answers.predicted[place] != answers.labels[place]:
            wrong = (int(answers.labels[place]), int(answers.predicted[place]), float(answers.confidence[place]))
            found.append((pixels, wrong))
    return sorted(found, key=lambda each: -each[1][2])[:OF_A_RUN]


def _within_limit(of_runs: list[list[tuple[np.ndarray, Wrong]]]) -> tuple[list[list[list[Any]]], list[str]]:
    """Return what is shown of each run, and the images: the surest of every run before the second of any."""
    known: dict[bytes, str] = {}
    sources: dict[str, int] = {}
    shown: list[list[list[Any]]] = [[] for _ in of_runs]
    characters = 0
    for rank in range(OF_A_RUN):
        for own, images in zip(shown, of_runs, strict=True):
            if rank >= len(images) or len(own) < rank:
                continue
            pixels, (true, said, sure) = images[rank]
            content = pixels.tobytes()
            source = known[content] = known.get(content) or small_image(pixels)
            if source not in sources:
                if characters + len(source) > MOST_CHARACTERS:
                    continue
                characters += len(source)
                sources[source] = len(sources)
            own.append([sources[source], true, said, sureness(sure)])
    return shown, list(sources)


def small_image(pixels: np.ndarray) -> str:
    """Return an image uint8 (h, w, channels) as a data URL, at most 64 pixels wide and high."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(as_seen(pixels)))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = []
    for kind, options in (("png", {"optimize": True}), ("webp", {"quality": 80, "method": 4})):
        content = io.BytesIO()
        image.save(content, format=kind, **options)
        written.append((len(content.getvalue()), kind, content.getvalue()))
    _, kind, data = min(written)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"

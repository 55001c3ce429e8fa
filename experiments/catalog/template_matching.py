"""Where in a cluttered scene does a known digit, or a known piece of a photograph, lie, and what fools correlation?

    keras-suite run template_matching

A digit of MNIST, cut to its ink, is looked for among 40 others that lie over and beside it; a piece of a photograph in
a wall of nine photographs of dogs and cats. The place is where the correlation is largest: plain, with the template
less its mean, or normalised by each window's contrast (models/plain_numpy/template_matching.py). The light of the
scene changes, or a shadow falls on the place alone, or the camera adds noise.

Measured (400 scenes of MNIST's test digits, 400 of 2,500 photographs, 18 s of one busy core), found within 1 pixel, %,
with 95 % intervals of at most 5 points to each side:

                             digits                       photographs
                     plain  zero-mean  normalised   plain  zero-mean  normalised
    as it is          43.0       74.2        75.2     0.5       38.5       100.0
    gain and offset   43.0       74.2        75.2     0.5       38.5       100.0
    uneven light      27.8       54.2        74.8     0.5       31.2       100.0
    place in shadow    0.0        0.0        75.0     0.0        0.0       100.0
    noise             40.5       73.8        74.2     0.2       38.5        84.5

Light that changes everywhere alike moves no maximum, of none of the three. But plain correlation goes where the scene
is bright: its scores correlate with the mean grey level of the windows by 0.98 in photographs and by 0.93 among digits,
and its maxima lie on grey level 218 in the mean, where the sought pieces have 115. Less its mean the template goes to
what is rich in contrast (71 grey levels, where the pieces have 44). Of digits normalised correlation misses those under
others: it finds all of the quarter that is covered least (4 % of the window), and 17 % of the most covered (52 %).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.data_pipeline.datasets.synthetic.cluttered_scenes import (
    CHANGES,
    Scene,
    changed,
    scene_of_digits,
    scene_of_photographs,
)
from keras_suite.models.plain_numpy.template_matching import (
    best_place,
    correlation,
    normalised_correlation,
    window_means,
    zero_mean_correlation,
)
from keras_suite.reports.figures.style import GREY, colour, drawing
from keras_suite.reports.page.study import Study
from keras_suite.tasks.wording.quantities import listed

SCENES = 400  # of digits, and as many of photographs
SIDE = 64  # pixels of a photograph
NEAR = 1  # pixels, in each direction
SHOWN = "uneven light"  # the change that is drawn

Method = Callable[[np.ndarray, np.ndarray], np.ndarray]
METHODS: dict[str, Method] = {
    "plain": correlation,
    "zero-mean": zero_mean_correlation,
    "normalised": normalised_correlation,
}


# -- the study -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """Whether a method's maximum lies at the right place, and what lies under it.

    `follows` is the correlation coefficient of all the method's scores with the brightness of their windows.
    """

    right: bool
    brightness: float
    contrast: float
    follows: float


Looks = Mapping[tuple[str, str, str], Sequence[Look]]  # by kind of scene, change, and method


def look(scene: Scene, method: Method) -> Look:
    """Return what the method finds in the scene."""
    scores = method(scene.image, scene.template)
    best = Scene(scene.image, scene.template, best_place(scores))
    off = max(abs(at - true) for at, true in zip(best.place, scene.place, strict=True))
    seen = best.image[best.window]
    brightness = window_means(scene.image, scene.template.shape)
    follows = float(np.corrcoef(scores.ravel(), brightness.ravel())[0, 1])
    return Look(off <= NEAR, float(seen.mean()), float(seen.std()), follows)


def study(data_dir: Path | None) -> Study:
    """Return every scene under every change, looked at by every method."""
    scenes = scenes_of(data_dir)
    looks: Looks = {
        (kind, change, name): [look(changed(scene, change, seed), method) for seed, scene in enumerate(of_kind)]
        for kind, of_kind in scenes.items()
        for change in CHANGES
        for name, method in METHODS.items()
    }
    return Study(
        answer=answer(looks),
        tables={
            f"Found within {NEAR} pixel": [_share_row(key, of_scenes) for key, of_scenes in looks.items()],
            "What lies under the maximum, in scenes as they are": [
                row for kind, of_kind in scenes.items() for row in _under(kind, of_kind, looks)
            ],
            "Digits found by normalised correlation, by how much others cover them": _by_cover(
                scenes["digits"], looks["digits", "as it is", "normalised"]
            ),
        },
        figures={
            "Found by each form of correlation": _shares(looks),
            **{
                f"{kind.capitalize()} under {SHOWN}, {title}": _maps(changed(of_kind[seed], SHOWN, seed))
                for kind, of_kind in scenes.items()
                for seed, title in [_telling(kind, looks)]
            },
        },
    )


def _telling(kind: str, looks: Looks) -> tuple[int, str]:
    """Return the first scene that only normalised correlation finds, else the first of all, and what is said of it."""
    right = np.array([[each.right for each in looks[kind, SHOWN, name]] for name in METHODS])
    only_last = np.flatnonzero(right[-1] & ~right[:-1].any(axis=0))
    return (int(only_last[0]), "found by normalised correlation alone") if len(only_last) else (0, "the first scene")


def scenes_of(data_dir: Path | None) -> dict[str, list[Scene]]:
    """Create SCENES of MNIST's test digits, and of the photographs."""
    from keras_suite.data_pipeline.datasets.image_folder import image_folder  # late: `list` loads this file
    from keras_suite.data_pipeline.datasets.keras_datasets import mnist

    digits = mnist(data_dir).test_images[..., 0]
    cats_and_dogs = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(SIDE, SIDE), channels=1)
    photographs = np.concatenate([cats_and_dogs.images, cats_and_dogs.test_images])[..., 0]
    return {
        "digits": [scene_of_digits(digits, seed) for seed in range(SCENES)],
        "photographs": [scene_of_photographs(photographs, seed) for seed in range(SCENES)],
    }


def answer(looks: Looks) -> str:
    """Return the sentence, by the numbers."""

    def shares(kind: str, change: str) -> str:
        sentences = [f"{name} correlation finds {100 * _share(looks[kind, change, name]):.1f} %" for name in METHODS]
        return listed([sentences[0], *(text.replace(" correlation finds", "") for text in sentences[1:])])

    follows = {
        name: np.mean([each.follows for kind in _kinds(looks) for each in looks[kind, "as it is", name]])
        for name in METHODS
    }
    parts = [f"of {SCENES} scenes of {kind} under {SHOWN} {shares(kind, SHOWN)}" for kind in _kinds(looks)]
    return (
        f"{'; '.join(parts)[0].upper()}{'; '.join(parts)[1:]}. Plain correlation follows brightness: its scores "
        f"correlate {follows['plain']:.2f} with the mean grey level that they lie over, normalised ones "
        f"{follows['normalised']:.2f}."
    )


def _kinds(looks: Looks) -> list[str]:
    return list(dict.fromkeys(kind for kind, _, _ in looks))


def _share(looks: Sequence[Look]) -> float:
    return float(np.mean([each.right for each in looks]))


def _ends(looks: Sequence[Look]) -> tuple[float, float]:
    """Return the share's 95 % interval."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(sum(each.right for each in looks), len(looks), method="wilson")
    return float(low), float(high)


def _share_row(key: tuple[str, str, str], looks: Sequence[Look]) -> dict[str, Any]:
    low, high = _ends(looks)
    return {
        **dict(zip(("scenes of", "change", "correlation"), key, strict=True)),
        "found, %": 100 * _share(looks),
        "95 % interval": f"{100 * low:.1f} to {100 * high:.1f}",
    }


def _under(kind: str, scenes: Sequence[Scene], looks: Looks) -> list[dict[str, Any]]:
    """Return means over the scenes: grey levels, their spread, and how the scores follow the brightness."""
    right = [scene.image[scene.window] for scene in scenes]
    rows = [
        {
            "scenes of": kind,
            "maximum of": name,
            "grey level": float(np.mean([each.brightness for each in looks[kind, "as it is", name]])),
            "contrast": float(np.mean([each.contrast for each in looks[kind, "as it is", name]])),
            "scores with brightness": f"{np.mean([each.follows for each in looks[kind, 'as it is', name]]):.2f}",
        }
        for name in METHODS
    ]
    truth = {
        "scenes of": kind,
        "maximum of": "(the right place)",
        "grey level": float(np.mean([window.mean() for window in right])),
        "contrast": float(np.mean([window.std() for window in right])),
        "scores with brightness": "",
    }
    return [truth, *rows]


def _by_cover(scenes: Sequence[Scene], looks: Sequence[Look]) -> list[dict[str, Any]]:
    """Return four quarters of the scenes, by the share of the sought window where others are brighter."""
    covered = np.array([np.mean(scene.image[scene.window] > scene.template) for scene in scenes])
    right = np.array([each.right for each in looks])
    return [
        {
            "quarter": number,
            "covered, %": 100 * float(covered[rows].mean()),
            "found, %": 100 * float(right[rows].mean()),
        }
        for number, rows in enumerate(np.array_split(np.argsort(covered, kind="stable"), 4), 1)
    ]


# -- figures ---------------------------------------------------------------------------------------------------------


def _shares(looks: Looks) -> Any:
    with drawing(height=2.6) as figure:
        for axes, kind in zip(figure.subplots(1, 2, sharey=True), _kinds(looks), strict=True):
            for position, name in enumerate(METHODS):
                for row, change in enumerate(CHANGES):
                    of_scenes, at = looks[kind, change, name], row + 0.22 * (position - 1)
                    axes.plot([100 * end for end in _ends(of_scenes)], [at, at], color=colour(position), linewidth=1.6)
                    label = name if not row else None
                    axes.plot(100 * _share(of_scenes), at, "o", color=colour(position), markersize=4.5, label=label)
            axes.set(title=kind, xlim=(-4, 104), xticks=(0, 50, 100), ylim=(len(CHANGES) - 0.5, -0.5))
            axes.set_yticks(range(len(CHANGES)), list(CHANGES))
            axes.grid(False, axis="y")
        figure.supxlabel("% of scenes found", fontsize=9, color=GREY)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(METHODS))
    return figure


def _maps(scene: Scene) -> Any:
    """Return the scene with what each method found, the template in its size, and the scores of each place."""
    from matplotlib.patches import Rectangle

    with drawing(height=4.6) as figure:
        top, below = figure.subfigures(2, 1, height_ratios=(1.55, 1))
        cut, whole = top.subplots(1, 2, width_ratios=scene.template.shape[1:] + scene.image.shape[1:])
        for axes, pixels, title in ((cut, scene.template, "sought"), (whole, scene.image, "the scene")):
            axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
            axes.set_title(title)
        height, width = scene.template.shape
        for position, (axes, (name, method)) in enumerate(zip(below.subplots(1, 3), METHODS.items(), strict=True)):
            scores = method(scene.image, scene.template)
            row, column = best_place(scores)
            size = {
                "edgecolor": colour(position),
                "facecolor": "none",
                "linewidth": 2,
                "linestyle": ("-", "--", ":")[position],
            }
            whole.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, **size))
            axes.imshow(scores, cmap="gray")
            axes.plot(
                column,
                row,
                "o",
                markersize=9,
                color=colour(position),
                fillstyle="none",
                markeredgewidth=2,
                clip_on=False,
            )
            axes.set_title(name, color=colour(position))
        for axes in figure.axes:
            axes.set(xticks=(), yticks=())
            axes.grid(False)
    return figure

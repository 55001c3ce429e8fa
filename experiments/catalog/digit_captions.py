"""Where should a captioner's words meet the image: in the LSTM's first state, at every step, or only after it?

    keras-suite run digit_captions --workers 2

Scenes of one to four digits, to be told as in "a two above a seven and a one left of a nine". The image's features make
the LSTM's first states, or stand beside each word, or beside each of the LSTM's outputs, just before the logits; the
networks are of equal size (346,900 to 347,252 parameters). A caption is right if it is one of all sentences that are
true of the scene.

Measured (11,880 scenes of digits of MNIST to train, 1,320 to validate, 2,000 to test; 8 seeds, 24 runs in 28 minutes on
2 busy cores; greedy decoding where nothing else is said):

                                  initial_state    every_step      after
    right captions                      53.36 %       53.71 %    46.55 %
      of one digit ...                   93.5 %        92.5 %     96.0 %
      of four digits                     15.0 %        18.2 %      6.4 %
      by beam search, width 3           54.55 %       55.42 %    47.07 %
    right digits, wrong places            2.5 %         1.2 %     12.4 %
    BLEU-1                               0.8965        0.9006     0.9169
    BLEU-4                               0.7934        0.8200     0.7930
    ROUGE-L                              0.9012        0.9061     0.8934
    METEOR                               0.8850        0.8879     0.8933
    CIDEr-D                               4.231         4.245      4.298

"None of 2 variants is shown to be better than 'initial_state'; 'after' is worse; 'every_step' is undecided": worse by
6.81 points (95 % interval over both comparisons 2.86 to 10.77), and +0.36 (-4.53 to 5.24). Added to the logits of an
LSTM that knows of words only, the image says which digits there are, but hardly which comes next; on photographs Tanti,
Gatt and Camilleri (2018) found that it matters little. BLEU-1, METEOR and CIDEr-D do not see it: they put the network
first whose captions are oftenest wrong. Beam search tells more scenes rightly than greedy decoding in all 24 runs, by
0.5 to 1.7 points in the mean.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.results.caption_scores import caption_scores
from keras_suite.reports.run_directory import Run, TargetPredictions, examples, measured, target_predictions
from keras_suite.tasks import task_named

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("captioned_scenes", scenes=13_200, test_scenes=2000),
        model=use("captioner", features="initial_state", units=128),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=16,
    ),
    variants={
        "initial_state": {},
        "every_step": {"model.features": "every_step", "model.units": 108},
        "after": {"model.features": "after", "model.units": 152},
    },
    seeds=8,
)

WIDTH = 3  # sentences that beam search keeps
KINDS = ("right", "digits right, places wrong", "a digit wrong", "wrong number of digits")
SCENES = 6  # shown


# -- what is measured --------------------------------------------------------------------------------------------------


def measure(model: Any, images: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
    """Return the share of true captions, BLEU, ROUGE-L, METEOR and CIDEr-D of greedy decoding and of beam search."""
    from keras_suite.models.networks.captioner import beam

    references = [[_sentence(words) for words in of_one if words[0] >= 0] for of_one in targets]
    scores = {}
    for name, width in (("greedy", 1), ("beam", WIDTH)):
        captions = beam(model, images, start=0, end=1, longest=targets.shape[-1], width=width)
        true = float(task_named("caption").scores(targets, captions).mean())
        scores[name] = {"true captions": true, **caption_scores([_sentence(words) for words in captions], references)}
    return scores


def _sentence(words: np.ndarray) -> list[str]:
    """Return the words between start and end."""
    from keras_suite.data_pipeline.datasets.synthetic.captioned_scenes import WORDS  # late: `list` loads this file

    return [WORDS[word] for word in words[1:] if word > 1]


def kinds(answers: TargetPredictions) -> np.ndarray:
    """Return what is wrong with each caption, as indices into KINDS, int64 (n,)."""
    from keras_suite.data_pipeline.datasets.synthetic.captioned_scenes import DIGITS, WORDS

    digits = [WORDS.index(name) for name in DIGITS]
    right = task_named("caption").scores(answers.targets, answers.predictions)
    kind_of = np.zeros(len(right), np.int64)
    for row in np.flatnonzero(~right):
        true, named = (Counter(words[np.isin(words, digits)].tolist()) for words in _pair(answers, row))
        kind_of[row] = 1 if true == named else 2 if true.total() == named.total() else 3
    return kind_of


def _pair(answers: TargetPredictions, row: int) -> tuple[np.ndarray, np.ndarray]:
    return answers.targets[row, 0], answers.predictions[row]


# -- what is drawn -----------------------------------------------------------------------------------------------------


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Plot the kinds of mistakes by number of digits, the scores of decoding, and scenes with their captions."""
    answers: dict[str, list[TargetPredictions]] = {}
    for run in runs:
        if (predictions := target_predictions(run)) is not None:
            answers.setdefault(run.variant, []).append(predictions)
    if not answers:
        return {}
    figures = {"Right captions, and what is wrong with the others": _mistakes(answers)}
    decoded = {variant: [m for run in runs if run.variant == variant and (m := measured(run))] for variant in answers}
    if all(decoded.values()):
        figures["Greedy decoding and beam search"] = _decoding(decoded)
    first: dict[str, Run] = {}
    for run in runs:
        if run.variant in answers:
            first.setdefault(run.variant, run)
    scenes = _scenes(first)
    return figures | ({"The same scenes to each network": _told(scenes)} if scenes else {})


def _mistakes(answers: dict[str, list[TargetPredictions]]) -> Any:
    from keras_suite.reports.figures.style import GREY, INK, RULE, SERIES, drawing

    shades = (SERIES[2], SERIES[0], SERIES[4], GREY)
    counts = sorted({int(label) for one in next(iter(answers.values())) for label in one.labels})
    with drawing(height=0.55 + 0.24 * (len(answers) + 1) * len(counts)) as figure:
        axes = figure.add_subplot()
        ticks, labels = [], []
        for count in counts:
            for position, (variant, of_variant) in enumerate(answers.items()):
                kinds_of_run = np.concatenate([kinds(one)[one.labels == count] for one in of_variant])
                shares = 100 * np.bincount(kinds_of_run, minlength=len(KINDS)) / len(kinds_of_run)
                place, before = count * (len(answers) + 1) + position, 0.0
                for kind, share in enumerate(shares):
                    label = KINDS[kind] if place == 0 else None
                    axes.barh(place, share, 0.8, left=before, color=shades[kind], edgecolor=RULE, label=label)
                    before += share
                axes.text(101, place, f"{shares[0]:.0f} %", va="center", fontsize=7.5, color=INK)
                ticks.append(place)
                labels.append(f"{count + 1}: {variant}" if position == 0 else variant)
        axes.set_yticks(ticks, labels)
        axes.invert_yaxis()
        axes.set(xlabel="% of test scenes with so many digits", xlim=(0, 100))
        axes.grid(False, axis="y")
        figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    return figure


def _decoding(decoded: dict[str, list[dict[str, Any]]]) -> Any:
    """Return a row for each score: a full dot for greedy decoding, an open one for beam search."""
    from keras_suite.reports.figures.style import colour, drawing

    names = list(next(iter(decoded.values()))[0]["greedy"])
    with drawing(height=0.7 + 0.3 * len(names)) as figure:
        axes = figure.add_subplot()
        for position, (variant, values) in enumerate(decoded.items()):
            for way, fill in (("greedy", colour(position)), ("beam", "none")):
                means = [np.mean([of_run[way][name] for of_run in values]) for name in names]
                shown = [
                    mean / 10 if name.startswith("CIDEr") else mean for mean, name in zip(means, names, strict=True)
                ]
                heights = np.arange(len(names)) + 0.22 * (position - (len(decoded) - 1) / 2)
                axes.plot(shown, heights, "o", color=colour(position), markerfacecolor=fill, markersize=5,
                          label=f"{variant}, {way}")  # fmt: skip
        axes.set_yticks(range(len(names)), [f"{name} / 10" if name.startswith("CIDEr") else name for name in names])
        axes.invert_yaxis()
        axes.set(xlabel="mean over seeds; 1 is best")
        figure.legend(loc="outside lower center", ncols=len(decoded), fontsize=7.5)
    return figure


@dataclass(frozen=True)
class Scene:
    """A test image (h, w, 1), a true sentence, and what a run of each variant says of it, and whether that is true."""

    image: np.ndarray
    true: str
    captions: dict[str, tuple[str, bool]]


def _scenes(first: dict[str, Run]) -> list[Scene]:
    """Choose equally many scenes of two, three and four digits, first those that about half of the variants get right.

    Images are there of what some run was worst at.
    """
    answers = {variant: one for variant, run in first.items() if (one := target_predictions(run)) is not None}
    right = {variant: task_named("caption").scores(one.targets, one.predictions) for variant, one in answers.items()}
    kept = [stored for run in first.values() if (stored := examples(run)) is not None]
    images = {int(place): image for places, pixels in kept for place, image in zip(places, pixels, strict=True)}
    any_of_them = next(iter(answers.values()))
    rows = [row for row, place in enumerate(any_of_them.places.tolist()) if place in images]
    rows.sort(key=lambda row: abs(np.mean([of_variant[row] for of_variant in right.values()]) - 0.5))
    return [
        Scene(
            images[int(any_of_them.places[row])],
            " ".join(_sentence(any_of_them.targets[row, 0])),
            {
                name: (" ".join(_sentence(one.predictions[row])), bool(right[name][row]))
                for name, one in answers.items()
            },
        )
        for more in (1, 2, 3)
        for row in [row for row in rows if any_of_them.labels[row] == more][: SCENES // 3]
    ]


def _told(scenes: Sequence[Scene]) -> Any:
    from keras_suite.reports.figures.style import GREY, INK, SERIES, drawing

    with drawing(height=0.95 * len(scenes)) as figure:
        panels = figure.subplots(len(scenes), 2, squeeze=False, width_ratios=(1, 4.2))
        for scene, (picture, text) in zip(scenes, panels, strict=True):
            picture.imshow(scene.image[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            picture.set_axis_off()
            text.set_axis_off()
            lines = [("true", scene.true, INK)]
            for variant, (caption, right) in scene.captions.items():
                lines.append((variant, f"{'✓' if right else '✗'} {caption}", SERIES[2] if right else SERIES[1]))
            for height, (name, caption, shade) in zip(np.linspace(0.9, 0.1, len(lines)), lines, strict=True):
                text.text(0.0, height, name, color=GREY, fontsize=7.5, va="center")
                text.text(0.2, height, caption, color=shade, fontsize=7.5, va="center")
    return figure

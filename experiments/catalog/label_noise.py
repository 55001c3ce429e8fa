"""How much do wrong labels cost, and does the report's page of confidently wrong answers find them?

    keras-suite run label_noise --threads 1

A share of the labels to train and validate with is made wrong. The test labels of the comparison stay right; but each
network is also shown the test digits with as many wrong labels as it was trained with, and its most confidently wrong
answers are listed as the report lists them: of the first k, how many have a label that was made wrong?

Measured on real MNIST (1,600 training and 400 validation digits, 4,000 test digits, 8 seeds, 40 runs in 3 minutes on 2
busy cores): "None of 4 variants is shown to be better than 'wrong_0'; 'wrong_10', 'wrong_20', 'wrong_30' and 'wrong_40'
are worse". 95.88 % with right labels; with 10, 20, 30 and 40 % wrong ones 94.52, 93.76, 92.14 and 90.89 %, worse by
1.37 points (95 % interval 0.61 to 2.13 over all 4 comparisons), 2.13, 3.74 and 4.99 (4.01 to 5.99). The list finds them
all the same: with 10 % wrong (408 of the 4,000) all of the 24 that the report's page shows of a run, 99.7 % of the
first 200 and 88.3 % of the first 400; with 20 to 40 % wrong more than 99.5 % of the first 400. All wrong answers
together (603 with 10 %) hold 99.6 % of the wrong labels.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, measured

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)
TOP = (10, 24, 50, 100, 200, 400)  # 24 is what the report's page stores of a run

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", limit=2000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[8, 16], units=64, dropout=0.1, dense_dropout=0.3),
        optimizer=use("adam", learning_rate=2e-3),
        callbacks=(use("early_stopping", patience=4),),
        batch_size=50,
        epochs=20,
    ),
    variants={f"wrong_{100 * share:.0f}": {"dataset.label_noise": share} if share else {} for share in SHARES},
    seeds=8,
)


def measure(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return for each share of wrong labels how many of the k most confidently wrong answers have a wrong label.

    The images are the test images, which no training saw, with labels made wrong as those of the training images are.
    """
    from keras_suite.data_pipeline.datasets.options import with_wrong_labels
    from keras_suite.experiments.training.evaluation import most_confidently_wrong
    from keras_suite.tasks.classes import softmax

    probabilities = softmax(np.asarray(model.predict(images.astype(np.float32), batch_size=500, verbose=0)))
    results: dict[str, Any] = {}
    for share in SHARES[1:]:
        noisy = with_wrong_labels(labels, share, probabilities.shape[1])
        wrong = noisy != labels
        suspects = most_confidently_wrong(noisy, probabilities, count=len(labels))
        right = np.cumsum(wrong[suspects])
        results[f"{share:g}"] = {
            "precision": {str(k): float(right[k - 1] / k) for k in TOP if k <= len(suspects)},
            "recall": float(wrong[suspects].sum() / wrong.sum()),
            "suspects": len(suspects),
            "wrong": int(wrong.sum()),
        }
    return results


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return what wrong labels cost, and the precision of the list that is to find them."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    return {"Wrong labels: what they cost, and how they are found": _found(completed)} if completed else {}


def _found(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    with drawing(height=2.9) as figure:
        costs, precision = figure.subplots(1, 2)
        for position, (variant, share) in enumerate(zip(EXPERIMENT.variants, SHARES, strict=True)):
            own = [run for run in runs if run.variant == variant]
            right = [100 * run.metrics["test"]["accuracy"] for run in own if run.metrics]
            costs.plot([100 * share] * len(right), right, "o", color=colour(position), alpha=0.5, markersize=4)
            lists = [values[f"{share:g}"]["precision"] for run in own if share and (values := measured(run))]
            if lists:
                shown = [k for k in TOP if all(str(k) in each for each in lists)]
                mean = [100 * np.mean([each[str(k)] for each in lists]) for k in shown]
                precision.plot(shown, mean, "o-", color=colour(position), label=f"{100 * share:.0f} % wrong", ms=4)
        costs.set(xlabel="wrong training labels, %", ylabel="test accuracy, %")
        precision.set(xlabel="first k of the list", ylabel="of them labels made wrong, %", xscale="log")
        precision.set_xticks(TOP[::2], [str(k) for k in TOP[::2]])
        precision.minorticks_off()
        precision.legend(loc="lower left")
    return figure

"""Run directories of the tasks that ask for no classes: simple answers to real digits, in the place of networks'."""

import functools
import json
from pathlib import Path

import numpy as np
from scipy.ndimage import rotate
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier

from keras_suite.reports.run_directory import (
    ExperimentRuns,
    Variant,
    read_experiment,
    write_examples,
    write_experiment,
    write_history,
    write_target_predictions,
)
from keras_suite.tasks import task_named
from tests.reports.conftest import run_record

TEST = 120
WORDS = ("<start>", "<end>", "a", *(f"digit {k}" for k in range(10)))
PIXEL_CLASSES = ("ground", "pencil", "ink")


@functools.cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return np.round(images.reshape(-1, 8, 8) * 255 / 16).astype(np.uint8), labels.astype(np.int64)


@functools.cache
def answers(task: str, good: bool, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images uint8 (n, 8, 8, 1), labels, targets and what was given for them; each seed learns from other digits."""
    pixels, labels = _digits()
    test, images, given_labels = slice(0, TEST), pixels[:TEST, ..., None], labels[:TEST]
    learn = TEST + np.random.default_rng(seed).permutation(len(pixels) - TEST)[: 300 if good else 40]
    if task in ("angle", "direction"):
        angles = np.random.default_rng(1).uniform(-60, 60, len(pixels))
        turned = np.stack([rotate(p, a, reshape=False, order=1) for p, a in zip(pixels, angles, strict=True)])
        radians, x = np.deg2rad(angles)[:, None], turned.reshape(len(pixels), -1)
        targets = radians if task == "angle" else np.concatenate([np.cos(radians), np.sin(radians)], axis=1)
        given = Ridge(1e4).fit(x[learn], targets[learn]).predict(x[test]).reshape(TEST, -1)
        images = np.clip(turned[test], 0, 255).astype(np.uint8)[..., None]
        return images, given_labels, targets[test].astype(np.float32), given.astype(np.float32)
    if task == "image":
        x = pixels.reshape(len(pixels), -1).astype(float)
        components = PCA(20 if good else 5, random_state=0).fit(x[learn])
        rebuilt = components.inverse_transform(components.transform(x[test])).reshape(images.shape)
        return images, given_labels, images, np.clip(np.rint(rebuilt), 0, 255).astype(np.uint8)
    if task == "mask":
        edges = [80 + 2 * seed, 160] if good else [130, 200 + seed]
        masks = [np.digitize(pixels[test], bounds).astype(np.uint8) for bounds in ([80, 160], edges)]
        return images, given_labels, masks[0], masks[1]
    x = pixels.reshape(len(pixels), -1)
    said = KNeighborsClassifier(1).fit(x[learn], labels[learn]).predict(x[test])
    targets, given = (np.stack([[0, 2, 3 + k, 1, -1] for k in each]) for each in (given_labels, said))
    return images, given_labels, targets[:, None], given


def make_target_runs(folder: Path, task: str, seeds: int = 7) -> ExperimentRuns:
    """An experiment whose variant "learnt" answers better than the baseline "plain"."""
    experiment, metric = folder / "runs" / task, task_named(task).score
    variants = [Variant(name, f"{name}-01234567", {}) for name in ("plain", "learnt")]
    write_experiment(experiment, name=task, question="Is it better?", command="run it", variants=variants)
    for variant in variants:
        for seed in range(1, seeds + 1):
            path = experiment / variant.directory / f"seed-{seed}"
            path.mkdir(parents=True)
            record = run_record(task, variant.name, seed)
            names = {"mask": PIXEL_CLASSES, "caption": WORDS}.get(task, ())
            record["data"] = {**record["data"], "task": task, "target_names": list(names), "test": TEST}
            images, labels, targets, given = answers(task, variant.name == "learnt", seed)
            of_images = task_named(task).scores(targets, given)
            worst = np.argsort(of_images if metric.higher_is_better else -of_images, kind="stable")[:9]
            write_target_predictions(path, labels, targets, given)
            write_examples(path, worst, images[worst])
            (path / "run.json").write_text(json.dumps(record))
            (path / "config.json").write_text(json.dumps({"loss": {"name": "squared_error", "options": {}}}))
            row = {"loss": 0.5, "unpenalised_loss": 0.5, metric.in_history.name: float(of_images.mean())}
            validated = {f"val_{name}": value for name, value in row.items()}
            write_history(path, [{"epoch": 1, "phase": 1, **row, **validated, "learning_rate": 0.1, "seconds": 1.0}])
            metrics = {
                "epochs": 1,
                "parameters": 10,
                "train_seconds": 1.0,
                "validation": row,
                "test": {metric.key: float(of_images.mean()), "unpenalised_loss": 0.5},
            }
            (path / "metrics.json").write_text(json.dumps(metrics))
    return read_experiment(experiment)

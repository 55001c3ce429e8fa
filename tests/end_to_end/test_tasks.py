"""Angles, directions, images, masks and captions on the one path: run, report, predict, tune, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.inspecting.network import load_network
from keras_suite.reports import run_directory
from keras_suite.tasks import task_named
from tests.end_to_end.training_process import epochs_done, finish, kill_when, make_job, start
from tests.end_to_end.typed import refused, type_here

pytestmark = pytest.mark.slow

FILE = '''"""Is it found?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use({dataset}, limit=200, test_limit=40),
        model=use({model}),
        loss=use("{loss}"),
        batch_size=32,
        epochs=2,
    ),
    seeds=1,
)


def space(hp):
    return {{"optimizer.learning_rate": hp.Float("learning_rate", 1e-4, 1e-2, sampling="log")}}


def measure(model, images, targets):
    return {{"shape": list(targets.shape)}}
'''
PARTS = {
    "angle": ('"rotated_digits"', '"mlp", units=[16]', "huber"),
    "direction": (
        '"homing_scenes", scenes=300, test_scenes=100',
        '"pattern_cnn", blocks=1, filters=8, units=16',
        "cosine_distance",
    ),
    "image": ('"mnist", task="image"', '"autoencoder", filters=[4]', "squared_error"),
    "mask": ('"digit_scenes", scenes=300, test_scenes=100', '"segmenter", filters=4', "cross_entropy"),
    "caption": (
        '"captioned_scenes", scenes=500, test_scenes=100',
        '"captioner", filters=[4, 8], image_units=8, units=8',
        "cross_entropy",
    ),
}


def experiment(folder: Path, task: str) -> Path:
    dataset, model, loss = PARTS[task]
    path = folder / f"{task}.py"
    path.write_text(FILE.format(dataset=dataset, model=model, loss=loss), encoding="utf-8")
    return path


@pytest.mark.needs_data
@pytest.mark.parametrize("task", PARTS)
def test_every_task_is_trained_scored_reported_and_predicted(task: str, tmp_path: Path, data_dir: Path) -> None:
    path = experiment(tmp_path, task)
    done = type_here("run", path, "--data-dir", data_dir, "--threads", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    [directory] = tmp_path.glob(f"runs/{task}/*/seed-1")
    run, metric = run_directory.read_run(directory), task_named(task).score
    assert run.record["data"]["task"] == task
    said = run_directory.target_predictions(run)
    assert said is not None and run.metrics is not None
    of_images = task_named(task).scores(said.targets, said.predictions)
    assert run.metrics["test"][metric.key] == of_images.mean()
    assert metric.format(of_images.mean()) in done.stdout
    assert [f"val_{metric.in_history.name}" in row for row in run.history] == [True, True]
    assert run_directory.measured(run) == {"shape": list(said.targets.shape)}
    kept = run_directory.examples(run)
    assert kept is not None
    worst = of_images[kept[0]]
    assert (np.sort(worst) == (worst if metric.higher_is_better else worst[::-1])).all()
    assert "Errors of" in (tmp_path / "runs" / task / "report.html").read_text(encoding="utf-8")

    Image.fromarray(kept[1][0].squeeze()).save(tmp_path / "image.png")
    asked = type_here("predict", directory, "image.png", cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    assert "image.png" in asked.stdout
    assert "is for probabilities" in refused("predict", directory, "image.png", "--reject", "0.5", cwd=tmp_path)
    assert (tmp_path / "image-predicted.png").exists() == (task in ("image", "mask"))
    with pytest.raises(ValueError, match="give a classifier"):
        load_network(directory)


@pytest.mark.needs_data
def test_a_sweep_makes_the_tasks_own_measure_best(tmp_path: Path, data_dir: Path) -> None:
    experiment(tmp_path, "angle")
    command = ("tune", "angle.py", "--trials", "2", "--data-dir", data_dir, "--threads", "2")
    done = type_here(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "validation degrees" in done.stdout
    line = refused(*command, "--objective", "val_iou", "--runs-dir", "other", cwd=tmp_path)
    assert "take val_degrees or val_unpenalised_loss" in line
    assert not (tmp_path / "other").exists()


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("task", "settings", "said"),
    [
        ("angle", ["loss=cross_entropy"], "is an angle, and loss 'cross_entropy' is not for that: choose"),
        ("mask", ["loss=squared_error"], "choose the loss cross_entropy"),
        ("angle", ["augmentation.rotation=10"], "augmentation.rotation would change that with the image"),
        ("caption", ["augmentation.brightness=0.1", "augmentation.mixup=0.2"], "augmentation.mixup would change"),
        ("angle", ['callbacks=[{"name": "early_stopping", "options": {"monitor": "val_accuracy"}}]'], "val_degrees"),
        (
            "mask",
            ["model.name=mlp"],
            "shape (11,) for an image, and the target is the class of each pixel, of shape (40,",
        ),
        ("angle", ["model.name=segmenter"], "the target is an angle, of shape (1,): choose a model with that output"),
        ("caption", ["loss.label_smoothing=0.1"], "leave it out with captions"),
        ("image", ["dataset.label_noise=0.1"], "changes nothing where task='image'"),
    ],
)
def test_what_does_not_go_with_the_task_is_refused(
    task: str, settings: list[str], said: str, tmp_path: Path, data_dir: Path
) -> None:
    experiment(tmp_path, task)
    given = [word for setting in settings for word in ("--set", setting)]
    assert said in refused("run", f"{task}.py", "--data-dir", data_dir, "--threads", "2", *given, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.needs_data
def test_variants_of_different_tasks_are_refused(tmp_path: Path, data_dir: Path) -> None:
    text = experiment(tmp_path, "image").read_text(encoding="utf-8")
    other = 'variants={"image": {}, "classes": {"dataset.task": "classes"}},\n    seeds=1'
    (tmp_path / "both.py").write_text(text.replace("seeds=1", other), encoding="utf-8")
    line = refused("run", "both.py", "--data-dir", data_dir, "--threads", "2", cwd=tmp_path)
    assert "predicts the image itself and 'classes' the class of an image" in line


@pytest.mark.slow
@pytest.mark.needs_data
def test_a_captioner_that_was_killed_ends_with_the_same_bits(tmp_path: Path, data_dir: Path) -> None:
    config = Config(
        dataset=use("captioned_scenes", scenes=600, test_scenes=100, limit=500),
        model=use("captioner", filters=[4, 8], image_units=16, units=16, dropout=0.2),
        batch_size=32,
        epochs=12,
    )

    def result(directory: Path) -> dict[str, object]:
        from keras_suite.models.saving import load_model

        run = run_directory.read_run(directory)
        said = run_directory.target_predictions(run)
        assert run.metrics is not None and said is not None
        model, _ = load_model(run_directory.model_file(directory))
        history = [{key: row[key] for key in row if key not in ("seconds", "images_per_second")} for row in run.history]
        return {
            "weights": [np.asarray(weight).tobytes() for weight in model.get_weights()],
            "sentences": said.predictions.tobytes(),
            "history": history,
            "test": run.metrics["test"],
        }

    undisturbed = result(finish(make_job(tmp_path / "alone", config, data_dir=data_dir), tmp_path / "one"))
    job = make_job(tmp_path / "killed", config, data_dir=data_dir)
    kill_when(start(job, tmp_path / "two"), lambda: epochs_done(job) >= 3)
    assert result(finish(job, tmp_path / "two")) == undisturbed

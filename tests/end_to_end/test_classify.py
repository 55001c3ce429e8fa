"""From photographs to a model: `classify`, then `predict`, `report` and `verify` on what it wrote."""

import csv
import json
import os
import re
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.experiments.classifying.classifier import fit
from keras_suite.experiments.classifying.recorded import identity_of
from keras_suite.experiments.exporting import litert
from keras_suite.experiments.inspecting.predict import reader_of, trained
from tests.end_to_end.typed import type_here

SIZE = ("--image-size", "64")


@pytest.fixture(scope="module")
def photos(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve photographs each of cats and dogs to train, and six of each apart."""
    folder = tmp_path_factory.mktemp("photos")
    counts = {"cats": 0, "dogs": 0}
    with tarfile.open(data_dir / "dogs_vs_cats.tar.gz") as archive:
        for member in archive:
            label = Path(member.name).parent.name
            if not member.isfile() or "train" not in member.name or counts[label] == 18:
                continue
            path = folder / ("photos" if counts[label] < 12 else "new") / label / Path(member.name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())  # type: ignore[union-attr]
            counts[label] += 1
    return folder


@pytest.fixture(scope="module")
def classified(photos: Path) -> tuple[Path, str]:
    """The folder, and what the command said."""
    done = type_here("classify", "photos", *SIZE, cwd=photos)
    assert done.returncode == 0, done.stderr
    return photos, done.stdout


@pytest.mark.needs_data
def test_it_says_what_to_expect_and_where_the_model_is(classified: tuple[Path, str]) -> None:
    folder, said = classified
    assert "24 images of 2 classes" in said and "(5 folds, 5 repeats)" in said
    low, high = map(float, re.findall(r"Expect ([0-9.]+) to ([0-9.]+) % on new pictures like these", said)[0])
    assert 40 < low < high <= 100 and ("guessing" in said) is (low <= 50)
    [model] = folder.glob("runs/classify-photos/classifier-*/seed-1/model.keras")
    assert str(model.relative_to(folder)) in said
    record = json.loads((model.parent / "run.json").read_text())
    assert record["trained"] == "classify" and record["data"]["train"] == record["data"]["test"] == 24


@pytest.mark.needs_data
def test_classes_that_cannot_be_told_apart_are_said_to_be_guessed(photos: Path, tmp_path: Path) -> None:
    """The same kind of picture under two names: no promise of what more of them would buy."""
    for k, photograph in enumerate(sorted((photos / "photos" / "cats").iterdir())):
        path = tmp_path / "cats" / ("left", "right")[k % 2] / photograph.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photograph.read_bytes())
    done = type_here("classify", "cats", *SIZE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not shown to be better than guessing: 'left' for all of them is right in 50.00 %." in done.stdout
    assert "Another 100 photographs" not in done.stdout


@pytest.mark.needs_data
def test_the_model_predicts_and_knows_its_own_photographs(classified: tuple[Path, str]) -> None:
    folder, _ = classified
    [run] = folder.glob("runs/classify-photos/classifier-*/seed-1")
    done = type_here("predict", run, "new", "--csv", "new.csv", cwd=folder)
    assert done.returncode == 0 and "on 12 images whose class is known" in done.stdout
    with (folder / "new.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["class"] == row["label"] for row in rows) >= 8
    assert "took its training images" not in done.stderr
    own = type_here("predict", run, "photos", cwd=folder)
    assert "24 scored images lie in photos" in own.stderr and "accuracy 100.00 %" in own.stdout
    other = type_here("predict", run.with_name("seed-2"), "new", cwd=folder)
    assert other.returncode == 2 and "holds no model, which all seeds share: give seed-1" in other.stderr


@pytest.mark.slow
@pytest.mark.needs_data
def test_pictures_of_no_class_are_called_other_and_cost_the_classes_little(photos: Path) -> None:
    for number in range(16):
        place = photos / ("neither" if number < 12 else "more_of_neither") / "deep" / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        stripes = np.indices((64, 64)).sum(axis=0) * (number + 3) % 256
        Image.fromarray(np.stack([stripes, 255 - stripes, stripes // 2], axis=-1).astype(np.uint8)).save(place)
    done = type_here("classify", "photos", *SIZE, "--other", "neither", "--name", "three", cwd=photos)
    assert done.returncode == 0, done.stderr
    said = re.findall(
        r"Called other: ([0-9.]+) % of the 12 pictures of none of the classes, and ([0-9.]+) %", done.stdout
    )
    assert "36 images of 3 classes" in done.stdout and float(said[0][0]) > 80 > 20 > float(said[0][1])
    [run] = photos.glob("runs/three/classifier-*/seed-1")
    answered = type_here("predict", run, "more_of_neither", "--csv", "neither.csv", cwd=photos)
    with (photos / "neither.csv").open(encoding="utf-8") as file:
        assert [row["class"] for row in csv.DictReader(file)] == ["other"] * 4, answered.stdout
    again = type_here("classify", "photos", *SIZE, "--other", "photos/cats", cwd=photos)
    assert again.returncode == 2 and again.stderr.count("\n") == 1 and "lie one in the other" in again.stderr


@pytest.mark.slow
@pytest.mark.needs_data
def test_it_is_reported_and_verified_and_the_same_again(classified: tuple[Path, str]) -> None:
    folder, said = classified
    report = type_here("report", "runs/classify-photos", cwd=folder)
    assert report.returncode == 0 and "'classifier' reaches" in report.stdout
    assert "when these runs were looked at first is not recorded" not in report.stdout
    page = (folder / "runs" / "classify-photos" / "report.html").read_text()
    assert "a logistic regression on frozen features" in page
    assert "5 runs checked, nothing damaged" in type_here("verify", "runs/classify-photos", cwd=folder).stdout
    paths = sorted(folder.glob("runs/classify-photos/*/seed-*/*"))
    before = {path: path.stat().st_mtime_ns for path in paths if path.name != ".lock"}
    again = type_here("classify", "photos", *SIZE, cwd=folder)
    assert again.stdout == said
    assert before == {path: path.stat().st_mtime_ns for path in before}


@pytest.mark.slow
@pytest.mark.needs_data
def test_the_saved_model_answers_as_the_head_on_features_does(photos: Path) -> None:
    dataset = image_folder(None, path=str(photos / "photos"), image_size=(64, 64))
    fitted = fit(dataset)
    logits = np.asarray(fitted.model(fitted.images[:4].astype(np.float32), training=False))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert (shares.argmax(axis=1) == fitted.labels[:4]).all() and fitted.folds == 5
    assert len(identity_of(dataset)) == 16
    with pytest.raises(AttributeError):
        fitted.head = None  # type: ignore[misc]


@pytest.mark.slow
@pytest.mark.needs_data
def test_test_photographs_of_ones_own_are_what_is_measured(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    os.symlink(photos / "photos", tmp_path / "parts" / "train")
    os.symlink(photos / "new", tmp_path / "parts" / "test")
    done = type_here("classify", "parts", *SIZE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "24 images of 2 classes" in done.stdout and "(the 12 test images that were set apart)" in done.stdout


def few(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / "few" / name).mkdir(parents=True)
        Image.new("RGB", (40, 40), (90, 9, 9)).save(folder / "few" / name / "1.png")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "does not exist"),
        (["few"], "at least 3 are needed"),
        (["few", "--image-size", "9"], "greater than or equal to 32"),
        (["few", "--name", "../x"], "names no folder in runs"),
        (["few", "--skip", "nowhere.csv"], "--skip 'nowhere.csv' is no file"),
        (["few", "--classes", "a", "--classes", "c"], "few has no class 'c': choose from 0..1 or a, b"),
        (["few/a/1.png"], "is neither a folder nor one of .tar.gz"),
    ],
)
def test_what_cannot_be_classified_is_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    few(tmp_path)
    done = type_here("classify", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_the_runs_of_an_experiment_are_not_replaced(four_runs: Path, tmp_path: Path) -> None:
    shutil.copytree(four_runs / "runs" / "wider", tmp_path / "runs" / "wider")
    before = (tmp_path / "runs" / "wider" / "experiment.json").read_bytes()
    few(tmp_path)
    done = type_here("classify", "few", "--name", "wider", cwd=tmp_path)
    assert done.returncode == 2 and "runs/wider holds the runs of an experiment: give another folder" in done.stderr
    assert (tmp_path / "runs" / "wider" / "experiment.json").read_bytes() == before


@pytest.mark.slow
@pytest.mark.needs_data
def test_bad_files_are_listed_and_skipped(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos / "photos", tmp_path / "photos")
    (tmp_path / "photos" / "cats" / "page.jpg").write_text("<html>")
    refused = type_here("classify", "photos", *SIZE, "--problems", "bad.csv", cwd=tmp_path)
    assert refused.returncode == 2 and "bad.csv lists 1 file" in refused.stdout
    done = type_here("classify", "photos", *SIZE, "--skip", "bad.csv", cwd=tmp_path)
    assert done.returncode == 0 and "24 images of 2 classes" in done.stdout


@pytest.mark.slow
@pytest.mark.needs_data
def test_it_is_exported_in_int8_and_the_interpreter_answers_as_predict_does(classified: tuple[Path, str]) -> None:
    folder, _ = classified
    [run] = folder.glob("runs/classify-photos/classifier-*/seed-1")
    done = type_here("export", run, "--to", "litert", "--int8", cwd=folder)
    assert done.returncode == 0 and "no verdict: these 24 images trained the network" in done.stdout
    done = type_here("export", run, "--to", "litert", "--int8", "--on", "new", "--overwrite", cwd=folder)
    assert done.returncode == 0 and "on 12 images; the network" in done.stdout
    facts = json.loads((run / "export" / "model-int8.tflite.json").read_text())
    assert facts["bytes"] < 0.4 * facts["float32_bytes"] and facts["same_answers"] >= 9  # unsure at so few pixels
    assert type_here("predict", run, "new", "--csv", "exported.csv", cwd=folder).returncode == 0
    with (folder / "exported.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    read = reader_of(run, trained(run)[0])
    ask = litert.ask(run / "export" / "model-int8.tflite", 1)
    for row in rows:
        probabilities = ask(read(folder / row["image"]).pixels[np.newaxis])[0]
        assert probabilities[facts["class_names"].index(row["class"])] == pytest.approx(
            float(row["probability"]), abs=0.35
        )


@pytest.mark.slow
@pytest.mark.needs_data
def test_a_class_with_too_few_photographs_is_left_out_by_naming_the_others(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos / "photos", tmp_path / "photos")
    few(tmp_path)
    (tmp_path / "few" / "a").rename(tmp_path / "photos" / "blank")
    refused = type_here("classify", "photos", *SIZE, cwd=tmp_path)
    assert refused.returncode == 2 and "leave the class out with `classes`" in refused.stderr
    done = type_here("classify", "photos", *SIZE, "--classes", "cats", "--classes", "dogs", cwd=tmp_path)
    assert done.returncode == 0 and "24 images of 2 classes" in done.stdout, done.stderr

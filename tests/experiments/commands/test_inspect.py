"""`inspect …` on a run: the pictures are written, the run stays as it was, and bad input is answered in one line."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from typer.testing import CliRunner

from keras_suite.experiments.cli import app
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.inspecting.landscape import measured_pair, surface
from keras_suite.experiments.inspecting.network import load_network
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import train
from keras_suite.reports import run_directory
from tests.end_to_end.typed import type_command

CONFIG = Config(
    dataset=use("digits", limit=200, test_limit=100),
    model=use("mnist_demo_net", dropout=0.0, dense_dropout=0.0),
    batch_size=32,
    epochs=1,
)


def trained_run(folder: Path, config: Config) -> Path:
    outcome = train(Job("looked_into", "only", config, 1, RunOptions(2, folder)))
    assert outcome.status == "completed", outcome.reason
    return outcome.directory


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained_run(tmp_path_factory.mktemp("cnn"), CONFIG)


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photographs") / "at home.png"
    pixels = np.random.default_rng(0).integers(0, 256, (30, 44, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def inspect(monkeypatch: pytest.MonkeyPatch):
    """Types `inspect …` in this process, which has TensorFlow running."""
    monkeypatch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)

    def typed(*arguments: str | Path) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["inspect", *map(str, arguments)])
        return done.exit_code, done.output

    return typed


def refused(inspect, *arguments: str | Path) -> str:
    code, said = inspect(*arguments)
    assert code == 2, said
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    return lines[0]


def names(folder: Path, without: Sequence[str] = ()) -> set[str]:
    return {path.name for path in folder.iterdir()} - set(without)


def test_without_images_the_wrong_test_images_are_shown_and_the_run_still_checks(inspect, run: Path) -> None:
    before = names(run, ["inspect"])
    for command in (["filters"], ["features", "--channels", "2"], ["gradcam"], ["occlusion", "--size", "4"]):
        code, said = inspect(command[0], run, *command[1:])
        assert code == 0, said
    drawn = names(run / "inspect")
    examples = run_directory.examples(run_directory.read_run(run))
    assert examples is not None
    shown = [f"test-{index}" for index in examples[0][:6]]
    assert {"filters.png", "filters.svg", "gradcam.svg", "occlusion.png", f"gradcam-{shown[0]}.png"} <= drawn
    assert {f"features-{name}.png" for name in shown} <= drawn
    assert names(run, ["inspect"]) == before
    assert run_directory.read_run(run).status == "completed"  # the seals of all its files were compared
    shutil.rmtree(run / "inspect")


def test_an_overlay_is_as_large_as_the_photograph(inspect, run: Path, photograph: Path, tmp_path: Path) -> None:
    code, said = inspect("gradcam", run, photograph, "--class", "3", "--layer", "conv_1", "--output", tmp_path)
    assert code == 0, said
    assert said.startswith("at home.png: 3 ")
    assert names(tmp_path) == {"gradcam.png", "gradcam.svg", "gradcam-1-at home.png"}
    with Image.open(tmp_path / "gradcam-1-at home.png") as written:
        assert (written.size, written.mode) == ((44, 30), "RGB")
    assert not (run / "inspect").exists()


@pytest.mark.slow
def test_a_model_of_ones_own_with_a_nested_vgg16_can_be_looked_into(inspect, photograph: Path, tmp_path: Path) -> None:
    inputs = keras.Input((32, 32, 3))
    body = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    x = layers.GlobalAveragePooling2D()(body(inputs, training=False))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(x))
    model.save(tmp_path / "mine.keras")
    code, said = inspect("gradcam", tmp_path / "mine.keras", photograph, "--class", "2", "--debug")
    assert code == 0, said
    assert "block5_conv3" in (tmp_path / "inspect" / "gradcam.svg").read_text(encoding="utf-8")
    network = load_network(tmp_path / "mine.keras")
    image = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(network.probabilities(image), np.asarray(model(image)), atol=1e-6)
    assert "did you mean 'vgg16/block5_conv2'" in refused(
        inspect, "gradcam", tmp_path / "mine.keras", photograph, "--layer", "vgg16/block5_conv22"
    )
    assert "keeps no images: give image files" in refused(inspect, "occlusion", tmp_path / "mine.keras")


def test_bad_input_is_answered_in_one_line_and_nothing_is_written(
    inspect, run: Path, photograph: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.png").write_text("no image", encoding="utf-8")
    for arguments, said in (
        (["gradcam", run, photograph, "--class", "33"], "unknown class '33'"),
        (["gradcam", run, photograph, "--layer", "conv_22"], "did you mean 'conv_2'"),
        (["features", run, photograph, "--layer", "logits"], "unknown layer with feature maps 'logits'"),
        (["gradcam", run, tmp_path / "notes.png"], "notes.png is no readable image"),
        (["occlusion", run, tmp_path / "gone.jpg"], "gone.jpg is not a file"),
        (["occlusion", run, photograph, "--size", "99"], "--size 99 is not possible"),
        (["filters", tmp_path / "nowhere"], "there is no model file"),
        (["filters", tmp_path], "holds no run"),
    ):
        assert said in refused(inspect, *arguments)
    assert not (run / "inspect").exists()


def test_a_run_that_is_not_completed_is_refused(inspect, run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "seed-1"
    shutil.copytree(run, copy)
    (copy / "metrics.json").unlink()
    assert "is not completed" in refused(inspect, "filters", copy)


def test_a_network_without_feature_maps_says_what_to_ask_instead(inspect, tmp_path: Path) -> None:
    dense = trained_run(tmp_path, Config(use("digits", limit=100, test_limit=50), use("mlp", units=[4]), epochs=1))
    assert "Grad-CAM needs a convolutional network; `inspect occlusion` takes any" in refused(inspect, "gradcam", dense)
    code, said = inspect("occlusion", dense)
    assert code == 0, said


def test_a_model_with_a_single_output_is_refused(inspect, tmp_path: Path) -> None:
    inputs = keras.Input((8, 8, 1))
    keras.Model(inputs, layers.Dense(1)(layers.Flatten()(inputs))).save(tmp_path / "one.keras")
    assert "a single output: expected one for each class" in refused(inspect, "filters", tmp_path / "one.keras")
    keras.Model(inputs, layers.Conv2D(2, 3)(inputs)).save(tmp_path / "maps.keras")
    assert "cannot be inspected: expected a graph of layers" in refused(inspect, "filters", tmp_path / "maps.keras")


@pytest.mark.slow
def test_the_landscapes_of_two_runs_are_plotted_in_one_picture(inspect, run: Path, tmp_path: Path) -> None:
    other = trained_run(tmp_path, override(CONFIG, {"model": use("mlp", units=[4])}))
    code, said = inspect("landscape", run, other, "--grid", "3", "--images", "20", "--output", tmp_path / "pictures")
    assert code == 0, said
    assert said.count("only, seed 1: loss ") == 2
    [whole, _] = measured_pair(run, other, None, "validation", 1000)
    metrics = run_directory.read_run(run).metrics
    assert metrics is not None
    middle = surface(whole, seed=1, grid=3, reach=1.0).middle
    assert middle == pytest.approx(metrics["validation"]["unpenalised_loss"], rel=1e-4)  # as was measured in training
    assert names(tmp_path / "pictures") == {"landscape.png", "landscape.svg"}
    hinge = trained_run(tmp_path, override(CONFIG, {"loss": use("hinge")}))
    patterns = trained_run(tmp_path, override(CONFIG, {"dataset": use("digits", classes=[0, 1, 2], limit=100)}))
    for arguments, answer in (
        ([run, hinge], "minimised different losses (cross_entropy and hinge)"),
        ([run, patterns], "have different classes"),
        ([run, other, "--grid", "4"], "--grid 4 has no point in the middle"),
        ([run, other, "--reach", "0"], "--reach 0 is not possible"),
        ([run, tmp_path / "nowhere"], "there is no model file"),
    ):
        assert answer in refused(inspect, "landscape", *arguments)


@pytest.mark.slow
def test_the_command_works_as_typed(run: Path, photograph: Path, tmp_path: Path) -> None:
    done = type_command("inspect", "gradcam", run, photograph, "--output", tmp_path / "pictures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (tmp_path / "pictures" / "gradcam.png").exists()

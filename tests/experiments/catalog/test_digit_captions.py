"""The experiment `digit_captions`: a small run of each network, what is measured of its sentences, and its pictures."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.synthetic.captioned_scenes import WORDS, encode
from keras_suite.experiments import catalog
from keras_suite.experiments.catalog import digit_captions
from keras_suite.experiments.config import override
from keras_suite.experiments.scheduling.selection import parse_settings
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import TargetPredictions
from tests.end_to_end.typed import run_small

SMALLER = ("dataset.scenes=300", "dataset.test_scenes=100", "epochs=1")


def words_of(*sentences: str) -> np.ndarray:
    return encode([tuple(sentence.split()) for sentence in sentences])


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run of two networks on 300 scenes: tracing one takes seconds, and test_captioner.py fits all."""
    folder = tmp_path_factory.mktemp("captions")
    run_small("digit_captions", SMALLER, variants=("initial_state", "every_step"), data_dir=data_dir, cwd=folder)
    yield folder / "runs" / "digit_captions"


@pytest.mark.slow
@pytest.mark.needs_data
def test_networks_train_and_the_report_shows_what_they_say(runs: Path) -> None:
    experiment = run_directory.read_experiment(runs).runs
    assert {run.variant for run in experiment} == {"initial_state", "every_step"}
    page = (runs / "report.html").read_text("utf-8")
    for title in (
        "Right captions, and what is wrong with the others",
        "Greedy decoding and beam search",
        "The same scenes to each network",
    ):
        assert title in page


@pytest.mark.slow
@pytest.mark.needs_data
def test_greedy_decoding_is_measured_on_the_runs_own_predictions(runs: Path) -> None:
    for run in run_directory.read_experiment(runs).runs:
        measured, said = run_directory.measured(run), run_directory.target_predictions(run)
        assert measured is not None and said is not None and run.metrics is not None
        assert measured["greedy"]["true captions"] == pytest.approx(run.metrics["test"]["captions"])
        assert list(measured["greedy"]) == list(measured["beam"])
        assert {"BLEU-4", "ROUGE-L", "METEOR", "CIDEr-D"} < set(measured["beam"])
        assert np.mean(digit_captions.kinds(said) == 0) == pytest.approx(run.metrics["test"]["captions"])


@pytest.mark.needs_data
def test_the_three_networks_have_equal_sizes(data_dir: Path, tmp_path: Path) -> None:
    experiment = catalog.load("digit_captions").experiment
    sizes = {}
    for variant in experiment.variants:
        config = override(experiment.config(variant), parse_settings(SMALLER))
        job = Job("digit_captions", variant, config, 1, RunOptions(2, tmp_path, data_dir=data_dir))
        sizes[variant] = prepare(job).build_model().count_params()
    assert set(sizes) == {"initial_state", "every_step", "after"}
    assert max(sizes.values()) < 1.002 * min(sizes.values())


def test_kinds_of_mistakes_are_distinguished() -> None:
    true = words_of("a three above a seven", "a seven below a three")
    said = {
        "a seven below a three": 0,
        "a seven above a three": 1,
        "a three left of a seven": 1,
        "a three above a nine": 2,
        "a three above a three": 2,
        "a three": 3,
        "a three above a seven and a one": 3,
    }
    given, targets = words_of(*said), np.repeat(true[None], len(said), axis=0)
    numbers = np.arange(len(said))
    kinds = digit_captions.kinds(TargetPredictions(targets, given, numbers, np.ones_like(numbers)))
    assert kinds.tolist() == list(said.values())


def test_sentences_are_scored_against_the_true_ones_of_their_scenes() -> None:
    """A captioner that says one sentence, whatever it is shown: true of the first of two scenes."""
    sentence, other = words_of("a three", "a seven")
    image, words = keras.Input((2, 2, 1)), keras.Input((None,), dtype="int32")
    model = keras.Model([image, words], keras.layers.Embedding(len(WORDS), len(WORDS), name="table")(words))
    table = np.zeros((len(WORDS), len(WORDS)))
    for word, then in itertools.pairwise(sentence[sentence >= 0]):
        table[word, then] = 50
    model.get_layer("table").set_weights([table])
    targets = np.stack([sentence[None], other[None]])
    values = digit_captions.measure(model, np.zeros((2, 2, 2, 1)), targets)
    assert values["greedy"] == values["beam"]
    assert values["beam"]["true captions"] == 0.5 and values["beam"]["BLEU-1"] == 0.75
    assert values["beam"]["ROUGE-L"] == pytest.approx((1 + 0.5) / 2)


def test_variants_differ_in_where_the_image_goes_and_nothing_else() -> None:
    experiment = catalog.load("digit_captions").experiment
    for overrides in experiment.variants.values():
        assert set(overrides) <= {"model.features", "model.units"}

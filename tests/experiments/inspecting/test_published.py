"""`shapes` without a size shows networks as they were published."""

from pathlib import Path

import pytest

from keras_suite.experiments.inspecting.layer_table import build, rows
from keras_suite.experiments.inspecting.published import PUBLISHED
from tests.end_to_end.typed import type_here

# Of the papers, or of Keras's own networks with the same names.
PARAMETERS = {"mnist_demo_net": 1_199_882, "alexnet": 62_378_344, "vgg16": 138_357_544, "mobilenet_v2": 3_538_984}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_published_networks_have_their_number_of_parameters(name: str) -> None:
    published = PUBLISHED[name]
    model = build(name, published.input_shape, published.classes, dict(published.options))
    assert sum(row.parameters for row in rows(model)) == PARAMETERS[name]


def test_windows_and_memory_stand_in_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    done = type_here("shapes", "mnist_demo_net", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "As published, for 28x28x1 images and 10 classes" in done.stdout
    [conv] = [line for line in done.stdout.splitlines() if line.startswith("conv_1")]
    assert conv.split() == ["conv_1", "Conv2D", "3x3", "26x26x32", "320", "3x3", "194,688", "86.5", "kB"]
    [pool] = [line for line in done.stdout.splitlines() if line.startswith("pooling")]
    assert "2x2 / 2" in pool


def test_a_network_of_no_paper_needs_a_size(tmp_path: Path) -> None:
    done = type_here("shapes", "mlp", cwd=tmp_path)
    assert done.returncode == 2
    assert "give one, for example --input 28x28x1; only mnist_demo_net, alexnet" in done.stderr

"""ONNX files, read by onnxruntime. Left out where the extra is not installed, but for what is said then."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.exporting import onnx_file
from keras_suite.experiments.exporting.target import Target
from tests.experiments.exporting.classifiers import NAMES, PIXELS, classifier, expected


def test_a_package_that_lacks_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tf2onnx", None)
    with pytest.raises(ValueError, match=r"onnx needs tf2onnx, .* pip install 'keras-experiment-suite\[onnx\]'"):
        onnx_file.check_installed()


def test_the_runtime_reads_names_and_answers_of_raw_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("tf2onnx", "onnx", "onnxruntime"):
        pytest.importorskip(package, reason="the extra onnx is not installed")
    onnx_file.check_installed()
    network, path = classifier(), tmp_path / "model.onnx"
    onnx_file.write(network, path)
    onnx_file.add_description(path, NAMES, {"input": "images", "output": "probabilities: float32"})
    np.testing.assert_allclose(onnx_file.ask(path, 1)(PIXELS), expected(network), atol=1e-5)
    monkeypatch.chdir(tmp_path)
    scope = {"pixels": PIXELS[0]}
    exec(Target("onnx").reading(path), scope)
    np.testing.assert_allclose(scope["probabilities"], expected(network)[0], atol=1e-5)
    assert tuple(scope["names"]) == NAMES

"""Kernels are tested before a network trains: the faulty one is named or avoided, and verdicts are kept."""

from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.experiments.training import trusted_kernels
from keras_suite.experiments.training.trusted_kernels import trust_kernels
from keras_suite.models.kernel_test.convolution import Convolution
from keras_suite.models.layers.convolution import ManualConv2D, ManualConv2DTranspose
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Convolution]:
    """What was tested: a kernel is wrong of Keras's layers, and of hand-derived ones by method "primitive"."""
    tested: list[Convolution] = []

    def wrong_results(of: Convolution) -> tuple[str, ...]:
        tested.append(of)
        return () if of.method in ("im2col", "derivation") else ("output",)

    monkeypatch.setattr(trusted_kernels, "wrong_results", wrong_results)
    return tested


def net(layer: Any) -> keras.Model:
    return keras.Sequential([keras.Input((5, 3, 1)), layer])


def test_keras_layers_are_named_with_the_mend(asked: list[Convolution]) -> None:
    [line] = trust_kernels(net(layers.Conv2D(4, 3, (1, 2), name="first")))
    assert line == (
        "Warning: TensorFlow computes wrong results for the shapes of layer first (output): "
        "set TF_ENABLE_ONEDNN_OPTS=0, or use the hand-derived ManualConv2D"
    )


def test_a_hand_derived_layer_takes_another_method(asked: list[Convolution]) -> None:
    layer = ManualConv2D(4, 3, name="first")
    [line] = trust_kernels(net(layer))
    assert layer.method == "im2col" and line.endswith("by method 'primitive': it computes by 'im2col'")
    assert trust_kernels(net(layer)) == []


@pytest.mark.parametrize(
    "layer",
    [ManualDepthwiseConv2D(3, name="first"), ManualConv2DTranspose(4, 3, name="first")],
)
def test_a_depthwise_or_transposed_one_computes_by_its_derivation(layer: Any, asked: list[Convolution]) -> None:
    [line] = trust_kernels(net(layer))
    assert layer.method == "derivation" and line.endswith("by method 'primitive': it computes by 'derivation'")


def test_no_hand_derived_layer_is_named_where_there_is_none(asked: list[Convolution]) -> None:
    rows = keras.Sequential([keras.Input((5, 1)), layers.Conv1DTranspose(4, 3, name="first")])
    assert trust_kernels(rows) == [
        "Warning: TensorFlow computes wrong results for the shapes of layer first (output): set TF_ENABLE_ONEDNN_OPTS=0"
    ]


def test_verdicts_are_kept_for_the_environment_that_they_were_found_in(
    asked: list[Convolution], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = trust_kernels(net(layers.Conv2D(4, 3, name="first")))
    assert trust_kernels(net(layers.Conv2D(4, 3, name="first"))) == lines and len(asked) == 1
    monkeypatch.setenv("TF_SOME_FLAG", "1")
    trust_kernels(net(layers.Conv2D(4, 3)))
    assert len(asked) == 2
    (tmp_path / "cache" / "kernels.json").write_text("{", encoding="utf-8")
    trust_kernels(net(layers.Conv2D(4, 3)))
    assert len(asked) == 3


def test_a_sound_network_is_trained_without_a_word() -> None:
    assert trust_kernels(net(layers.Conv2D(4, 3))) == []


def test_gradients_that_are_added_up_in_half_precision_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted_kernels, "adds_up", lambda dtype: dtype != tf.bfloat16)
    half = keras.Sequential(
        [keras.Input((9, 9, 3))]
        + [kind(4, 3, name=name, dtype="mixed_bfloat16") for kind, name in ((layers.Conv2D, "a"), (ManualConv2D, "b"))]
        + [layers.Conv2D(2, 3, name="whole"), layers.Conv2D(2, 3, name="c", dtype="mixed_bfloat16")]
    )
    assert trust_kernels(half) == [
        "Warning: on this processor TensorFlow adds up the gradients of kernels in bfloat16, which loses what is small "
        "beside the sum (a and c): set precision=float32, or use the hand-derived layers"
    ]

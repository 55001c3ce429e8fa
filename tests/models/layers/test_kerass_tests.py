"""Keras's own tests of its layers pass with ours in their place, but for what is listed here with its reason."""

import re
import warnings
from dataclasses import dataclass
from typing import Any

import pytest

from keras_suite.models.layers.attention import ManualMultiHeadAttention
from keras_suite.models.layers.convolution import ManualConv1D, ManualConv2D, ManualConv2DTranspose, ManualConv3D
from keras_suite.models.layers.core import ManualActivation, ManualAdd, ManualDense, ManualDropout, ManualFlatten
from keras_suite.models.layers.normalization import ManualBatchNormalization, ManualLayerNormalization
from keras_suite.models.layers.pooling import (
    ManualAveragePooling2D,
    ManualGlobalAveragePooling2D,
    ManualGlobalMaxPooling2D,
    ManualMaxPooling2D,
    ManualUpSampling2D,
)
from keras_suite.models.layers.recurrent import ManualLSTM
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D, ManualSeparableConv2D
from tests.models.layers.kerass_tests import outcomes

# What is no part of a layer's mathematics or of its place in a model; these are not counted as applicable.
NOT_OURS = {
    "quantized weights": "quantiz|quantis|gptq|awq|int4|MultiHeadAttentionTest.test_dtype_policy_map",
    "low-rank adaptation of weights": "lora",
    "sparse tensors, which our layers refuse in one line": "sparse",
    "attributes of Keras's that its own code and files use": "legacy_load_own_variables|cudnn|fused_lstm_eligibility"
    "|skipped_for_subclass|compute_attention_combines|sliding_window_serialization",
}
# What a layer of ours refuses, and why.
REFUSED = {
    "interpolation other than of the nearest pixel has no hand-derived gradient": "bilinear|interpolation_methods",
    "batch renormalisation has no hand-derived gradient": "renorm|BatchNormalizationTest.test_serialization",
    "a stride and a dilation at once are possible here": r"^Conv\w*BasicTest\.test_bad_init_args",
    "gelu has no hand-derived gradient": "test_activation_basics",
    "scaling by the variance, which Keras calls deprecated": "LayerNormalizationTest.test_ln_basics|rms_scaling",
    "attention is over all axes": "attention_axes|high_dim_attention|causal_only_masks_non_4d_inputs",
    "attention has no gate": "MultiHeadAttentionTest.test_(basics|initializer|mha_constraints)$",
}
APPLICABLE = 0.9  # the least share that must pass


@dataclass(frozen=True)
class File:
    """A test file of Keras's, and the layers of ours that it gets by the names of Keras's."""

    path: str
    ours: dict[str, Any]


FILES = [
    File("core/dense_test.py", {"Dense": ManualDense}),
    File("convolutional/conv_test.py", {"Conv1D": ManualConv1D, "Conv2D": ManualConv2D, "Conv3D": ManualConv3D}),
    File("convolutional/conv_transpose_test.py", {"Conv2DTranspose": ManualConv2DTranspose}),
    File("convolutional/depthwise_conv_test.py", {"DepthwiseConv2D": ManualDepthwiseConv2D}),
    File("convolutional/separable_conv_test.py", {"SeparableConv2D": ManualSeparableConv2D}),
    File("pooling/max_pooling_test.py", {"MaxPooling2D": ManualMaxPooling2D}),
    File("pooling/average_pooling_test.py", {"AveragePooling2D": ManualAveragePooling2D}),
    File("pooling/global_average_pooling_test.py", {"GlobalAveragePooling2D": ManualGlobalAveragePooling2D}),
    File("pooling/global_max_pooling_test.py", {"GlobalMaxPooling2D": ManualGlobalMaxPooling2D}),
    File("reshaping/up_sampling2d_test.py", {"UpSampling2D": ManualUpSampling2D}),
    File("reshaping/flatten_test.py", {"Flatten": ManualFlatten}),
    File("normalization/batch_normalization_test.py", {"BatchNormalization": ManualBatchNormalization}),
    File("normalization/layer_normalization_test.py", {"LayerNormalization": ManualLayerNormalization}),
    File("attention/multi_head_attention_test.py", {"MultiHeadAttention": ManualMultiHeadAttention}),
    File("regularization/dropout_test.py", {"Dropout": ManualDropout}),
    File("merging/merging_test.py", {"Add": ManualAdd}),
    File("activations/activation_test.py", {"Activation": ManualActivation}),
    File("rnn/lstm_test.py", {"LSTM": ManualLSTM}),
    File("rnn/bidirectional_test.py", {"LSTM": ManualLSTM, "Dense": ManualDense}),
    File(
        "rnn/time_distributed_test.py",
        {"Dense": ManualDense, "BatchNormalization": ManualBatchNormalization, "LSTM": ManualLSTM},
    ),
]


def reason(name: str, kinds: dict[str, str]) -> str:
    """Return why a test is listed, nothing if it is not."""
    return next((why for why, pattern in kinds.items() if re.search(pattern, name)), "")


@pytest.mark.slow
def test_our_layers_pass_kerass_own_tests_but_for_those_listed() -> None:
    passed = refused = 0
    wrong, spare = [], []
    for file in FILES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Keras's tests' own
            found = outcomes(file.path, file.ours)
        assert found, f"{file.path} made no layer of ours"
        for outcome in found:
            if reason(outcome.name, NOT_OURS):
                continue
            listed = bool(reason(outcome.name, REFUSED))
            passed += not outcome.failure
            refused += bool(outcome.failure)
            if outcome.failure and not listed:
                wrong.append(f"{outcome.name}: {outcome.failure}")
            elif listed and not outcome.failure:
                spare.append(outcome.name)
    print(f"{passed} of {passed + refused} applicable tests of Keras's pass, {refused} are refused with a reason")
    assert not wrong, "\n".join(wrong)
    assert passed / (passed + refused) >= APPLICABLE
    assert not spare, f"listed, and passes: {', '.join(spare)}"

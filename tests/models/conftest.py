"""Real handwritten digits as networks take them."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits
from tensorflow.python.util import _pywrap_determinism


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """1,797 images float32 0..255 (n, 8, 8, 1) and one-hot labels float32 (n, 10)."""
    loaded = load_digits()
    images = (loaded.images * 255 / 16).astype("float32")[..., None]
    return images, np.eye(10, dtype="float32")[loaded.target]


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16"])
def mixed_precision(request: pytest.FixtureRequest) -> Iterator[str]:
    """The global precision policy, put back afterwards."""
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def any_kernels() -> Iterator[None]:
    """XLA has no deterministic gradient of max pooling, and refuses it where deterministic kernels are asked for."""
    _pywrap_determinism.enable(False)
    yield
    _pywrap_determinism.enable(True)

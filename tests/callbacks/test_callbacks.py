import importlib
import inspect

import keras
import pytest

from keras_suite.callbacks import CALLBACKS


@pytest.mark.parametrize("name", sorted(CALLBACKS))
def test_every_entry_of_the_table_of_contents_builds_a_callback_from_options_with_defaults(name):
    module, _, function = CALLBACKS[name].partition(":")
    builder = getattr(importlib.import_module(module), function)
    parameters = inspect.signature(builder).parameters.values()
    assert function == name and inspect.getdoc(builder)
    assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in parameters)
    built = builder()
    assert isinstance(built, keras.callbacks.Callback)
    assert hasattr(built, "get_state") and hasattr(built, "set_state")

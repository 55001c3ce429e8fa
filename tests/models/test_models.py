import importlib
import inspect

import pytest

from keras_suite import models

TABLES = {"NETWORKS": models.NETWORKS, "LOSSES": models.LOSSES, "OPTIMIZERS": models.OPTIMIZERS}
TABLES["SCHEDULES"] = models.SCHEDULES
ENTRIES = [(table, name) for table, entries in TABLES.items() for name in entries]


@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_every_entry_of_the_table_of_contents_is_a_documented_function_of_that_name(table, name):
    module, _, function = TABLES[table][name].partition(":")
    found = getattr(importlib.import_module(module), function)
    assert function == name
    assert inspect.getdoc(found)


@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_every_option_has_a_type_and_a_default(table, name):
    module, _, function = TABLES[table][name].partition(":")
    parameters = inspect.signature(getattr(importlib.import_module(module), function)).parameters.values()
    for parameter in parameters:
        assert parameter.kind in (parameter.POSITIONAL_ONLY, parameter.KEYWORD_ONLY)
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert parameter.annotation is not parameter.empty
            assert parameter.default is not parameter.empty

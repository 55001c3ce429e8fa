"""The tables of contents name functions with documentation, types and defaults."""

import importlib
import inspect
from typing import get_args, get_type_hints

import pytest
from pydantic.fields import FieldInfo

from keras_suite import models

TABLES = {"NETWORKS": models.NETWORKS, "LOSSES": models.LOSSES, "OPTIMIZERS": models.OPTIMIZERS}
TABLES["SCHEDULES"] = models.SCHEDULES
ENTRIES = [(table, name) for table, entries in TABLES.items() for name in entries]


@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_every_entry_of_the_table_of_contents_is_a_documented_function_of_that_name(table, name):
    module, _, function = TABLES[table][name].partition(":")
    builder = getattr(importlib.import_module(module), function)
    assert function == name
    assert inspect.getdoc(builder)


@pytest.mark.parametrize(("table", "name"), ENTRIES)
def test_every_option_has_a_type_and_a_default(table, name):
    module, _, function = TABLES[table][name].partition(":")
    parameters = inspect.signature(getattr(importlib.import_module(module), function)).parameters.values()
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            [shared] = get_args(parameter.annotation)
            fields = get_type_hints(shared, include_extras=True).values()
            assert all(any(isinstance(each, FieldInfo) for each in get_args(field)) for field in fields)
        elif parameter.kind is not parameter.POSITIONAL_ONLY:
            assert parameter.kind is parameter.KEYWORD_ONLY
            assert parameter.annotation is not parameter.empty
            assert parameter.default is not parameter.empty

"""Keras's own tests of its layers, found in its installed wheel, run against ours in the place of Keras's.

A test file takes its layers from `keras.src.layers`. It is loaded anew with another object under that name, which hands
out our layers where it has some and Keras's own for the rest. Nothing of Keras is copied or changed.

Two things differ from a plain run. Where a test expects an error of certain words, any ValueError will do but one about
an unknown argument: our lines say what was expected in words of our own. And arguments that only choose how Keras
computes are dropped.
"""

import contextlib
import importlib.util
import io
import sys
import types
import unittest
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import pytest
from keras.src import layers as keras_layers

FOLDER = Path(keras_layers.__file__).parent
HOW_KERAS_COMPUTES = ("implementation", "use_cudnn", "unroll", "synchronized")


@dataclass(frozen=True)
class Outcome:
    """How one of Keras's tests ended.

    Attributes:
        name: Class.method.
        failure: The last line of what went wrong; empty if it passed.
    """

    name: str
    failure: str


class Substitutes:
    """Stands for `keras.src.layers`: ours by the names of Keras's, and Keras's own for the rest."""

    def __init__(self, ours: Mapping[str, Any]) -> None:
        self._ours = {name: without_how(kind) for name, kind in ours.items()}

    def __getattr__(self, name: str) -> Any:
        return self._ours[name] if name in self._ours else getattr(keras_layers, name)


class Marks:
    """Stands for `pytest.mark`, which here refuses the marks that only Keras's own configuration knows."""

    skipif = pytest.mark.skipif

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **_: arguments[0] if callable(arguments[0]) else lambda test: test


def without_how(kind: Any) -> Any:
    """Return the layer's class, but that it takes and drops arguments that only choose how Keras computes."""

    class Tested(kind):  # type: ignore[misc]
        made = 0

        def __init__(self, *args: Any, **options: Any) -> None:
            Tested.made += 1
            super().__init__(*args, **{k: v for k, v in options.items() if k not in HOW_KERAS_COMPUTES})

    Tested.__name__ = Tested.__qualname__ = kind.__name__
    return keras.saving.register_keras_serializable("tested", kind.__name__)(Tested)


def outcomes(file: str, ours: Mapping[str, Any]) -> list[Outcome]:
    """Run those tests of a file of Keras's wheel that make a layer of ours, and that Keras does not skip here.

    Args:
        file: Below keras/src/layers, as "core/dense_test.py".
        ours: Our layers by the names of those that they stand for.
    """
    substitutes = Substitutes(ours)
    module = _loaded(FOLDER / file, substitutes)
    found = []
    for case in _cases(module):
        method = getattr(case, case._testMethodName)
        if any(mark.name == "skipif" and mark.args[0] for mark in getattr(method, "pytestmark", ())):
            continue
        before = _made(substitutes)
        result = unittest.TestResult()
        with contextlib.redirect_stdout(io.StringIO()), mock.patch.object(case, "assertRaisesRegex", _any_words(case)):
            case.run(result)
        if _made(substitutes) == before or result.skipped:
            continue
        wrong = [text for _, text in (*result.failures, *result.errors)]
        failure = wrong[0].strip().splitlines()[-1] if wrong else ""
        found.append(Outcome(f"{type(case).__name__}.{case._testMethodName}", failure))
    return found


def _any_words(case: Any) -> Any:
    @contextlib.contextmanager
    def raises(error: Any, words: str) -> Iterator[None]:
        with case.assertRaises(error) as caught:
            yield
        case.assertNotIn("Unrecognized keyword arguments", str(caught.exception))

    return raises


def _made(substitutes: Substitutes) -> int:
    return sum(kind.made for kind in substitutes._ours.values())


def _loaded(path: Path, substitutes: Substitutes) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"against_ours_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    beside: Any = types.ModuleType("conftest")  # of Keras's repository, which its wheel leaves out
    beside.skip_if_backend = lambda backend, reason: lambda test: test
    modules = mock.patch.dict(sys.modules, {"conftest": beside})
    with mock.patch.object(keras.src, "layers", substitutes), mock.patch.object(pytest, "mark", Marks()), modules:
        spec.loader.exec_module(module)
    return module


def _cases(module: types.ModuleType) -> Iterator[Any]:
    for suite in unittest.defaultTestLoader.loadTestsFromModule(module):
        yield from suite

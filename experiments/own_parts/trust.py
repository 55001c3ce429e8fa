"""Saved models that hold classes of a user's own: the classes are made known where their code may be run."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras

from keras_suite.experiments.own_parts.kept_source import RECORD, is_signed, load_kept, named_files
from keras_suite.models.saving import foreign_classes
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import layout


@contextlib.contextmanager
def own_classes(models: Sequence[Path], trust: bool = False, *, with_parts: bool = False) -> Iterator[None]:
    """Make the classes known that saved models need of the source kept beside them, in this block.

    Args:
        models: Run directories, or .keras files, which may lie in one.
        trust: Whether code is run that this user did not sign.
        with_parts: Whether the runs' own parts are needed, too, as their losses.

    Raises:
        ValueError: If a model needs code that this user did not sign, or that is damaged.
        ForeignCodeError: If the code fails.
    """
    with contextlib.ExitStack() as scopes:
        for path in models:
            directory = path if path.is_dir() else path.parent
            model = run_directory.model_file(directory) if path.is_dir() else path
            if not (directory / layout.RECORD).is_file():
                continue
            record = run_directory.read_run(directory, needs=()).record
            needed = with_parts or (model.is_file() and foreign_classes(model))
            if not needed or not record.get(RECORD):
                continue
            if not (trust or is_signed(record)):
                raise ValueError(
                    f"{directory} needs code of its own to be loaded ({named_files(record)}), and you did not sign it "
                    "on this machine: read it, and if you trust it, give --trust-code"
                )
            scopes.enter_context(keras.saving.custom_object_scope(load_kept(directory, record)))
        yield

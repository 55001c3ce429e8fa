import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.huggingface import huggingface
from keras_suite.data_pipeline.datasets.libraries import (
    asked,
    chosen_splits,
    folder_at,
    kept_dataset,
    library,
    state_of,
)
from keras_suite.data_pipeline.datasets.tfds import tfds

DIGITS = load_digits()


def test_a_library_that_is_not_installed_is_answered_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install = re.escape("mine needs Their Library, which is not installed: pip install 'keras-experiment-suite[mine]'")
    with pytest.raises(ValueError, match=install):
        library("library_of_nobody", "load", "mine", "Their Library")
    (tmp_path / "folder_of_the_users_own").mkdir()
    (tmp_path / "library_without_its_own.py").write_text("import another_library_of_nobody\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=install):
        library("folder_of_the_users_own", "load", "mine", "Their Library")
    with pytest.raises(ValueError, match=r"mine cannot import Theirs \(ModuleNotFoundError.*another_library_of_nobody"):
        library("library_without_its_own", "load", "mine", "Theirs")
    assert library("json", "loads", "mine", "JSON").loads("1") == 1


@pytest.mark.parametrize(("build", "module"), [(tfds, "tensorflow_datasets"), (huggingface, "datasets")])
def test_the_datasets_of_libraries_need_them(build: Any, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)  # as if it were not installed
    with pytest.raises(ValueError, match=rf"pip install 'keras-experiment-suite\[{build.__name__}\]'"):
        build(None, path="mnist")
    with pytest.raises(ValueError, match=rf"{build.__name__} needs `path`: the name of a dataset"):
        build(None)


def test_whatever_a_library_raises_is_one_line() -> None:
    def fails(name: str) -> None:
        raise RuntimeError(f"no {name}\nand a long story")

    with pytest.raises(ValueError, match=r"^mine: 'x' cannot be loaded \(RuntimeError: no x\): check the name, or the"):
        asked("mine", "x", fails, "x")
    assert asked("mine", "x", len, [1, 2]) == 2


def test_the_split_that_tests_is_the_one_called_test_if_there_is_one() -> None:
    assert chosen_splits("mine", ["train", "test"], "train", None) == ("train", "test")
    assert chosen_splits("mine", ["train", "validation"], "train", None) == ("train", None)
    assert chosen_splits("mine", ["train", "validation"], "train", "validation") == ("train", "validation")
    with pytest.raises(ValueError, match=r"mine: unknown split 'trian'; did you mean 'train'\?"):
        chosen_splits("mine", ["train"], "trian", None)
    with pytest.raises(ValueError, match=r"mine: the split 'test' would train and test"):
        chosen_splits("mine", ["test"], "test", None)


def test_folders_are_looked_for_in_the_data_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    assert folder_at("mine", tmp_path) == tmp_path / "mine" and folder_at("mine", None) is None
    monkeypatch.chdir(tmp_path)
    assert folder_at("mine", None) == Path("mine")


@pytest.mark.usefixtures("cache")
def test_elements_are_read_once_as_long_as_their_files_stay(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"1")
    passes = 0

    def start() -> Any:
        nonlocal passes
        passes += 1
        return zip(DIGITS.images[:100], DIGITS.target[:100], strict=True)

    def dataset() -> Any:
        key = (state_of([tmp_path / "data"]),)
        return kept_dataset("mine", "mine x", {"train": start}, key, list("abcdefghij"), ArrayOptions(limit=40))

    first, second = dataset(), dataset()
    assert passes == 2 and first.fingerprint == second.fingerprint  # the second pass is compared with the first
    assert first.name == "mine" and first.class_names == tuple("abcdefghij") and first.limit == 40
    assert np.array_equal(np.concatenate([first.images, first.test_images]).max(), 16)
    (tmp_path / "data").write_bytes(b"12")
    dataset()
    assert passes == 4

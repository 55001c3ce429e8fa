"""A user's modules are imported once, anew after an edit, and never from another user's folder."""

from pathlib import Path

import pytest

from keras_suite.experiments.own_parts.parts import locate


def write(folder: Path, value: int) -> Path:
    (folder / "deep_of_mine").mkdir(parents=True, exist_ok=True)
    (folder / "deep_of_mine" / "values.py").write_text(f"VALUE = {value}\n", encoding="utf-8")
    text = "from deep_of_mine.values import VALUE\n\n\ndef value():\n    return VALUE\n"
    (folder / "of_mine.py").write_text(text, encoding="utf-8")
    return folder


def value(folder: Path) -> int:
    return locate("of_mine.py:value", str(folder)).load()()  # type: ignore[no-any-return]


def test_an_edit_is_seen_in_the_same_process(tmp_path: Path) -> None:
    part = locate("of_mine.py:value", str(write(tmp_path, 1)))
    assert part.load() is part.load()
    assert value(tmp_path) == 1
    write(tmp_path, 23)
    assert value(tmp_path) == 23


def test_two_folders_with_the_same_names_do_not_mix(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", 1), write(tmp_path / "two", 2)
    assert [value(one), value(two), value(one), value(two)] == [1, 2, 1, 2]


def test_a_users_module_shadows_no_library(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')\n", encoding="utf-8")
    (tmp_path / "numpy.py").write_text("raise SystemExit('shadowed')\n", encoding="utf-8")
    text = "import json\nimport numpy\n\n\ndef names():\n    return json.dumps([numpy.__name__])\n"
    (tmp_path / "uses_both.py").write_text(text, encoding="utf-8")
    assert locate("uses_both.py:names", str(tmp_path)).load()() == '["numpy"]'


def test_a_part_of_an_installed_package_is_found_by_its_module(tmp_path: Path) -> None:
    part = locate("keras.optimizers:Lion", str(tmp_path))
    assert part.load().__name__ == "Lion"
    assert part.module == "keras.optimizers"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("of_mine.py:valeu", "unknown function or class 'valeu'; did you mean 'value'"),
        ("of_yours.py:value", "there is no file of_yours.py in "),
        ("deep_of_mine.py:value", "there is no file deep_of_mine.py in "),
        ("no_such_package.module:value", "there is no module 'no_such_package.module'"),
        ("math:sqrt", "there is no module 'math'"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, name: str, said: str) -> None:
    write(tmp_path, 1)
    with pytest.raises((ValueError, FileNotFoundError), match=said):
        locate(name, str(tmp_path)).load()

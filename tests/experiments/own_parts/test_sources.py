"""A part's fingerprint follows from what its source says, wherever it lies and however it is written."""

import ast
import json
from pathlib import Path

import pytest

from keras_suite.experiments.own_parts import parts, sources
from keras_suite.experiments.own_parts.parts import locate
from keras_suite.experiments.own_parts.sources import Unreadable, _described, _escaped, _plain, files_of

NET = "from layers import scale\n\n\ndef net(classes, width=3):\n    return scale(width)\n"
FILES = {
    "net.py": NET,
    "layers.py": "import pkg.deep\nfrom unused_library import thing\n\n\ndef scale(x):\n    return x\n",
    "pkg/__init__.py": "",
    "pkg/deep.py": "from . import sibling\nfrom .sibling import y\n",
    "pkg/sibling.py": "y = 1\n",
    "stranger.py": "z = 1\n",
    "json.py": "shadowed = True\n",
}
QUESTION = '''"""A question?"""
from helpers import WIDTH
from keras_suite.experiments import Config, Experiment, use

DEPTH = 2
UNRELATED = 3


def net(classes):
    return depth() * WIDTH


def depth():
    return DEPTH


def other():
    return 1


EXPERIMENT = Experiment(Config(use("digits"), use("question.py:net")))
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a user's files."""
    for name, text in {**FILES, "question.py": QUESTION, "helpers.py": "WIDTH = 1\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def fingerprint(folder: Path, name: str = "net.py:net") -> str:
    return locate(name, str(folder)).fingerprint


def change(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")


def test_the_users_own_modules_count_however_they_are_imported(folder: Path) -> None:
    found = {path.relative_to(folder).as_posix() for path in files_of(folder / "net.py", folder)}
    assert found == {"net.py", "layers.py", "pkg/__init__.py", "pkg/deep.py", "pkg/sibling.py"}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("net.py", "width=3", "width=4"),
        ("layers.py", "return x", "return x + 1"),
        ("pkg/sibling.py", "y = 1", "y = 2"),
        ("net.py", "scale(width)", "scale(-width)"),
    ],
)
def test_an_edit_of_any_of_them_is_another_part(folder: Path, name: str, before: str, after: str) -> None:
    was = fingerprint(folder)
    change(folder, name, before, after)
    assert fingerprint(folder) != was


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("net.py", "def net", "# a comment\n\n\n\ndef net"),
        ("net.py", "    return", '    """Says what it does."""\n    return'),
        ("net.py", "scale(width)", "(\n        scale( width, )\n    )"),
        ("net.py", "from layers import scale", "from layers import (  # more\n    scale,\n)"),
        ("stranger.py", "z = 1", "z = 2"),
        ("json.py", "True", "False"),
    ],
)
def test_comments_docstrings_formatting_and_other_files_are_not(
    folder: Path, name: str, before: str, after: str
) -> None:
    was = fingerprint(folder)
    change(folder, name, before, after)
    assert fingerprint(folder) == was


def test_it_does_not_depend_on_the_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "moved"
    folder.rename(other)
    assert fingerprint(other) == fingerprint(other.parent, "moved/net.py:net") == "4033ee8a71f35359"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("DEPTH = 2", "DEPTH = 3", False),
        ("return DEPTH", "return DEPTH + 1", False),
        ("UNRELATED = 3", "UNRELATED = 4", True),
        ("return 1", "return 2", True),
        ('use("digits")', 'use("mnist")', True),
        ("UNRELATED = 3", "print('more than a name')", False),
        ("def other", "@register\ndef other", False),
    ],
)
def test_of_an_experiments_file_what_the_part_needs_counts(folder: Path, before: str, after: str, same: bool) -> None:
    was = fingerprint(folder, "question.py:net")
    change(folder, "question.py", before, after)
    assert (fingerprint(folder, "question.py:net") == was) is same


def test_a_network_whose_normalization_is_adapted_since_then_is_another_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "one.py").write_text("from keras.layers import Normalization as N\n\n\ndef net(x):\n    return N()(x)\n")
    (folder / "other.py").write_text("import keras\n\n\ndef net(x):\n    return keras.layers.BatchNormalization()(x)\n")
    now = [fingerprint(folder, f"{name}.py:net") for name in ("one", "other")]
    monkeypatch.setattr(sources, "ADAPTED", "none")
    monkeypatch.setattr(parts, "_located", {})
    before = [fingerprint(folder, f"{name}.py:net") for name in ("one", "other")]
    assert now[0] != before[0] and now[1] == before[1]


def test_what_it_imports_counts_only_where_the_part_needs_it(folder: Path) -> None:
    assert [path.name for path in locate("question.py:net", str(folder)).files] == ["helpers.py", "question.py"]
    assert [path.name for path in locate("question.py:other", str(folder)).files] == ["question.py"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"def net(:", r"net\.py line 1: no valid Python: "),
        (b"\xff\xfe\x00", r"net\.py( line \d+)?: no valid Python"),
        (b"net = 1\x00", r"net\.py( line \d+)?: no valid Python"),
    ],
)
def test_a_file_that_is_no_python_is_named(folder: Path, content: bytes, said: str) -> None:
    (folder / "net.py").write_bytes(content)
    with pytest.raises(Unreadable, match=said):
        fingerprint(folder)


@pytest.mark.parametrize("letters", ["\U0001fae8", "\u0cf3", "\u31ef", "\U00031350"])
def test_what_later_versions_of_unicode_print_is_written_as_in_python_3_11(letters: str, tmp_path: Path) -> None:
    escaped = f"{ord(letters):x}".rjust(4 if ord(letters) < 0x10000 else 8, "0")
    assert _escaped(f"'{letters}é🙂'") == f"'\\{'u' if len(escaped) == 4 else 'U'}{escaped}é🙂'"
    (tmp_path / "net.py").write_text(f"def net(classes):\n    return '{letters}'\n", encoding="utf-8")
    assert f"\\\\{'u' if len(escaped) == 4 else 'U'}{escaped}" in json.dumps(_described(tmp_path / "net.py", None))


def test_an_empty_text_in_a_format_counts_in_no_version() -> None:
    """Python 3.12 ends the format of f"{x:{y}}" in one."""
    [statement] = ast.parse('f"{x:{y}}"').body
    written = _plain(statement)
    [text] = [node for node in ast.walk(statement) if isinstance(node, ast.FormattedValue) and node.format_spec]
    assert isinstance(text.format_spec, ast.JoinedStr)
    text.format_spec.values.append(ast.Constant(""))
    assert _plain(statement) == written


def test_a_file_whose_expressions_are_too_deep_is_named(folder: Path) -> None:
    (folder / "deep.py").write_text(f"def net(classes):\n    return {'+'.join(['classes'] * 900)}\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"deep\.py has expressions in expressions too deep to be compared"):
        fingerprint(folder, "deep.py:net")

"""The notebook in docs/ runs in a real kernel, in an empty folder, and comes to the answer that it shows."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import REPOSITORY

NOTEBOOK = REPOSITORY / "docs" / "example.ipynb"


def answer(notebook: Any) -> str:
    """The first sentence about the variants in the outputs."""
    found = re.search(r"'squares' is [^(]*", json.dumps(notebook.cells).replace("\\u0027", "'"))
    assert found is not None
    return found[0]


def test_the_kept_outputs_name_no_place_of_a_machine() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert not re.search(r"/(home|tmp|work|root|Users)/", text)
    assert "Traceback" not in text
    assert "squares" in answer(nbformat.reads(text, as_version=4))


@pytest.mark.slow
def test_it_runs_in_an_empty_folder_to_the_same_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    kept = nbformat.read(NOTEBOOK, as_version=4)
    fresh = nbformat.read(NOTEBOOK, as_version=4)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    NotebookClient(fresh, timeout=280, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert answer(fresh).split(" by ")[0] == answer(kept).split(" by ")[0]
    assert (tmp_path / "runs" / "squares" / "report.html").exists()

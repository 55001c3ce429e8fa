"""What was written to a sealed file comes back whole, or the file is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_suite.tasks.files.damaged import DamagedFile, NewerSchema
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed

VALUE: dict[str, Any] = {"name": "größer", "score": 0.1 + 0.2, "none": None, "list": [1, 2.5, {"deep": True}]}
MEND = "restore it"


def test_the_content_comes_back_with_every_bit(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_sealed(path, VALUE)
    assert read_sealed(path, MEND) == {"schema": 2, **VALUE}


def test_reformatting_and_other_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_sealed(path, VALUE)
    text = path.read_text(encoding="utf-8")
    for same in (json.dumps(json.loads(text)), text.replace("\n", "\r\n"), "\ufeff" + text):
        path.write_bytes(same.encode())
        assert read_sealed(path, MEND) == {"schema": 2, **VALUE}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_byte_changes_nothing_or_is_named(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("sealed") / "state.json"
    write_sealed(path, VALUE)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        assert read_sealed(path, MEND) == {"schema": 2, **VALUE}
    except (DamagedFile, NewerSchema) as error:
        assert str(error).startswith(str(path))
        assert "\n" not in str(error)


def test_a_file_without_its_checksum_is_named_unless_it_is_from_before(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"schema": 2, **VALUE}), encoding="utf-8")
    with pytest.raises(DamagedFile, match="its checksum is missing: restore it"):
        read_sealed(path, MEND)
    for before in ({"schema": 1, **VALUE}, VALUE):
        path.write_text(json.dumps(before), encoding="utf-8")
        assert read_sealed(path, MEND) == before


def test_a_file_of_a_newer_version_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"schema": 3, "sha512": "other"}', encoding="utf-8")
    with pytest.raises(NewerSchema, match=r"newer version \(schema 3; this reads 2\): update the suite"):
        read_sealed(path, MEND)

"""JSON files that hold the checksum of their own content: read whole, or named.

The checksum is of the values, not of the bytes: an editor's indentation or other line ends do not matter. Files of
before there were checksums have none, and a "schema" below `SEALED_SINCE` or none.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_suite.tasks.atomic_files import write_json
from keras_suite.tasks.files.damaged import DamagedFile, NewerSchema, require_regular

CHECKSUM = "sha256"
SCHEMA = 2  # of all files that are written so
SEALED_SINCE = 2


def write_sealed(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object, its schema and the checksum of its content, atomically. NaN is refused with ValueError."""
    value = {"schema": SCHEMA, **{key: each for key, each in value.items() if key != "schema"}}
    write_json(path, {**value, CHECKSUM: _checksum(value)})


def read_sealed(path: Path, mend: str) -> Any:
    """Read a JSON file, and compare its content with the checksum in it.

    Args:
        path: The file.
        mend: What to do about a damaged file, for the error's line.

    Returns:
        The content without the checksum. What is no JSON object is returned as it is: it has no place for a checksum.

    Raises:
        FileNotFoundError: If there is no such file.
        DamagedFile: If the file is no JSON, or its content is not what was written.
        NewerSchema: If a newer version of the suite wrote it.
    """
    require_regular(path, mend)
    value = read_json_text(path, path.read_bytes(), mend)
    if not isinstance(value, dict):
        return value
    schema = value.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise NewerSchema(
            f"{path} was written by a newer version (schema {schema}; this reads {SCHEMA}): update the suite"
        )
    checksum = value.pop(CHECKSUM, None)
    if checksum is None:
        if isinstance(schema, int) and schema >= SEALED_SINCE:
            raise DamagedFile(f"{path} is damaged: its checksum is missing", mend)
    elif checksum != _checksum(value):
        raise DamagedFile(f"{path} is damaged: its content does not have the checksum that it was written with", mend)
    return value


def read_json_text(path: Path, content: bytes, mend: str) -> Any:
    """Return what this content of the JSON file `path` says; DamagedFile if it is no JSON."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError:
        reason = "it is nested too deep"
    except ValueError as error:  # of decoding, too
        reason = str(error)
    raise DamagedFile(f"{path} is not readable JSON ({reason})", mend)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _checksum(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

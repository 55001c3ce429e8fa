"""The copy of own parts' source in a run directory, and whether this user may run it.

Code that came with somebody else's run directory is not run unasked. What a user's own runs keep is signed, with a key
in that user's configuration; anything else needs --trust-code.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from keras_suite.experiments.own_parts.names import is_library
from keras_suite.experiments.own_parts.parts import OwnPart, locate
from keras_suite.reports.run_directory.layout import SOURCE
from keras_suite.reports.run_directory.verification import source_faults
from keras_suite.tasks.atomic_files import replacing

FOLDER = SOURCE
RECORD = "own_parts"  # its name in run.json
KEY_BYTES = 32


# -- keeping ---------------------------------------------------------------------------------------------------------


def keep(directory: Path, parts: Sequence[OwnPart]) -> dict[str, Any]:
    """Copy the source of own parts into a run directory, and return what run.json says of it: {} without any."""
    if not parts:
        return {}
    root = parts[0].root
    files = sorted({file for part in parts if not part.module for file in part.files})
    anchor = Path(os.path.commonpath([root, *(file.parent for file in files)]))
    kept: dict[str, str] = {}
    for file in files:
        content, name = file.read_bytes(), file.relative_to(anchor).as_posix()
        with replacing(directory / FOLDER / name) as temporary:
            temporary.write_bytes(content)
        kept[name] = hashlib.sha256(content).hexdigest()
    described = {
        "root": root.relative_to(anchor).as_posix(),
        "parts": {part.name: part.fingerprint for part in parts},
        "files": kept,
    }
    return {RECORD: {**described, "signature": _signature(described, _key(create=True))}}


def fingerprints(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the fingerprints of a recorded run's own parts, by their names."""
    return dict((record.get(RECORD) or {}).get("parts") or {})


# -- trusting --------------------------------------------------------------------------------------------------------


def is_signed(record: Mapping[str, Any]) -> bool:
    """Return whether this user's key signed what a record says of kept source."""
    own, key = record.get(RECORD) or {}, _key(create=False)
    described = {name: value for name, value in own.items() if name != "signature"}
    return key is not None and hmac.compare_digest(str(own.get("signature")), _signature(described, key))


def load_kept(directory: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Run the kept source, and return its Keras classes and functions by the names that saved models know them by.

    Raises:
        ValueError: If a file is missing or changed.
        ForeignCodeError: If the source fails.
    """
    wrong = source_faults(directory, record)
    if wrong:
        raise ValueError(f"{wrong[0]}: restore it from a copy, or train the run again")
    root = kept_root(directory, record)
    objects: dict[str, Any] = {}
    with _only_from(Path(root)):
        for name in record[RECORD]["parts"]:
            objects |= locate(name, root).custom_objects()
    return objects


def kept_root(directory: Path, record: Mapping[str, Any]) -> str:
    """Return the folder in a run directory that the files of its own parts are named from; "" where there are none."""
    own = record.get(RECORD)
    return str((directory / FOLDER / own["root"]).resolve()) if own else ""


def named_files(record: Mapping[str, Any]) -> str:
    """Return the kept files in words."""
    names = sorted((record.get(RECORD) or {}).get("files") or {})
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(str(PurePosixPath(FOLDER, name)) for name in names[:2]) + more


def key_file() -> Path:
    """Return where the key lies: in the user's own configuration."""
    if os.name == "nt":
        folder = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "keras-suite" / "signing-key"


def _key(create: bool) -> bytes | None:
    """Return the user's key, created if wanted; None if there is none, or no place for one."""
    path = key_file()
    with contextlib.suppress(OSError):
        if create and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f"{path.name}-{os.getpid()}")
            with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
            with contextlib.suppress(FileExistsError):  # another process was faster
                os.link(temporary, path)
            temporary.unlink()
        key = path.read_bytes()
        return key if len(key) == KEY_BYTES else None
    return None


def _signature(described: Mapping[str, Any], key: bytes | None) -> str:
    if key is None:
        return ""
    text = json.dumps(described, sort_keys=True, ensure_ascii=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@contextlib.contextmanager
def _only_from(root: Path) -> Iterator[None]:
    """Import a user's modules from `root` alone in this block, not from where they may have been edited since."""
    path, before = list(sys.path), dict(sys.modules)
    tops = {each.stem for each in root.iterdir() if each.is_dir() or each.suffix == ".py"}
    hidden = [
        name
        for name, module in before.items()
        if name.partition(".")[0] in tops and not is_library(str(getattr(module, "__file__", None) or os.devnull))
    ]
    hidden = [name for name in hidden if getattr(before[name], "__file__", None) or hasattr(before[name], "__path__")]
    try:
        for name in hidden:
            if name not in sys.builtin_module_names and name.partition(".")[0] not in sys.stdlib_module_names:
                del sys.modules[name]
        sys.path[:] = [each for each in path if each and is_library(os.path.join(each, "x"))] + [str(root)]
        yield
    finally:
        sys.path[:] = path
        sys.modules.update({name: before[name] for name in hidden})

"""Folders that a command will write into, tried before anything expensive starts. Trying leaves nothing behind."""

import contextlib
import os
import tempfile
from pathlib import Path

from keras_suite.tasks.wording.shown import shown


def check_output(folder: Path, option: str) -> None:
    """Raise ValueError unless files can be written in a folder, which need not exist yet.

    Args:
        folder: What will be written into.
        option: What chose it, as "--runs-dir".
    """
    made: list[Path] = []
    try:
        _try(folder, made)
    except OSError as error:
        at = next((each for each in (folder, *folder.parents) if _is_file(each)), None)
        reason = f"{at} is a file" if at is not None else (error.strerror or str(error)).lower()
        raise ValueError(
            f"nothing can be written in {shown(str(folder))} ({reason}): give another folder with {option}"
        ) from None
    finally:
        for each in reversed(made):
            with contextlib.suppress(OSError):
                each.rmdir()


def _try(folder: Path, made: list[Path]) -> None:
    """Create the folder, noting in `made` what was not there, and a file in it that goes by itself."""
    missing = []
    for each in (folder, *folder.parents):
        if os.path.lexists(each):
            break
        missing.append(each)
    for each in reversed(missing):
        try:
            each.mkdir()
        except FileExistsError:  # another process just made it
            continue
        made.append(each)
    with tempfile.TemporaryFile(dir=folder, prefix=".trying-") as file:
        file.write(b".")
        file.flush()


def check_input(folder: Path | None, option: str) -> None:
    """Raise ValueError if what should be a folder to read from is something else, or cannot be read."""
    if folder is None:
        return
    try:
        os.listdir(folder)
    except FileNotFoundError:
        return  # data that need no folder are not kept from anything; those that do say what is missing
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ValueError(f"{shown(str(folder))} cannot be read ({reason}): give a folder with {option}") from None


def _is_file(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.exists() and not path.is_dir()
    return False

"""The errors for a file of ours that cannot be used: it does not hold what was written to it, or it is too new."""

from pathlib import Path


class DamagedFile(ValueError):
    """A file is damaged, or gone.

    Attributes:
        fault: What is wrong with it, without what to do about that.
    """

    def __init__(self, fault: str, mend: str) -> None:
        super().__init__(f"{fault}: {mend}")
        self.fault = fault

    def __reduce__(self) -> tuple[type["DamagedFile"], tuple[str, str]]:  # errors travel between processes
        return type(self), (self.fault, str(self)[len(self.fault) + 2 :])


class NewerSchema(ValueError):
    """A file was written by a newer version of the suite, which knows what this one would lose."""


def require_regular(path: Path, mend: str) -> None:
    """Raise DamagedFile if something else than a file lies at `path`: to read a pipe would wait for ever."""
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "a pipe or a device"
        raise DamagedFile(f"{path} is damaged: expected a file, found {what}", mend)

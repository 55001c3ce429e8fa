"""The errors for a file of ours that cannot be used: it does not hold what was written to it, or it is too new."""


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

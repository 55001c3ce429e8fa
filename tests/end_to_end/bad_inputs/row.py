"""Bad inputs as data: what is given, how, and what the one line must name. Tests and everybody who adds a row read it.

A row's files lie in the folder in which the command is typed; `said` must stand in the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

HEAD = '"""Is it so?"""\nfrom keras_suite.experiments.config import Config, Experiment, Part, use\nimport numpy as np\n'
GOOD = "Config(use('digits', limit=300, test_limit=100), use('mlp', units=[8]), epochs=1)"
SMALL = f"{HEAD}EXPERIMENT = Experiment({GOOD}, seeds=1)\n"


@dataclass(frozen=True)
class Row:
    """A command that must be refused in one line.

    Attributes:
        arguments: As typed after `keras-suite`.
        said: What the line must hold.
        files: By name, what lies in the folder.
        folders: Folders in it.
    """

    arguments: tuple[str, ...]
    said: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = next((str(content) for name, content in self.files.items() if content != SMALL), "")
        return f"{' '.join(self.arguments)} {text.removeprefix(HEAD)}"[:150]


def setting(text: str, said: str) -> Row:
    return Row(("run", "mine.py", "--set", text), said, {"mine.py": SMALL})


def file(text: str | bytes, said: str) -> Row:
    """An experiment file that cannot be loaded."""
    return Row(("show", "mine.py"), said, {"mine.py": text})


def base(config: str, said: str) -> Row:
    return file(f"{HEAD}\nEXPERIMENT = Experiment({config})\n", said)


def experiment(arguments: str, said: str) -> Row:
    return file(f"{HEAD}\nEXPERIMENT = Experiment({GOOD}, {arguments})\n", said)


def space(body: str, said: str, *more: str) -> Row:
    text = f"{SMALL}\ndef space(hp):\n    {body}\n"
    return Row(("tune", "mine.py", *more), said, {"mine.py": text})


def words(*arguments: str, said: str) -> Row:
    return Row(arguments, said, {"mine.py": SMALL})

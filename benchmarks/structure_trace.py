"""Counts the files of a checkout that a training run and its report cross. Imported where only that checkout is."""

import functools
import importlib
import inspect
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def trace(root: str, rooms: Sequence[str], places: dict[str, str], counted: dict[str, str], folder: str) -> None:
    """Train two seeds of a small network and report on them; write into traced.json what each call crossed.

    Args:
        root: The checkout, which is what can be imported.
        rooms: The folders whose files count.
        places: Where each traced or called function is, "module:name", by its role.
        counted: The roles of the functions whose calls are counted, by "path:qualified name".
        folder: Where runs and traced.json go.
    """

    def have(role: str) -> Any:
        module, _, name = places[role].partition(":")
        return functools.reduce(getattr, name.split("."), importlib.import_module(module))

    have("start")(1)
    runs_dir, crossed = Path(folder) / "runs", {}
    config = have("config")(dataset=have("use")("digits"), model=have("use")("mlp"), batch_size=32, epochs=1)
    for seed, title in enumerate(("training, first run of a process", "training, next run"), 1):
        job = create_job(have("job"), "structure", "mlp", config, seed=seed, threads=1, runs_dir=runs_dir)
        tracer = Tracer(Path(root), rooms, counted)
        outcome = tracer.traced(have("train"), job)
        if outcome.status != "completed":
            raise ValueError(f"the run is {outcome.status}: {outcome.reason}")
        crossed[title] = (sorted(tracer.files), tracer.calls)
    variant = SimpleNamespace(name="mlp", directory=outcome.directory.parent.name, overrides={})
    experiment = runs_dir / "structure"
    have("begin")(experiment, name="structure", question="?", command="-", variants=[variant], against=())
    tracer = Tracer(Path(root), rooms, counted)
    tracer.traced(have("report"), experiment, None)
    crossed["report"] = (sorted(tracer.files), tracer.calls)
    (Path(folder) / "traced.json").write_text(json.dumps(crossed), encoding="utf-8")


def create_job(job: Any, *arguments: Any, seed: int, **options: Any) -> Any:
    """Create a job; the layout may have the options that runs share in an object of their own."""
    shared = getattr(sys.modules[job.__module__], "RunOptions", None)
    return job(*arguments, seed=seed, options=shared(**options)) if shared else job(*arguments, seed=seed, **options)


class Tracer:
    """Collect the product files that a call enters, in its thread and those it starts, and counts some functions."""

    def __init__(self, root: Path, rooms: Sequence[str], counted: dict[str, str]) -> None:
        self.files: set[str] = set()
        self.calls: Counter[str] = Counter()
        self._counted = counted  # role by "path:qualified name"
        self._path = functools.cache(functools.partial(product_path, root, rooms))

    def traced(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the function and return its result."""
        threading.setprofile(self._event)
        sys.setprofile(self._event)
        try:
            return function(*arguments)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _event(self, frame: Any, event: str, _argument: Any) -> None:
        path = self._path(frame.f_code.co_filename) if event == "call" else None
        if path is None or not frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # a module's or a class's body
            return
        role = self._counted.get(f"{path}:{frame.f_code.co_qualname}")
        if role:
            self.calls[role] += 1
        if path not in self.files and not self._importing(frame):
            self.files.add(path)

    def _importing(self, frame: Any) -> bool:
        while frame := frame.f_back:
            if frame.f_code.co_name == "<module>" and self._path(frame.f_code.co_filename):
                return True
        return False


def product_path(root: Path, rooms: Sequence[str], filename: str) -> str | None:
    """Return the path of a product's Python file relative to the root; None for any other file."""
    path = Path(filename).resolve()
    if path.suffix != ".py" or not path.is_relative_to(root):
        return None
    relative = path.relative_to(root)
    return relative.as_posix() if relative.parts[0] in rooms else None

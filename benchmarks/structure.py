"""What a checkout of the suite looks like: its files, who imports whom, and how many files a run and its report cross.

    python benchmarks/structure.py [--root CHECKOUT] [--json FILE] [--before FILE] [--static]
    python benchmarks/structure.py --options experiments.registry:options    # where a traced function has moved

Most measures only read the source. Two trainings of one epoch on the digits and the report of their runs are traced in
a subprocess: a file counts as crossed if one of its functions is entered between the call and its return. Code that
runs while a module is imported does not count, nor does what TensorFlow calls from threads of its own. A function
behind a cache is counted only when its body runs.

Layouts with the rooms as top-level packages can be measured, and layouts with the rooms below `keras_suite`.
"""

import argparse
import ast
import functools
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOMS = ("experiments", "models", "data_pipeline", "callbacks", "reports", "tasks")
NAMESPACE = "keras_suite."
LARGE_FILE, LONG_FUNCTION = 300, 50  # lines

# How many files of the product a thing stands in, its own among them: that many were touched to add it.
NAMES = {
    "dataset (moving_digits)": r"\bmoving_digits\b",
    "metric (top-5 accuracy)": r"top_5",
    "task (mask)": r"""["']mask["']|\bMASK\b""",
    "callback (sharpness)": r"\b[Ss]harpness\b",
    "layer (LocallyConnected2D)": r"LocallyConnected2D|locally_connected2d",
    "report section (calibration)": r"\bcalibration",
}

# Where each traced or called function is in the layouts so far; `--<role> module:function` names another place.
CANDIDATES = {
    "train": ("experiments.run:train", "experiments.training.run:train"),
    "options": ("experiments.parts:options", "experiments.registry:resolve_part"),
    "weights": ("experiments.pretrained:pretrained", "experiments.training.initial_weights:pretrained"),
    "split": ("data_pipeline.splits:split",),
    "report": ("experiments.commands.report:write",),
    "job": ("experiments.job:Job", "experiments.training.job:Job"),
    "start": ("experiments.runtime:start_tensorflow", "experiments.training.runtime:start_tensorflow"),
    "begin": (
        "reports.run_directory.writing:write_experiment",
        "reports.run_directory.experiment_folder:write_experiment",
    ),
    "config": ("experiments.config:Config",),
    "use": ("experiments.config:use",),
}
COUNTED = {"options": "options resolved", "weights": "weights resolved", "split": "split computed"}


def main() -> int:
    """Print the table; 2 if the checkout cannot be measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout to measure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the measures and their details")
    parser.add_argument("--before", type=Path, metavar="FILE", help="an earlier --json, printed as a column before")
    parser.add_argument("--static", action="store_true", help="only read the source; train nothing")
    for role, candidates in CANDIDATES.items():
        parser.add_argument(f"--{role}", metavar="MODULE:NAME", help=f"if not given, {' or '.join(candidates)}")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    try:
        before = json.loads(arguments.before.read_text(encoding="utf-8"))["rows"] if arguments.before else None
        sources = {path: (root / path).read_text(encoding="utf-8") for path in python_files(root, ROOMS)}
        trees = {path: ast.parse(text) for path, text in sources.items()}
        rows, details = static_measures(root, sources, trees)
        if not arguments.static:
            places = {role: place_of(role, getattr(arguments, role), trees) for role in CANDIDATES}
            for title, (files, calls) in traced_in_subprocess(root, trees, places).items():
                rooms = Counter(path.partition("/")[0] for path in files)
                rows[f"{title}: files crossed"] = len(files)
                rows[f"{title}: by room"] = ", ".join(f"{room} {rooms[room]}" for room in ROOMS if rooms[room])
                rows |= {f"{title}: {COUNTED[role]}": calls.get(role, 0) for role in COUNTED if title != "report"}
                details[f"{title}: files"] = files
    except (ValueError, OSError, SyntaxError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(table(rows, before))
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows, "details": details}, indent=1) + "\n", encoding="utf-8")
    return 0


def python_files(root: Path, folders: tuple[str, ...], suffix: str = ".py") -> list[str]:
    """List the files with this suffix below these folders, as paths relative to the root."""
    found = (path for folder in folders for path in (root / folder).rglob(f"*{suffix}"))
    return sorted(path.relative_to(root).as_posix() for path in found)


def static_measures(
    root: Path, sources: dict[str, str], trees: dict[str, ast.Module]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Measure what the source alone tells: the rows of the table, and the files and places behind some of them."""
    lines = {path: len(text.splitlines()) for path, text in sources.items()}
    plain = [path for path in sources if Path(path).name not in ("__init__.py", "__main__.py")]
    rows: dict[str, Any] = {"product: Python files": len(sources), "product: lines": sum(lines.values())}
    for folder in ("benchmarks", "tests"):
        texts = [(root / path).read_text(encoding="utf-8") for path in python_files(root, (folder,))]
        rows[f"{folder}: Python files"] = len(texts)
        rows[f"{folder}: lines"] = sum(len(text.splitlines()) for text in texts)
    for room in ROOMS:
        rows[f"files at the root of {room}/"] = sum(path.rpartition("/")[0] == room for path in plain)
    largest = sorted(sources, key=lambda path: -lines[path])
    rows["largest files"] = ", ".join(f"{path} {lines[path]}" for path in largest[:3])

    importers: Counter[str] = Counter()
    for path, tree in trees.items():
        importers.update({file for name in imported_names(path, tree) if (file := file_of(name, trees))} - {path})
    modules = [path for path in plain if not path.startswith("experiments/catalog/")]
    tests = {path: root / "tests" / Path(path).with_name(f"test_{Path(path).name}") for path in modules}
    details = {
        f"files over {LARGE_FILE} lines": [f"{path} {lines[path]}" for path in largest if lines[path] > LARGE_FILE],
        f"functions over {LONG_FUNCTION} lines": long_functions(trees),
        "files with exactly one importer": [path for path in sources if importers[path] == 1],
        "modules without a mirrored test": [path for path, test in tests.items() if not test.exists()],
        "comparisons of `task` with a string": task_comparisons(trees),
    }
    rows |= {title: len(places) for title, places in details.items()}
    rows["modules without a mirrored test"] = f"{rows['modules without a mirrored test']} of {len(modules)}"
    compared = details["comparisons of `task` with a string"]
    rows["files with such comparisons"] = len({place.partition(":")[0] for place in compared})

    named = sources | {path: (root / path).read_text(encoding="utf-8") for path in python_files(root, ROOMS, ".jinja")}
    for thing, pattern in NAMES.items():
        places = [path for path, text in named.items() if "catalog/" not in path and re.search(pattern, text)]
        details[f"files that name a {thing}"] = places
        rows[f"files that name a {thing}"] = len(places)

    readme = (root / "README.md").read_text(encoding="utf-8")
    rows |= {"README.md: words": len(readme.split()), "README.md: lines": len(readme.splitlines())}
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, documented)]
    docstrings = [text for node in nodes if (text := ast.get_docstring(node))]
    rows["docstrings"] = len(docstrings)
    rows["docstrings with Returns or returns"] = sum("Returns" in text or "returns" in text for text in docstrings)
    return rows, details


def imported_names(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield the full names of the modules that a file imports anywhere, and of what it imports from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.split("/")[: -node.level] if node.level else []
            module = ".".join([*package, *([node.module] if node.module else [])])
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


def file_of(module: str, trees: dict[str, ast.Module]) -> str | None:
    """Find the product file of a module, whose name may begin with the namespace."""
    path = module.removeprefix(NAMESPACE).replace(".", "/")
    return next((file for file in (f"{path}.py", f"{path}/__init__.py") if file in trees), None)


def long_functions(trees: dict[str, ast.Module]) -> list[str]:
    """List the functions with too many lines, decorators not counted."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno + 1 > LONG_FUNCTION
    ]


def task_comparisons(trees: dict[str, ast.Module]) -> list[str]:
    """List where a variable or an attribute `task` is compared with a string, or with several (`in`)."""

    def is_task(node: ast.expr) -> bool:
        return getattr(node, "id", getattr(node, "attr", None)) == "task"

    def is_text(node: ast.expr) -> bool:
        members = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
        return any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in members)

    return [
        f"{path}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(map(is_task, [node.left, *node.comparators]))
        and any(map(is_text, [node.left, *node.comparators]))
    ]


def place_of(role: str, given: str | None, trees: dict[str, ast.Module]) -> str:
    """Find the `module:name` of a role; ValueError if none of its places defines such a function or class."""
    places = (given.removeprefix(NAMESPACE),) if given else CANDIDATES[role]
    for place in places:
        module, _, name = place.partition(":")
        path = file_of(module, trees)
        if path and name.rpartition(".")[2] in {getattr(node, "name", None) for node in ast.walk(trees[path])}:
            return place
    raise ValueError(f"no {' or '.join(places)} in this checkout: say with --{role} module:name where it is")


def traced_in_subprocess(root: Path, trees: dict[str, ast.Module], places: dict[str, str]) -> dict[str, Any]:
    """Run `trace` where this checkout is what can be imported; ValueError with its last lines if it fails."""
    below = any(name.startswith(NAMESPACE) for path, tree in trees.items() for name in imported_names(path, tree))
    counted = {}
    for role in COUNTED:
        module, _, name = places[role].partition(":")
        counted[f"{file_of(module, trees)}:{name}"] = role
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / NAMESPACE.removesuffix(".")).symlink_to(root)
        prefix, path = (NAMESPACE, folder) if below else ("", root)
        places = {role: prefix + place for role, place in places.items()}
        environment = {**os.environ, "PYTHONPATH": str(path), "CACHE_DIR": str(folder / "cache")}
        (folder / "structure.py").write_bytes(Path(__file__).read_bytes())  # without its neighbours
        code = f"import structure; structure.trace({str(root)!r}, {places!r}, {counted!r}, {temporary!r})"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise ValueError("the traced training failed:\n" + "\n".join(done.stderr.splitlines()[-15:]))
        return dict(json.loads((folder / "traced.json").read_text(encoding="utf-8")))


def trace(root: str, places: dict[str, str], counted: dict[str, str], folder: str) -> None:
    """Train two seeds of a small network, reports on them, and writes into traced.json what each call crossed."""

    def have(role: str) -> Any:
        module, _, name = places[role].partition(":")
        return functools.reduce(getattr, name.split("."), importlib.import_module(module))

    have("start")(1)
    runs_dir, crossed = Path(folder) / "runs", {}
    config = have("config")(dataset=have("use")("digits"), model=have("use")("mlp"), batch_size=32, epochs=1)
    for seed, title in enumerate(("training, first run of a process", "training, next run"), 1):
        job = create_job(have("job"), "structure", "mlp", config, seed=seed, threads=1, runs_dir=runs_dir)
        tracer = Tracer(Path(root), counted)
        outcome = tracer.traced(have("train"), job)
        if outcome.status != "completed":
            raise ValueError(f"the run is {outcome.status}: {outcome.reason}")
        crossed[title] = (sorted(tracer.files), tracer.calls)
    variant = SimpleNamespace(name="mlp", directory=outcome.directory.parent.name, overrides={})
    experiment = runs_dir / "structure"
    have("begin")(experiment, name="structure", question="?", command="-", variants=[variant], against=())
    tracer = Tracer(Path(root), counted)
    tracer.traced(have("report"), experiment, None)
    crossed["report"] = (sorted(tracer.files), tracer.calls)
    (Path(folder) / "traced.json").write_text(json.dumps(crossed), encoding="utf-8")


def create_job(job: Any, *given: Any, seed: int, **options: Any) -> Any:
    """Create a job; the layout may have the options that runs share in an object of their own."""
    shared = getattr(sys.modules[job.__module__], "RunOptions", None)
    return job(*given, seed=seed, options=shared(**options)) if shared else job(*given, seed=seed, **options)


class Tracer:
    """Collects the product files that a call enters, in its thread and those it starts, and counts some functions."""

    def __init__(self, root: Path, counted: dict[str, str]) -> None:
        self.files: set[str] = set()
        self.calls: Counter[str] = Counter()
        self._counted = counted  # role by "path:qualified name"
        self._path = functools.cache(functools.partial(product_path, root))

    def traced(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the function and returns its result."""
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


def product_path(root: Path, filename: str) -> str | None:
    """Return the path of a product's Python file relative to the root; None for any other file."""
    path = Path(filename).resolve()
    if path.suffix != ".py" or not path.is_relative_to(root):
        return None
    relative = path.relative_to(root)
    return relative.as_posix() if relative.parts[0] in ROOMS else None


def table(rows: dict[str, Any], before: dict[str, Any] | None) -> str:
    """Render a Markdown table of the rows, with a column of the earlier ones if there are any."""

    def line(*cells: Any) -> str:
        return "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"

    if before is None:
        return "\n".join([line("measure", "value"), "|---|---|", *(line(*row) for row in rows.items())])
    both = [line(title, before.get(title, "–"), rows.get(title, "–")) for title in {**before, **rows}]
    return "\n".join([line("measure", "before", "after"), "|---|---|---|", *both])


if __name__ == "__main__":
    sys.exit(main())

"""What a checkout of the suite looks like: its files, who imports whom, and how many files a run and its report cross.

    python benchmarks/structure.py [--root CHECKOUT] [--json FILE] [--before FILE] [--static]

Most measures only read the source. Two trainings of one epoch on the digits and the report of their runs are traced in
a subprocess: a file counts as crossed if one of its functions is entered between the call and its return. Code that
runs while a module is imported does not count, nor does what TensorFlow calls from threads of its own. A function
behind a cache is counted only when its body runs.

Layouts with the rooms as top-level packages can be measured, and layouts with the rooms below `keras_suite`.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOMS = ("experiments", "models", "data_pipeline", "callbacks", "reports", "tasks")
NAMESPACE = "keras_suite."
TRACE = "structure_trace.py"  # runs where the measured checkout is what can be imported
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

# Where each traced or called function is in the layouts so far.
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
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    try:
        before = json.loads(arguments.before.read_text(encoding="utf-8"))["rows"] if arguments.before else None
        sources = {path: (root / path).read_text(encoding="utf-8") for path in python_files(root, ROOMS)}
        trees = {path: ast.parse(text) for path, text in sources.items()}
        rows, details = static_measures(root, sources, trees)
        if not arguments.static:
            places = {role: place_of(role, trees) for role in CANDIDATES}
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
    paths = (path for folder in folders for path in (root / folder).rglob(f"*{suffix}"))
    return sorted(path.relative_to(root).as_posix() for path in paths)


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


def place_of(role: str, trees: dict[str, ast.Module]) -> str:
    """Find the `module:name` of a role; ValueError if none of its places defines such a function or class."""
    for place in CANDIDATES[role]:
        module, _, name = place.partition(":")
        path = file_of(module, trees)
        if path and name.rpartition(".")[2] in {getattr(node, "name", None) for node in ast.walk(trees[path])}:
            return place
    raise ValueError(f"no {' or '.join(CANDIDATES[role])} in this checkout: add to CANDIDATES where it is")


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
        (folder / TRACE).write_bytes(Path(__file__).with_name(TRACE).read_bytes())  # without its neighbours
        arguments = ", ".join(map(repr, (str(root), ROOMS, places, counted, temporary)))
        code = f"from structure_trace import trace; trace({arguments})"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise ValueError("the traced training failed:\n" + "\n".join(done.stderr.splitlines()[-15:]))
        return dict(json.loads((folder / "traced.json").read_text(encoding="utf-8")))


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

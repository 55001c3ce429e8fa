"""The arrows between the rooms, and what must not import TensorFlow."""

import ast
import subprocess
import sys
from collections.abc import Container
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ROOMS = ("callbacks", "data_pipeline", "models", "reports")


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_neither_each_other_nor_experiments(room: str) -> None:
    foreign = {"experiments", *ROOMS} - {room}
    for path in (REPOSITORY / room).rglob("*.py"):
        tops = {name.partition(".")[0] for name in imported(path)}
        assert not tops & foreign, f"{path.relative_to(REPOSITORY)} imports {tops & foreign}"


@pytest.mark.parametrize(
    ("folder", "foreign"),
    [
        ("models/ops", ("models.layers", "models.networks", "models.gradient_check", "keras")),
        ("models/layers", ("models.networks", "models.gradient_check")),
        ("models/networks", ("models.gradient_check",)),
    ],
)
def test_inside_models_networks_stand_on_layers_and_layers_on_ops(folder: str, foreign: tuple[str, ...]) -> None:
    for path in (REPOSITORY / folder).rglob("*.py"):
        wrong = {name for name in imported(path) if name.startswith(foreign)}
        assert not wrong, f"{path.relative_to(REPOSITORY)} imports {wrong}"


def test_no_files_import_each_other_in_a_circle() -> None:
    files = {path for room in ("experiments", *ROOMS) for path in (REPOSITORY / room).rglob("*.py")}
    names = {".".join(path.relative_to(REPOSITORY).with_suffix("").parts): path for path in files}
    below = {name: from_package(path, names) - {name} for name, path in names.items()}
    TopologicalSorter(below).prepare()  # CycleError names the files of a circle


def from_package(path: Path, names: Container[str]) -> set[str]:
    """The files of the house that a file imports, wherever in it; a name from a package may be one of its files."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            files = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in (node.module, *files) if name in names}
    return found


def test_hand_derived_passes_ask_no_autodiff() -> None:
    for path in [*(REPOSITORY / "models" / "ops").rglob("*.py"), REPOSITORY / "models" / "scratch.py"]:
        called = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert not called & {"GradientTape", "gradients", "ForwardAccumulator", "vjp"}, path.name


@pytest.mark.parametrize(
    "module",
    [
        "experiments.cli",
        "experiments.config",
        "experiments.feature_cache.store",
        "experiments.plan",
        "experiments.jobs",
        "experiments.crew",
        "experiments.worker",
        "experiments.commands.plan_run",
        "experiments.tuning.terms",
        "reports.sweep.page",
        "experiments.tuning.status",
        "reports.page",
        "reports.console",
    ],
)
def test_what_must_answer_at_once_imports_no_tensorflow(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_catalog_file_loads_without_tensorflow() -> None:
    code = (
        "import sys; from experiments import catalog; from experiments.parts import check_names\n"
        "for name in catalog.names():\n"
        "    entry = catalog.load_any(name)\n"
        "    assert entry.question.endswith('?'), name\n"
        "    assert f'python -m experiments run {name}' in entry.docstring, name\n"
        "    if isinstance(entry, catalog.StudyEntry): continue\n"
        "    for variant in entry.experiment.variants: check_names(entry.experiment.config(variant))\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def test_every_part_of_every_table_can_be_built() -> None:
    from experiments.parts import TABLES, builder

    for kind, table in TABLES.items():
        for name in table:
            assert callable(builder(kind, name)), f"{kind} {name}"

"""The arrows between the rooms, what must not import TensorFlow, and what the distribution packs."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Container
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

NAMESPACE = "keras_suite"
ROOMS = ("callbacks", "data_pipeline", "experiments", "models", "reports", "tasks")
MIDDLE = ("callbacks", "data_pipeline", "models", "reports")


# Modules that only whole commands exercise, and the tests that type those.
THROUGH = {
    "experiments/classifying/classifier.py": "end_to_end/test_classify.py",
    "experiments/classifying/recorded.py": "end_to_end/test_classify.py",
    "experiments/cli.py": "end_to_end/test_cli.py",
    "experiments/commands/card.py": "end_to_end/test_card.py",
    "experiments/commands/chosen_layers.py": "end_to_end/test_fastest_layers.py",
    "experiments/commands/classify.py": "end_to_end/test_classify.py",
    "experiments/commands/classify_lines.py": "end_to_end/test_classify.py",
    "experiments/commands/data.py": "end_to_end/test_cli.py",
    "experiments/commands/export.py": "end_to_end/test_export.py",
    "experiments/commands/graph.py": "end_to_end/test_graph.py",
    "experiments/commands/problem_list.py": "end_to_end/test_trusted_data.py",
    "experiments/commands/plan_run.py": "end_to_end/test_cli.py",
    "experiments/commands/predict.py": "end_to_end/test_predictions.py",
    "experiments/commands/prediction_rows.py": "end_to_end/test_predictions.py",
    "experiments/commands/run.py": "end_to_end/test_cli.py",
    "experiments/commands/report_writing.py": "experiments/commands/test_report.py",
    "experiments/exporting/export.py": "end_to_end/test_export.py",
    "experiments/exporting/facts.py": "end_to_end/test_export.py",
    "experiments/inspecting/checked_experiment.py": "experiments/inspecting/test_training_checks.py",
    "experiments/inspecting/computational_graph/examples.py": "end_to_end/test_graph.py",
    "experiments/inspecting/gradients.py": "experiments/commands/test_networks.py",
    "experiments/inspecting/live/draft.py": "experiments/inspecting/live/test_operations.py",
    "experiments/inspecting/live/windows.py": "experiments/inspecting/live/test_operations.py",
    "experiments/inspecting/mutants.py": "models/gradient_check/mutants/test_mutants.py",
    "experiments/inspecting/training_answer.py": "experiments/inspecting/test_training_checks.py",
    "experiments/model_card/card.py": "end_to_end/test_card.py",
    "experiments/own_parts/options.py": "experiments/own_parts/test_building.py",
    "experiments/own_parts/parts.py": "experiments/own_parts/test_modules.py",
    "experiments/own_parts/trust.py": "end_to_end/test_own_parts.py",
    "experiments/scheduling/preloaded.py": "experiments/scheduling/test_fork_server.py",
    "experiments/tracking/mlflow_log.py": "end_to_end/test_mlflow.py",
    "experiments/training/exported_latency.py": "end_to_end/test_two_objectives.py",
    "experiments/training/fit.py": "end_to_end/test_resume.py",
    "experiments/training/own_code.py": "end_to_end/test_own_parts.py",
    "experiments/tuning/budget.py": "experiments/commands/test_tune.py",
    "experiments/tuning/driver.py": "end_to_end/test_sweep_kills.py",
    "experiments/tuning/identification.py": "experiments/tuning/test_earlier_sweeps.py",
    "experiments/tuning/proposing.py": "experiments/tuning/test_oracles.py",
    "experiments/tuning/sweep.py": "end_to_end/test_sweep_kills.py",
    "models/gradient_check/cases/": "models/gradient_check/test_check.py",
    "models/networks/layer_kinds.py": "models/networks/test_blocks.py",
    "models/layers/manual_layer.py": "models/layers/test_layers.py",
    "models/layers/pooling.py": "models/layers/test_layers.py",
    "reports/elsewhere/mlflow_runs.py": "end_to_end/test_mlflow.py",
    "reports/page/card_measured.py": "reports/page/test_card.py",
    "reports/page/card_origin.py": "reports/page/test_card.py",
    "reports/page/card_parts.py": "reports/page/test_card.py",
}
# Folders of tests that mirror no room: what crosses rooms, what earlier versions wrote, pages, benchmarks.
BESIDE = ("end_to_end", "earlier_versions", "docs", "benchmarks")


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def product_files() -> list[Path]:
    """Every Python file of the rooms."""
    return sorted(path for room in ROOMS for path in (REPOSITORY / room).rglob("*.py"))


@pytest.mark.parametrize(
    ("room", "allowed"),
    [("tasks", {"tasks"})] + [(room, {room, "tasks"}) for room in MIDDLE] + [("experiments", set(ROOMS))],
)
def test_rooms_import_only_those_below_them(room: str, allowed: set[str]) -> None:
    for path in (REPOSITORY / room).rglob("*.py"):
        rooms = {name.split(".")[1] for name in imported(path) if name.startswith(f"{NAMESPACE}.")}
        assert rooms <= allowed, f"{path.relative_to(REPOSITORY)} imports {rooms - allowed}"


def test_rooms_are_imported_by_the_suites_own_name() -> None:
    """Imported as `models`, a room would collide with a user's own folder of that name."""
    for path in [*product_files(), *(REPOSITORY / "tests").rglob("*.py"), *(REPOSITORY / "benchmarks").rglob("*.py")]:
        bare = {name for name in imported(path) if name.partition(".")[0] in ROOMS}
        assert not bare, f"{path.relative_to(REPOSITORY)} imports {bare}: begin with {NAMESPACE}."


def test_the_distribution_packs_every_folder() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {".".join((NAMESPACE, *path.parent.relative_to(REPOSITORY).parts)) for path in product_files()}
    assert set(settings["packages"]) == folders
    assert all((path.parent / "__init__.py").exists() for path in product_files())


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_at_most_eight_files_at_its_root(room: str) -> None:
    files = [path.name for path in (REPOSITORY / room).glob("*.py") if not path.name.startswith("__")]
    assert len(files) <= 8, files


def modules() -> list[Path]:
    """The product's modules, relative to the repository, but for tables of contents and the catalog's experiments."""
    paths = [path.relative_to(REPOSITORY) for path in product_files() if not path.name.startswith("__")]
    return [path for path in paths if not path.is_relative_to("experiments/catalog")]


def harness(module: Path) -> Path:
    """The test file that goes through all modules of a folder: tests/models/layers/test_layers.py, say."""
    return REPOSITORY / "tests" / module.parent / f"test_{module.parent.name}.py"


def test_every_module_has_its_tests_beside_it_or_those_of_its_folder_name_it() -> None:
    missing = []
    for module in modules():
        own = REPOSITORY / "tests" / module.with_name(f"test_{module.name}")
        of_folder = harness(module)
        named = of_folder.exists() and re.search(rf"\b{module.stem}\b", of_folder.read_text(encoding="utf-8"))
        through = THROUGH.get(module.as_posix()) or THROUGH.get(f"{module.parent.as_posix()}/")
        assert not (through and own.exists()), f"{module} has tests of its own: take it out of THROUGH"
        if not (own.exists() or named or (through and (REPOSITORY / "tests" / through).exists())):
            missing.append(module.as_posix())
    assert not missing, f"without a test file: {', '.join(missing)}"


def test_every_folder_of_tests_mirrors_one_of_the_product() -> None:
    folders = {path.parent.relative_to(REPOSITORY / "tests") for path in (REPOSITORY / "tests").rglob("test_*.py")}
    strangers = [folder for folder in folders if folder.parts and folder.parts[0] not in BESIDE]
    assert [folder for folder in strangers if not (REPOSITORY / folder).is_dir()] == []


@pytest.mark.parametrize(
    ("folder", "foreign"),
    [
        ("models/ops", ("layers", "networks", "gradient_check")),
        ("models/layers", ("networks", "gradient_check")),
        ("models/networks", ("gradient_check",)),
    ],
)
def test_inside_models_networks_import_layers_and_layers_import_ops(folder: str, foreign: tuple[str, ...]) -> None:
    for path in (REPOSITORY / folder).rglob("*.py"):
        wrong = {name for name in imported(path) if name.startswith(tuple(f"{NAMESPACE}.models.{f}" for f in foreign))}
        assert not wrong, f"{path.relative_to(REPOSITORY)} imports {wrong}"


def test_ops_are_plain_tensorflow() -> None:
    for path in (REPOSITORY / "models" / "ops").rglob("*.py"):
        assert not any(name.partition(".")[0] == "keras" for name in imported(path)), path.name


def test_no_files_import_each_other_in_a_circle() -> None:
    names = {module_name(path): path for path in product_files()}
    below = {name: from_package(path, names) - {name} for name, path in names.items()}
    TopologicalSorter(below).prepare()  # CycleError names the files of a circle


def module_name(path: Path) -> str:
    """The name that a product file is imported by, of a folder's __init__.py with that at its end."""
    return ".".join((NAMESPACE, *path.relative_to(REPOSITORY).with_suffix("").parts))


def from_package(path: Path, names: Container[str]) -> set[str]:
    """The files of the house that a file imports, wherever in it; a name from a package may be one of its files."""
    return {name for name in imported(path) if name in names}


def test_hand_derived_passes_use_no_autodiff() -> None:
    for path in [*(REPOSITORY / "models" / "ops").rglob("*.py"), REPOSITORY / "models" / "scratch_model.py"]:
        called = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert not called & {"GradientTape", "gradients", "ForwardAccumulator", "vjp"}, path.name


@pytest.mark.parametrize(
    "module",
    [
        "experiments.cli",
        "experiments.config",
        "experiments.feature_cache.store",
        "experiments.scheduling.plan",
        "experiments.scheduling.execution",
        "experiments.scheduling.fork_server",
        "experiments.scheduling.worker_pool",
        "experiments.scheduling.worker",
        "experiments.commands.plan_run",
        "experiments.tuning.choice",
        "experiments.tuning.progress",
        "experiments.tuning.request",
        "experiments.watching.snapshot",
        "reports.sweep.page",
        "reports.page.report",
        "reports.export.console",
    ],
)
def test_what_must_answer_at_once_imports_no_tensorflow(module: str) -> None:
    code = f"import sys, {NAMESPACE}.{module}; print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_catalog_file_loads_without_tensorflow() -> None:
    code = (
        "import sys; from keras_suite.experiments import catalog\n"
        "from keras_suite.experiments.registry import check_names\n"
        "for name in catalog.names():\n"
        "    entry = catalog.load_any(name)\n"
        "    assert entry.question.endswith('?'), name\n"
        "    assert f'keras-suite run {name}' in entry.docstring, name\n"
        "    if isinstance(entry, catalog.StudyEntry): continue\n"
        "    for variant in entry.experiment.variants: check_names(entry.experiment.config(variant))\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_part_of_every_table_can_be_built() -> None:
    from keras_suite.experiments.registry import TABLES, builder

    for kind, table in TABLES.items():
        for name in table:
            assert callable(builder(kind, name)), f"{kind} {name}"

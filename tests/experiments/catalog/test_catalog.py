"""Every experiment of the catalog runs on its real data, shrunk."""

import subprocess
import sys
from pathlib import Path

import pytest

from keras_suite.experiments import catalog
from keras_suite.experiments.catalog import dogs_vs_cats_transfer
from keras_suite.experiments.training.initial_weights import RUN
from keras_suite.reports import run_directory
from tests.end_to_end.typed import type_here

EXPERIMENTS = [name for name in catalog.names() if isinstance(catalog.load_any(name), catalog.Entry)]


@pytest.mark.needs_data
@pytest.mark.slow
@pytest.mark.timeout(900)  # the largest takes 100 to 340 s, as the machine is busy
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_smoke_run_ends_with_a_report(name: str, data_dir: Path, tmp_path: Path) -> None:
    for needed in started_from(name):
        done = type_here("run", needed, "--smoke", "--data-dir", data_dir, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    done = type_here("run", name, "--smoke", "--data-dir", data_dir, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "runs" / "smoke" / name
    found = run_directory.read_experiment(folder)
    assert {run.variant for run in found.runs} == set(catalog.load(name).experiment.variants)
    assert all(run.status == "completed" for run in found.runs)
    assert (folder / "report.html").exists()


@pytest.mark.parametrize(("there", "network"), [(True, "vgg16"), (False, "vgg")])
def test_transfer_starts_from_imagenet_where_its_weights_are(
    there: bool, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dogs_vs_cats_transfer, "has_imagenet", lambda name: there and name == "vgg16")
    model, side = dogs_vs_cats_transfer.pretrained()
    assert model.name == network
    assert model.options["weights"] == ("imagenet" if there else "run:cifar10_pretrain")
    assert side >= 32


@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if catalog.load(name).space is not None])
def test_every_edge_of_a_space_can_be_trained(name: str) -> None:
    from keras_suite.experiments.tuning.space import all_hyperparameters, checked_configs, edge_overrides

    entry = catalog.load(name)
    assert entry.space is not None
    edges = edge_overrides(entry.space, all_hyperparameters(entry.space))
    assert len(checked_configs(entry.experiment.base, edges)) == len(edges) > 5


def started_from(name: str) -> set[str]:
    """The experiments whose runs this one starts from."""
    experiment = catalog.load(name).experiment
    weights = {str(experiment.config(variant).model.options.get("weights")) for variant in experiment.variants}
    return {given.removeprefix(RUN).partition("/")[0] for given in weights if given.startswith(RUN)}


def test_a_file_may_import_what_lies_beside_it_wherever_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "callbacks_of_mine.py").write_text("WIDE = 32\n", encoding="utf-8")
    (tmp_path / "question.py").write_text(
        '"""Wider?"""\n'
        "import json\n"
        "from callbacks_of_mine import WIDE\n"
        "from keras_suite.experiments import Config, Experiment, use\n"
        'EXPERIMENT = Experiment(Config(use("digits"), use("mlp", units=[WIDE])))\n',
        encoding="utf-8",
    )
    (tmp_path / "json.py").write_text("raise SystemExit('shadows the standard library')\n", encoding="utf-8")
    entry = catalog.load(str(tmp_path / "question.py"))
    assert entry.experiment.base.model.options["units"] == [32]


@pytest.mark.parametrize("own", ["callbacks.py", "models/net.py"])
def test_a_users_own_module_of_a_rooms_name_is_not_taken_for_a_former_import(own: str, tmp_path: Path) -> None:
    (tmp_path / own).parent.mkdir(exist_ok=True)
    (tmp_path / own).write_text("WIDE = 32\n", encoding="utf-8")
    module = own.removesuffix(".py").replace("/", ".")
    (tmp_path / "question.py").write_text(
        f'"""Wider?"""\nfrom {module} import WIDE\n'
        "from keras_suite.experiments import Config, Experiment, use\n"
        'EXPERIMENT = Experiment(Config(use("digits"), use("mlp", units=[WIDE])))\n',
        encoding="utf-8",
    )
    code = f"from keras_suite.experiments import catalog; print(catalog.load({str(tmp_path / 'question.py')!r}).name)"
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout == "question\n", done.stderr

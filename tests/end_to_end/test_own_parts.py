"""A user's own network, layer, loss and callbacks, from an empty folder to a report without that folder."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.reports import run_directory
from tests.end_to_end.clusters import cluster
from tests.end_to_end.own_folder import WRONG, content, edit, kill_after_three_epochs, runs_of, write_folder
from tests.end_to_end.typed import refused, type_command, type_here

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user's configuration, in which the key for signatures lies."""
    folder = tmp_path_factory.mktemp("configuration")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("APPDATA", str(folder))
    return folder


@pytest.mark.slow
def test_runs_with_workers_a_kill_and_none_end_with_the_same_bits(tmp_path: Path) -> None:
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    for folder in (alone, killed):
        write_folder(folder, "models")
    command = ("run", "my_question.py", "--threads", "1", "--checkpoint-seconds", "0", "--set", "epochs=6")
    done = type_command(*command, cwd=alone)
    assert done.returncode == 0, done.stdout + done.stderr
    kill_after_three_epochs(command, killed)
    done = type_command(*command, "--workers", "2", cwd=killed)
    assert done.returncode == 0, done.stdout + done.stderr
    one, two = runs_of(alone), runs_of(killed)
    assert {name: content(run) for name, run in one.items()} == {name: content(run) for name, run in two.items()}
    resumed = [run for run in two.values() if "resumed after" in (run.path / "log.txt").read_text()]
    assert resumed, "no run was killed between two epochs"


def test_on_a_cluster_whose_workers_were_started_elsewhere_they_train_to_the_same_bits(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    for folder in (alone, shared):
        write_folder(folder, "models")
    with cluster(tmp_path) as (address, _):
        for folder, options in ((alone, ()), (shared, ("--scheduler", address))):
            done = type_command("run", "my_question.py", "--threads", "1", *options, cwd=folder)
            assert done.returncode == 0, done.stdout + done.stderr
    one, two = runs_of(alone), runs_of(shared)
    assert {name: content(run) for name, run in one.items()} == {name: content(run) for name, run in two.items()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with the question's two runs, and the configuration of the user who trained them."""
    folder, configuration = tmp_path_factory.mktemp("trained"), tmp_path_factory.mktemp("users")
    write_folder(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(configuration))
        done = type_here("run", "my_question.py", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    grey = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    Image.fromarray(grey).save(folder / "digit.png")
    return folder, configuration


def test_the_run_directory_keeps_the_source_without_the_place(trained: tuple[Path, Path]) -> None:
    run = runs_of(trained[0])["wide-1"]
    own = run.record["own_parts"]
    assert set(own["parts"]) == {"nets/net.py:my_net", "my_parts.py:focal", "my_parts.py:Silent",
                                 "my_parts.py:Warming", "my_parts.py:grainy"}  # fmt: skip
    assert set(own["files"]) == {"nets/net.py", "nets/layers_of_mine.py", "my_parts.py"}
    for name in own["files"]:
        assert (run.path / "source" / name).read_bytes() == (trained[0] / name).read_bytes()
    for name in ("run.json", "config.json", "metrics.json"):
        assert str(trained[0]) not in (run.path / name).read_text(encoding="utf-8").replace("command", "")


def test_reports_need_no_code_of_the_user(trained: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(trained[0] / "runs" / "my_question", tmp_path / "moved")
    done = type_here("report", "moved", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wide" in done.stdout
    assert (tmp_path / "moved" / "report.html").exists()


def test_predict_in_a_new_process_runs_what_its_user_signed(
    trained: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, configuration = trained
    monkeypatch.setenv("XDG_CONFIG_HOME", str(configuration))
    moved = tmp_path / "moved"
    shutil.copytree(runs_of(folder)["wide-1"].path, moved)
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "layers_of_mine.py").write_text("raise SystemExit('the wrong file')", encoding="utf-8")
    done = type_command("predict", moved, folder / "digit.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "digit.png" in done.stdout


def test_code_of_others_runs_only_if_it_is_trusted(trained: tuple[Path, Path], tmp_path: Path) -> None:
    folder, _ = trained
    run = tmp_path / "hostile"
    shutil.copytree(runs_of(folder)["wide-1"].path, run)
    said = refused("predict", run, folder / "digit.png", cwd=tmp_path)
    assert "needs code of its own" in said
    assert "--trust-code" in said
    for command in (("inspect", "filters", run), ("shapes", run / "model.keras")):
        assert "--trust-code" in refused(*command, cwd=tmp_path)
    done = type_here("predict", run, folder / "digit.png", "--trust-code", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_damaged_run_with_own_parts_is_found_and_trained_again_to_the_same_numbers(
    trained: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(trained[0] / "runs", tmp_path / "runs")  # without the user's files
    monkeypatch.setenv("XDG_CONFIG_HOME", str(trained[1]))
    before = runs_of(tmp_path)["wide-1"]
    with (before.path / "model.keras").open("r+b") as file:
        file.seek(500)
        file.write(b"damaged")
    said = type_here("verify", "runs", cwd=tmp_path)
    assert said.returncode == 1
    assert "model.keras" in said.stderr
    done = type_here("verify", "runs", "--repair", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert content(runs_of(tmp_path)["wide-1"]) == content(before)
    (before.path / "source" / "my_parts.py").write_text("", encoding="utf-8")
    assert "source/my_parts.py is damaged" in type_here("verify", "runs", cwd=tmp_path).stderr


def test_a_hostile_run_directory_runs_nothing(
    trained: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever changes the signed source, or names a module that lies about, gets nowhere."""
    folder, configuration = trained
    monkeypatch.setenv("XDG_CONFIG_HOME", str(configuration))
    run, mark = tmp_path / "hostile", tmp_path / "mark"
    shutil.copytree(runs_of(folder)["wide-1"].path, run)
    evil = f"open({str(mark)!r}, 'w')\n"
    (run / "source" / "nets" / "net.py").write_text(evil, encoding="utf-8")
    (run / "nets.py").write_text(evil, encoding="utf-8")
    said = refused("predict", run, folder / "digit.png", cwd=run)
    assert "source/nets/net.py is damaged" in said
    (run / "run.json").unlink()
    (run / "metrics.json").unlink()
    monkeypatch.syspath_prepend(str(run))  # as with `python -m` in that folder
    said = refused("shapes", run / "model.keras", cwd=run)
    assert "'Square', which is not of this suite" in said
    assert not mark.exists()


def test_four_trials_are_tuned_and_warm_ones_share_their_graphs(tmp_path: Path) -> None:
    write_folder(tmp_path)
    done = type_here("tune", "my_question.py", "--trials", "4", "--keep", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = (tmp_path / "runs" / "my_question.tune").iterdir()
    trials = [run_directory.read_run(path.parent) for path in folder.glob("*/seed-*/run.json")]
    assert {run.variant for run in trials} == {"base", *(f"trial-000{number}" for number in range(4))}
    assert all(run.status == "completed" for run in trials)
    assert len({json.dumps(run.record["own_parts"]["parts"]) for run in trials}) == 1
    edit(tmp_path, "nets/layers_of_mine.py", *WRONG)
    said = refused("tune", "my_question.py", "--trials", "5", "--keep", "1", cwd=tmp_path)
    assert "has other settings (another source: nets/net.py:my_net was " in said


def test_an_edit_gives_other_runs_and_comments_do_not(trained: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(trained[0], tmp_path / "edited")
    folder = tmp_path / "edited"
    edit(folder, "nets/net.py", '"""My network."""', '"""My network, described."""\n\n# a comment')
    edit(folder, "my_question.py", "seeds=1", "seeds=1,  # more later")
    done = type_here("run", "my_question.py", cwd=folder)
    assert "All 2 runs had already finished" in done.stdout
    edit(folder, "nets/layers_of_mine.py", *WRONG)
    done = type_here("run", "my_question.py", "--variant", "narrow", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(list(folder.glob("runs/my_question/narrow-*"))) == 2
    page = (folder / "runs" / "my_question" / "report.html").read_text(encoding="utf-8")
    assert "(before an edit of nets/layers_of_mine.py" in page


@pytest.mark.parametrize(
    "settings",
    [
        ("model.name=nets/net.py:Subclassed",),
        ("model.name=nets/net.py:sequential", "loss.name=my_parts.py:Focal"),
        ("model.name=nets.net:my_net", "optimizer.name=my_parts.py:Slow", "schedule.name=my_parts.py:falling"),
        ("augmentation.name=my_parts.py:turned", "optimizer.name=keras.optimizers:Lion"),
        ("model.name=nets/net.py:Subclassed", "precision=mixed_bfloat16"),
    ],
    ids=["subclassed", "sequential", "optimizer", "layers", "mixed precision"],
)
def test_other_kinds_of_own_parts_train(settings: tuple[str, ...], tmp_path: Path) -> None:
    write_folder(tmp_path)
    edit(tmp_path, "my_question.py", 'variants={"narrow": {}, "wide": {"model.width": 32}}', 'variants={"narrow": {}}')
    edit(tmp_path, "my_question.py", "callbacks=[use(Silent), use(Warming, factor=1.2)]", "callbacks=[use(Silent)]")
    chosen = [word for setting in settings for word in ("--set", setting)]
    done = type_here("run", "my_question.py", "--variant", "narrow", "--set", "epochs=1", *chosen, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs_of(tmp_path).values()
    assert run.status == "completed"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "blank.png")
    for asked in ("predict", run.path, "blank.png"), ("inspect", "occlusion", run.path, "blank.png"):
        done = type_here(*asked, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_network_whose_layers_are_inside_a_class_has_no_filters_to_show(tmp_path: Path) -> None:
    write_folder(tmp_path)
    edit(tmp_path, "my_question.py", "from nets.net import my_net", "from nets.net import Subclassed as my_net")
    done = type_here("run", "my_question.py", "--variant", "narrow", "--set", "epochs=1", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs_of(tmp_path).values()
    for command in ("filters", "features", "gradcam"):
        assert "Subclassed has no" in refused("inspect", command, run.path, cwd=tmp_path)


def test_a_callback_that_keeps_what_it_does_not_hand_over_makes_an_interrupted_run_begin_where_it_kept_nothing(
    tmp_path: Path,
) -> None:
    write_folder(tmp_path)
    edit(tmp_path, "my_question.py", "Silent, Warming", "Silent, Forgetful")
    edit(tmp_path, "my_question.py", "use(Warming, factor=1.2)", "use(Forgetful)")
    command = ("run", "my_question.py", "--variant", "narrow", "--checkpoint-seconds", "0", "--set", "epochs=30")
    kill_after_three_epochs(command, tmp_path)
    done = type_here(*command[:-1], "epochs=30", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs_of(tmp_path).values()
    log = (run.path / "log.txt").read_text(encoding="utf-8")
    assert "callback Forgetful keeps count from epoch to epoch and does not hand that over" in log
    assert re.search(r"resumed after step \d+ of epoch 1:", log), log

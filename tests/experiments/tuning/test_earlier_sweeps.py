"""`tune --from` and `--try`: what was trained is not trained again, and what is of no use is refused in one line."""

import os
from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.reports import run_directory
from tests.end_to_end.sweeps import FILE, finish_here, sweep_folder, write_file
from tests.end_to_end.typed import refused, type_here

WIDER = FILE.replace("1e-1, ", "2e-1, ").replace("[8, 16, 32]", "[8, 16, 32, 64]")
OWN = "runs/width.tune/random"
TOGETHER = ("--trials", "3")


@pytest.fixture(scope="module")
def widened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, str]:
    """A sweep of three trials whose space was widened; the scores before, and what taking them over said."""
    folder = tmp_path_factory.mktemp("widened")
    write_file(folder)
    finish_here(folder, *TOGETHER)
    before = ended(sweep_folder(folder))
    write_file(folder, WIDER)
    tries = ("--try", "learning_rate=0.05,units=64")
    said = finish_here(folder, "--tuner", "bayesian", "--trials", "2", "--from", OWN, *tries).stdout
    return folder, before, said


def ended(folder: Path) -> dict:
    """The values and scores of a sweep's trials, by number."""
    events = journal.read(folder / journal.NAME)
    values = {event["trial"]: event["values"] for event in events if event["event"] == "created"}
    return {
        event["trial"]: (values[event["trial"]], event["score"], [run["seconds"] for run in event["runs"]])
        for event in events
        if event["event"] == "ended" and event["trial"] is not None
    }


@pytest.mark.slow
def test_a_widened_space_takes_the_trials_over_untrained(widened: tuple[Path, dict, str]) -> None:
    folder, before, said = widened
    assert f"From {OWN}: 3 of 3 trials have the same Config here and are taken over untrained" in said
    assert "2 trials beside the base" in said and "[taken over 3/3]" in said and "[2/2]" in said
    page = (sweep_folder(folder, "bayesian") / "report.html").read_text(encoding="utf-8")
    assert page.count("completed, taken over") == 3 and "3 trials were taken over from earlier sweeps." in page
    after = ended(sweep_folder(folder, "bayesian"))
    assert {number: after[number] for number in before} == before, "to the second: these are the same runs"
    assert after[3][0] == {"learning_rate": 0.05, "units": 64}, "picked by hand"


@pytest.mark.slow
def test_runs_that_were_taken_over_are_whole_and_this_sweeps_own(widened: tuple[Path, dict, str]) -> None:
    folder = widened[0]
    run = run_directory.read_run(next(sweep_folder(folder, "bayesian").glob("trial-0001-*/seed-1")))
    assert (run.status, run.variant, run.record["experiment"]) == ("completed", "trial-0001", "width.tune/bayesian")
    assert type_here("verify", "runs", cwd=folder).returncode == 0
    assert not list(sweep_folder(folder, "bayesian").glob("*/.seed-*"))


@pytest.mark.slow
def test_such_a_sweep_is_resumed_without_naming_the_earlier_one_again(widened: tuple[Path, dict, str]) -> None:
    folder = widened[0]
    before = ended(sweep_folder(folder, "bayesian"))
    finish_here(folder, "--tuner", "bayesian", "--trials", "3")
    after = ended(sweep_folder(folder, "bayesian"))
    assert len(after) == 6 and {number: after[number] for number in before} == before
    line = refused("tune", "width.py", "--tuner", "bayesian", "--threads", "1", "--try", "units=8", cwd=folder)
    assert "only a new one begins with such trials" in line and "--fresh" in line


@pytest.mark.slow
def test_the_threads_that_would_take_more_over_are_named(widened: tuple[Path, dict, str]) -> None:
    """Two workers have one thread each, a process alone has two: --workers alone makes other runs."""
    said = finish_here(widened[0], "--tuner", "bayesian", "--threads", "2", "--trials", "1", "--fresh", "--from", OWN)
    assert f"From {OWN}: 0 of 3 trials have the same Config here" in said.stdout
    assert "--threads 1, as that sweep had, would take 3 more over" in said.stdout


@pytest.mark.slow
def test_a_sweep_set_aside_by_the_same_command_is_taken_over_too(tmp_path: Path) -> None:
    write_file(tmp_path)
    finish_here(tmp_path, "--trials", "2")
    before = ended(sweep_folder(tmp_path))
    write_file(tmp_path, WIDER)
    assert "takes its trials over" in refused("tune", "width.py", "--threads", "1", cwd=tmp_path)
    finish_here(tmp_path, "--trials", "1", "--fresh", "--from", OWN)
    assert {k: v for k, v in ended(sweep_folder(tmp_path)).items() if k in before} == before


@pytest.mark.slow
def test_of_trials_with_another_config_the_best_are_tried_first(tmp_path: Path) -> None:
    write_file(tmp_path)
    finish_here(tmp_path, *TOGETHER)
    best = max(ended(sweep_folder(tmp_path)).values(), key=lambda trial: trial[1])[0]
    write_file(tmp_path, FILE.replace("epochs=2", "epochs=1"))
    said = finish_here(tmp_path, "--tuner", "bayesian", "--trials", "1", "--from", OWN).stdout
    assert "0 of 3 trials have the same Config" in said and "of the others the best 3 are tried first" in said
    assert ended(sweep_folder(tmp_path, "bayesian"))[0][0] == best


@pytest.mark.slow
def test_a_sweep_of_no_use_is_answered_in_one_line(widened: tuple[Path, dict, str]) -> None:
    folder = widened[0]
    write_file(folder / "else", WIDER)
    os.symlink(folder / "runs", folder / "else" / "earlier")

    def line(*more: str) -> str:
        return refused("tune", "width.py", "--threads", "1", *more, cwd=folder / "else")

    own = ("--from", "earlier/width.tune/random")
    assert "holds no journal.jsonl" in line("--from", "nowhere")
    assert "--objective val_accuracy" in line(*own, "--objective", "val_unpenalised_loss")
    assert "has an order of its own" in line(*own, "--tuner", "grid")
    damaged = folder / "else" / "damaged"
    damaged.mkdir()
    text = (folder / OWN / journal.NAME).read_text(encoding="utf-8")
    (damaged / journal.NAME).write_text(text.replace('"score": 0.', '"score": 1.', 1), encoding="utf-8")
    assert "damaged" in line("--from", "damaged")
    write_file(folder / "else", FILE.replace('"learning_rate"', '"rate"').replace('"units", [', '"wide", ['))
    assert "no hyperparameter of that sweep is in this space" in line(*own)
    assert not (folder / "else" / "runs").exists()


def test_one_config_under_several_values_is_trained_once(tmp_path: Path) -> None:
    """As in a space whose `if` is no conditional scope of KerasTuner's: the oracle takes both for two trials."""
    space = FILE[: FILE.index("    return {")] + (
        '    if hp.Boolean("wide"):\n'
        '        return {"model.units": [hp.Choice("units", [16, 32])]}\n'
        '    hp.Choice("units", [16, 32])\n'
        "    return {}\n"
    )
    write_file(tmp_path, space)
    finish_here(tmp_path, "--tuner", "grid")
    folder = sweep_folder(tmp_path, "grid")
    found = ended(folder)
    assert len(found) == 4
    plain = [number for number, (values, _, _) in found.items() if not values["wide"] or values["units"] == 16]
    assert len(plain) == 3 and len({found[number][1] for number in plain}) == 1
    records = [run_directory.read_run(next(folder.glob(f"trial-{n:04d}-*/seed-1")), needs=()).record for n in plain]
    assert len({record["started"] for record in records}) == 1, "all are the base's run"
    assert [record["variant"] for record in records] == [f"trial-{n:04d}" for n in plain]

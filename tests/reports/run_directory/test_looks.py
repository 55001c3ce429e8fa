"""Each look at new seeds is recorded once, and whoever loses the record, or edits it, gains nothing."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from keras_suite.reports.page.next_command import next_command
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import (
    ExperimentRuns,
    Variant,
    read_experiment,
    set_aside,
    write_experiment,
)
from keras_suite.reports.run_directory.looks import LOOKS, Looks, PairLooks, begin_looks, read_looks, record_looks
from keras_suite.tasks.files.damaged import NewerSchema
from keras_suite.tasks.files.sealed_json import write_sealed
from tests.reports.conftest import MakeRuns, make_runs, runs_in

__all__ = ["make_runs"]  # a fixture

WORSE = {"weak": 1e-5}
A_B = ("a", "b")


def begun(folder: Path) -> Looks:
    folder.mkdir(parents=True, exist_ok=True)
    begin_looks(folder)
    return read_looks(folder)


def look(folder: Path, seeds: range, pair: tuple[str, str] = A_B) -> Looks:
    """Look at these seeds, and return what is recorded then."""
    assert record_looks(folder, read_looks(folder), {pair: seeds}) is None
    return read_looks(folder)


# -- the record ------------------------------------------------------------------------------------------------------


def test_a_record_that_was_begun_knows_that_there_was_no_look(tmp_path: Path) -> None:
    looks = begun(tmp_path)
    assert (looks.first_look_known, looks.pairs, looks.problem) == (True, {}, None)
    assert looks.earlier("a", "b", range(1, 9)) == ()
    look(tmp_path, range(1, 9))
    begin_looks(tmp_path)
    assert read_looks(tmp_path).pairs, "to begin again forgets nothing"


def test_the_same_seeds_are_one_look_from_either_side(tmp_path: Path) -> None:
    begun(tmp_path)
    first = look(tmp_path, range(1, 9))
    content = (tmp_path / LOOKS).read_bytes()
    assert look(tmp_path, range(1, 9)) == look(tmp_path, range(1, 9), ("b", "a")) == first
    assert (tmp_path / LOOKS).read_bytes() == content
    assert first.earlier("a", "b", range(1, 9)) == first.earlier("b", "a", range(1, 9)) == ()


def test_looks_at_fewer_of_the_seeds_are_earlier_ones(tmp_path: Path) -> None:
    begun(tmp_path)
    look(tmp_path, range(1, 9))
    looks = look(tmp_path, range(1, 13))
    assert looks.earlier("a", "b", range(1, 21)) == (8, 12)
    assert looks.earlier("a", "b", range(1, 13)) == (8,)
    assert looks.gone("a", "b", range(1, 21)) == ()
    assert looks.earlier("a", "c", range(1, 21)) == (), "of another pair nothing was seen"


def test_seeds_that_were_looked_at_and_are_there_no_more_are_named(tmp_path: Path) -> None:
    begun(tmp_path)
    looks = look(tmp_path, range(1, 9))
    assert looks.gone("b", "a", {1, 2, 4, 5, 6, 8, 9}) == (3, 7)
    assert looks.gone("a", "c", {1}) == ()


def test_pairs_without_a_seed_show_nothing(tmp_path: Path) -> None:
    begun(tmp_path)
    assert look(tmp_path, range(0)).pairs == {}


def test_without_a_record_each_number_of_seeds_counts_then_and_later(tmp_path: Path) -> None:
    assert read_looks(tmp_path) == Looks()
    assert read_looks(tmp_path).earlier("a", "b", range(1, 9)) is None
    looks = look(tmp_path, range(1, 9))
    assert not looks.first_look_known
    assert looks.earlier("a", "b", range(1, 13)) == tuple(range(1, 9)), "after that, looks are recorded again"
    assert look(tmp_path, range(1, 13)).earlier("a", "b", range(1, 21)) == (*range(1, 9), 12)
    assert looks.earlier("a", "c", range(1, 13)) is None


def test_seeds_are_read_as_they_were_written(tmp_path: Path) -> None:
    sets = [{1}, {60}, {1, 2, 3}, {2, 4, 6}, {1, 2, 5, 6, 7, 40}, set(range(1, 49)), {1}]
    begun(tmp_path)
    for each in sets:
        record_looks(tmp_path, read_looks(tmp_path), {A_B: each})
    assert read_looks(tmp_path).pairs[A_B] == PairLooks(tuple(map(frozenset, sets[:-1])), 0)


def damage(folder: Path, how: str) -> None:
    path = folder / LOOKS
    content = path.read_text(encoding="utf-8")
    if how == "cut":
        path.write_text(content[: len(content) // 2], encoding="utf-8")
    elif how == "flipped":
        path.write_bytes(content.encode().replace(b"first_look", b"fjrst_look"))
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "no object":
        path.write_text("[]", encoding="utf-8")
    elif how == "edited":
        path.write_text(content.replace('"1-8"', '"1-2"'), encoding="utf-8")
    else:
        changed = {key: value for key, value in json.loads(content).items() if key not in ("sha256", "schema")}
        changed["pairs"] = {"no list": 3, "no ranges": [{"variants": ["a"], "unknown_up_to": 0, "seeds": ["x"]}]}[how]
        path.write_text(json.dumps(changed), encoding="utf-8")


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "no object", "edited", "no list", "no ranges"])
def test_a_damaged_record_is_named_and_counts_as_unknown_and_is_written_anew(how: str, tmp_path: Path) -> None:
    begun(tmp_path)
    look(tmp_path, range(1, 9))
    damage(tmp_path, how)
    looks = read_looks(tmp_path)
    assert looks.problem is not None and str(tmp_path / LOOKS) in looks.problem and "\n" not in looks.problem
    assert looks.earlier("a", "b", range(1, 9)) is None
    after = look(tmp_path, range(1, 9))
    assert (after.problem, after.first_look_known) == (None, False)
    assert after.earlier("a", "b", range(1, 13)) == tuple(range(1, 9))


def test_a_record_of_a_newer_version_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / LOOKS).write_text('{"schema": 99}')
    with pytest.raises(NewerSchema, match="update the suite"):
        read_looks(tmp_path)
    assert (tmp_path / LOOKS).read_text() == '{"schema": 99}'


def test_a_range_of_more_seeds_than_there_can_be_is_damage(tmp_path: Path) -> None:
    pairs = [{"variants": ["a", "b"], "unknown_up_to": 0, "seeds": ["1-999999999999"]}]
    write_sealed(tmp_path / LOOKS, {"first_look_known": True, "pairs": pairs})
    looks = read_looks(tmp_path)
    assert looks.problem is not None and "more seeds than there can be" in looks.problem


def test_the_pairs_of_a_variant_are_found_in_either_place() -> None:
    looks = Looks(True, {("a", "b"): PairLooks(), ("b", "c"): PairLooks(), ("c", "d"): PairLooks()})
    assert looks.comparisons([("b", "a")], ["b"]) == 2
    assert looks.comparisons([("e", "f")], ["e"]) == 1


def test_where_looks_are_not_known_every_pair_and_each_removed_variant_counts() -> None:
    recorded = {("a", "b"): PairLooks(), ("b", "c"): PairLooks()}
    assert Looks(True, recorded).comparisons([("a", "b")], ["a", "b", "c"], removed=4) == 2
    assert Looks(False, recorded).comparisons([("a", "b")], ["a", "b", "c"], removed=4) == 7
    assert Looks().comparisons([("a", "b")], ["a", "b"]) == 1


# -- where it begins, and what stays of it -----------------------------------------------------------------------------


def write_listing(folder: Path, *names: str) -> None:
    variants = [Variant(name, f"{name}-01234567", {}) for name in names]
    write_experiment(folder, name="e", question="?", command="run e", variants=variants)


def test_the_record_of_a_new_experiment_begins_with_its_listing(tmp_path: Path) -> None:
    write_listing(tmp_path / "new", "a", "b")
    assert read_looks(tmp_path / "new").first_look_known
    (tmp_path / "new" / LOOKS).unlink()
    write_listing(tmp_path / "new", "a", "b", "c")
    assert not (tmp_path / "new" / LOOKS).exists(), "an experiment that was there is not new"
    run = tmp_path / "trained" / "a-01234567" / "seed-1"
    run.mkdir(parents=True)
    (run / "metrics.json").write_text("{}")
    write_listing(tmp_path / "trained", "a", "b")
    assert not read_looks(tmp_path / "trained").first_look_known


def test_the_record_stays_where_runs_are_set_aside_to_be_trained_afresh(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2)
    experiment_numbers(runs)
    before = read_looks(runs.folder)
    kept = set_aside(runs.folder)
    assert kept is not None and not (kept / LOOKS).exists()
    assert [path.name for path in runs.folder.iterdir()] == [LOOKS]
    assert read_looks(runs.folder) == before and before.pairs
    assert set_aside(runs.folder) is None, "a record alone is nothing to set aside"
    write_listing(runs.folder, "strong", "weak")
    assert read_looks(runs.folder) == before


# -- what it does to verdicts ------------------------------------------------------------------------------------------


def p_of(numbers: Numbers) -> float:
    return numbers.pairs[0].comparison.p_holm


def with_seeds(runs: ExperimentRuns, seeds: int) -> Numbers:
    """The experiment as it was when it had so many seeds."""
    return experiment_numbers(
        dataclasses.replace(runs, runs=tuple(run for run in runs.runs if int(run.path.name[5:]) <= seeds))
    )


def test_the_page_and_the_numbers_are_one_look_and_further_seeds_another(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=10, strength=WORSE)
    first = with_seeds(runs, 8)
    assert first.pairs[0].comparison.looks == with_seeds(runs, 8).pairs[0].comparison.looks == (8,)
    later = experiment_numbers(runs)
    assert later.pairs[0].comparison.looks == (8, 10)
    assert write_report(runs, tmp_path / "report").numbers.pairs == later.pairs
    pair = ("strong-01234567", "weak-01234567")
    assert read_looks(runs.folder).pairs == {pair: PairLooks((frozenset(range(1, 9)), frozenset(range(1, 11))), 0)}


@pytest.mark.parametrize("looks", [(10,), (8, 10), (7, 9, 10)])
def test_a_deleted_record_makes_nothing_easier(looks: tuple[int, ...], make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=10, strength=WORSE)
    for seeds in looks:
        known = with_seeds(runs, seeds)
    (runs.folder / LOOKS).unlink()
    unknown = experiment_numbers(runs)
    assert p_of(unknown) >= p_of(known)
    mine, theirs = unknown.pairs[0].comparison.interval, known.pairs[0].comparison.interval
    assert mine is not None and theirs is not None and mine.level >= theirs.level
    assert p_of(experiment_numbers(runs)) == p_of(unknown), "nor does it a second time"


def test_a_damaged_record_is_a_warning_and_makes_nothing_easier(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=8, strength=WORSE)
    known = experiment_numbers(runs)
    damage(runs.folder, "edited")
    found = experiment_numbers(runs)
    assert [problem for problem in found.problems if LOOKS in problem and "is damaged" in problem] == [*found.problems]
    assert found.problems[0].endswith("each number of seeds counts as looked at now")
    assert p_of(found) >= p_of(known) and found.pairs[0].comparison.word == "too few seeds"
    assert [problem.partition(",")[0] for problem in experiment_numbers(runs).problems] == [
        "when these runs were looked at first is not recorded"
    ], "the record is written anew, but what it forgot stays unknown"
    assert p_of(experiment_numbers(runs)) == p_of(found)


def test_a_folder_that_cannot_be_written_is_a_warning(make_runs: MakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = make_runs(seeds=8, strength=WORSE)

    def refused(*told: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("keras_suite.reports.run_directory.looks.write_sealed", refused)
    numbers = experiment_numbers(runs)
    assert numbers.problems == ("this look could not be recorded (Permission denied): make digits_question writable",)
    assert numbers.pairs[0].comparison.word == "worse"


def test_runs_that_were_seen_and_are_gone_leave_no_verdict(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=9, strength=WORSE)
    experiment_numbers(runs)
    shutil.rmtree(next(run.path for run in runs.runs if run.variant == "weak" and run.path.name == "seed-3"))
    numbers = experiment_numbers(read_experiment(runs.folder))
    assert numbers.pairs[0].comparison.word == "not comparable"
    assert answer(numbers) == (
        "No verdict on 'weak' and 'strong': seed 3 had been looked at, and the runs are gone or unreadable: restore "
        "them, or train them again, to the same bits."
    )
    assert next_command(numbers) == "keras-suite run digits_question --seeds 9"
    shutil.rmtree(runs.folder / "weak-01234567" / "seed-5")
    assert "seeds 3 and 5 had been looked at" in answer(experiment_numbers(read_experiment(runs.folder)))


def test_a_variant_that_was_looked_at_and_taken_out_still_counts(tmp_path: Path) -> None:
    variants: dict[str, dict[str, object]] = {"base": {}, "one": {}, "two": {}}
    runs = runs_in(tmp_path)(variants, seeds=8, strength={"one": 1e-5, "two": 1e-6})
    before = experiment_numbers(runs)
    listing = json.loads((runs.folder / "experiment.json").read_text(encoding="utf-8"))
    kept = [each for each in listing["variants"] if each["name"] != "two"]
    (runs.folder / "experiment.json").write_text(json.dumps({**listing, "variants": kept}), encoding="utf-8")
    after = experiment_numbers(read_experiment(runs.folder))
    assert [pair.variant for pair in after.pairs] == ["one"]
    assert after.pairs[0].comparison.pairs == 2
    assert after.comparison("one").p_holm == before.comparison("one").p_holm

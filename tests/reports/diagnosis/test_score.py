"""The diagnosis's score on the recorded corpus: what was measured still holds, and no run is told two causes."""

import pytest

from benchmarks.diagnosis import answers, recorded, table
from benchmarks.diagnosis_corpus import FAULTS, corpus
from keras_suite.reports.diagnosis.rules import RULES, finding
from keras_suite.reports.diagnosis.score import MEASURED, Answer, Score, score_of

FLOOR, MOST_ALARMS = 0.95, 0.05  # of the half that rules were written on


def test_the_half_that_rules_were_written_on_keeps_its_score() -> None:
    score = score_of(answers(set_apart=False))
    assert score.faults >= 49 and score.right >= FLOOR * score.faults
    assert score.healthy >= 23 and score.alarms <= MOST_ALARMS * score.healthy


def test_the_score_that_pages_show_is_that_of_the_half_set_apart() -> None:
    """Where rules change, this is the number to write anew, and docs/diagnosis.md with it."""
    assert score_of(answers(set_apart=True)) == MEASURED


def test_every_case_is_recorded_and_gets_at_most_one_advice() -> None:
    histories = recorded()
    assert histories.keys() == {case.name for case in corpus()}
    for name, history in histories.items():
        found = finding(history)
        speaking = [rule for rule in RULES if rule.check(history) is not None]
        assert (found is None) == (not speaking), name
        if found is not None:
            assert [found.rule, *found.after] == speaking, name


def test_the_corpus_has_sixty_faults_and_forty_healthy_runs_and_causes_that_rules_name() -> None:
    cases = corpus()
    assert sum(case.kind in FAULTS for case in cases) >= 60 and sum(case.kind not in FAULTS for case in cases) >= 40
    assert {cause for cause, _ in FAULTS.values()} <= {rule.cause for rule in RULES}


def test_answers_are_counted_by_kind() -> None:
    given = [
        Answer("a_0", "a", "labels", "labels"),
        Answer("a_1", "a", "labels", None),
        Answer("b_0", "b", None, "dead", "Most units of a layer are dead."),
        Answer("b_1", "b", None, None),
    ]
    assert score_of(given) == Score(faults=2, right=1, healthy=2, alarms=1)
    assert table(given)[2:] == ["| a | 2 | 1 | nothing (1) |", "| b | 2 | 1 | Most units of a layer are dead (1) |"]


def test_a_score_is_said_with_its_intervals() -> None:
    assert Score(40, 36, 20, 1).in_words() == (
        "Of 40 runs with a planted fault, 36 got the right first advice (90 %; 95 % interval 76 to 97 %); of 20 "
        "healthy runs 1 got advice (5 %; 0 to 25 %)."
    )
    right, _ = Score(40, 36, 20, 1).intervals()
    assert right.low == pytest.approx(0.763, abs=1e-3)

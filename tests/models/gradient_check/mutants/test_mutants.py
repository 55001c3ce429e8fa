"""The check is proven by faults: each is one slip in an op's source, and is found, but for the named equivalents.

Modules: operators, mutant, by_hand, equivalents, suite, processes.
"""

import ast
import datetime
import inspect
import os
from dataclasses import replace

import pytest
import tensorflow as tf

from keras_suite.experiments.inspecting.mutants import in_words
from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.mutants.equivalents import EQUIVALENTS, OF_SOME_DEVICES
from keras_suite.models.gradient_check.mutants.mutant import Mutant, applied, by_hand, function_of, mutants_of
from keras_suite.models.gradient_check.mutants.operators import slips
from keras_suite.models.gradient_check.mutants.suite import Outcome, all_mutants, ops_of, outcome_of, outcomes
from keras_suite.models.ops import conv_primitives
from keras_suite.models.ops.core import dense

SHARES = 8  # of the suite, one a day


def slips_of(expression: str) -> list[str]:
    return [ast.unparse(ast.fix_missing_locations(other)) for other in slips(ast.parse(expression, mode="eval").body)]


@pytest.mark.parametrize(
    ("expression", "others"),
    [
        ("a + b", ["a - b", "a"]),
        ("a / b", ["a * b", "a"]),
        ("-x", ["x"]),
        ("x > 0", ["x >= 0"]),
        ("tf.where(m, a, b)", ["a", "b"]),
        ("tf.transpose(x)", ["x"]),
        ("tf.matmul(a, b, transpose_b=True)", ["tf.matmul(a, b)"]),
        ("tf.reduce_sum(x, axis=-1)", ["tf.reduce_mean(x, axis=-1)", "tf.reduce_sum(x, axis=0)"]),
        ("sum_over(x, [1, 2])", ["mean_over(x, [1, 2])", "tf.reduce_sum(x, [1, 2])"]),
        ("[0, 1]", ["[0]"]),
        ("a if c else b", ["a", "b"]),
        ("f(x)", []),
    ],
)
def test_slips_are_those_that_people_make(expression: str, others: list[str]) -> None:
    assert slips_of(expression) == others


def test_a_mutant_takes_its_functions_place_until_its_block_ends() -> None:
    mutant = by_hand("core", "dense_backward", "transpose_a=True", "transpose_a=False")
    right = function_of("core", "dense_backward").__code__
    with pytest.raises(tf.errors.InvalidArgumentError), applied(mutant):
        dense.backward(tf.ones((3, 2)), dense.forward(tf.ones((3, 4)), tf.ones((4, 2)))[1])
    assert function_of("core", "dense_backward").__code__ is right


def test_a_passage_that_is_not_in_the_source_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 'nothing like it' 0 times"):
        by_hand("core", "dense_backward", "nothing like it", "")


def test_the_suite_has_faults_of_every_op_always_the_same_and_knows_its_equivalents() -> None:
    mutants = all_mutants()
    names = [mutant.name for mutant in mutants]
    assert len(set(names)) == len(names) > 200 and names == [mutant.name for mutant in all_mutants()]
    assert {op for mutant in mutants for op in ops_of(mutant)} == set(CASES)
    assert {*EQUIVALENTS, *OF_SOME_DEVICES} <= set(names)
    assert all(ops_of(mutant) for mutant in mutants), "a mutant of no op would survive"


# Those that an earlier check let through, and one of each kind of slip.
@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        "batch_normalization._fused_backward: return (fused.x_backprop,",
        "op.sum_over: tf.reduce_sum(at_least_float32(x), axes) -> tf.reduce_sum(x, axes)",
        "losses.softmax_cross_entropy_forward: tf.exp(log_s) * tf.reduce_sum(y",
        "losses.hinge_forward: tf.cast(terms > 0",
        "activations.maxout_forward: (tf.argmax(groups, axis=-1), pieces)",
    ],
)
def test_a_fault_is_found(fault: str) -> None:
    [mutant] = [each for each in all_mutants(0) if each.name.startswith(fault)]
    outcome = outcome_of(mutant)
    assert outcome.finding is not None and not outcome.raised


@pytest.mark.slow
def test_what_computes_the_same_survives() -> None:
    mutant = Mutant("same", "core", "dense_forward", mutants_of("core", "dense_forward")[0].source)
    same = replace(mutant, source=inspect.getsource(function_of("core", "dense_forward")))
    assert outcome_of(same).finding is None


def test_a_fault_in_what_only_some_devices_run_is_an_equivalent_on_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants = [each for each in all_mutants() if each.name in OF_SOME_DEVICES]
    for able in (True, False):
        monkeypatch.setattr(conv_primitives, "_tried", lambda *_, able=able: able)
        wrong = f"{Mutant.__module__}.wrong_results"
        monkeypatch.setattr(wrong, lambda *_, able=able: ("output",) if able else ())
        assert [bool(each.equivalent) for each in mutants] == [not able] * len(OF_SOME_DEVICES)


def test_survivors_and_equivalents_are_named() -> None:
    survivor, same = Mutant("a: x -> y", "core", "f", ""), Mutant("b: x -> y", "core", "g", "")
    answer = in_words([Outcome(survivor)], [same])
    assert not answer.good
    assert [str(each) for each in answer.shown[2:]] == ["NOT FOUND: a: x -> y", "equivalent: b: x -> y ()"]


def start() -> None:
    """Start nothing: the first operation starts TensorFlow."""


@pytest.mark.slow
def test_a_mutant_that_ends_its_process_is_found_and_costs_no_other() -> None:
    deadly = by_hand("core", "dense_backward", "return (dx,", "__import__('os').abort()\n    return (dx,")
    wrong = by_hand("core", "dense_backward", "return (dx,", "return (2 * dx,")
    first, second = outcomes([deadly, wrong], 1, start)
    assert first.finding is not None and first.finding.comparison == "process: it ends the process"
    assert second.finding is not None and second.finding.comparison == "autodiff"


@pytest.mark.slow
@pytest.mark.timeout(1200)  # one of eight took 6 min on a busy machine
def test_todays_share_of_the_suite_is_found() -> None:
    today = int(os.environ.get("MUTANTS_SHARE", datetime.date.today().toordinal())) % SHARES
    mutants = [mutant for mutant in all_mutants()[today::SHARES] if not mutant.equivalent]
    ended = list(outcomes(mutants, 2, start))
    assert [outcome.mutant.name for outcome in ended if outcome.finding is None] == []

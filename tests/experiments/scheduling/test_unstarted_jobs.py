"""Which jobs count as handed to a worker that does not begin them, and for how long."""

from keras_suite.experiments.scheduling.unstarted_jobs import Handed, looked_again


def test_time_adds_up_while_a_worker_does_not_begin() -> None:
    once = looked_again({}, {"a": ["one"]}, {"one": None}, 1.0)
    assert once == {"one": Handed("a", 0.0)}
    assert looked_again(once, {"a": ["one"]}, {"one": None}, 1.5) == {"one": Handed("a", 1.5)}


def test_a_job_that_another_worker_got_has_its_whole_time_again() -> None:
    before = {"one": Handed("a", 100.0)}
    assert looked_again(before, {"a": [], "b": ["one"]}, {"one": "a"}, 1.0) == {"one": Handed("b", 0.0)}


def test_who_trains_or_works_for_another_command_need_not_begin_the_next() -> None:
    assert looked_again({}, {"a": ["one", "two"]}, {"one": "a", "two": None}, 1.0) == {}
    assert looked_again({}, {"a": ["one", "another command's"]}, {"one": None}, 1.0) == {}


def test_all_jobs_of_a_worker_that_hangs_wait_for_it() -> None:
    found = looked_again({}, {"a": ["one", "two"]}, {"one": None, "two": None}, 1.0)
    assert found == {"one": Handed("a"), "two": Handed("a")}

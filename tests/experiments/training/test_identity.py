"""What a run's numbers depend on, and which runs are left alone, or not resumed."""

from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.experiments.config import Config, from_json, override, to_json, use
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.identity import (
    already_finished,
    directory_of,
    environment,
    identity,
    identity_of,
    job_identity,
    refuse_other_environment,
    refuse_other_tasks,
)
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.experiments.training.runtime import versions
from keras_suite.reports import run_directory

CONFIG = Config(dataset=use("digits", limit=100, test_limit=50), model=use("mlp", units=[4]), batch_size=32, epochs=1)


def test_an_identity_follows_the_numbers_and_nothing_else(tmp_path: Path) -> None:
    job = Job("known", "only", CONFIG, 1, RunOptions(2, tmp_path))
    same = replace(job, variant="other", seed=2, options=RunOptions(2, tmp_path / "moved", command="again"))
    same = replace(same, config=override(CONFIG, {"model.dropout": resolve(CONFIG).model.options["dropout"]}))
    others = [
        replace(job, config=override(CONFIG, {"epochs": 2})),
        replace(job, options=RunOptions(1, tmp_path)),
        replace(job, until=1),
    ]
    assert job_identity(job) == job_identity(same)
    assert len({job_identity(each) for each in (job, *others)}) == 4
    assert directory_of(job) == tmp_path / "known" / f"only-{job_identity(job)[:8]}" / "seed-1"


def test_the_number_of_devices_is_in_the_identity_and_one_leaves_no_trace(tmp_path: Path) -> None:
    one, two, three = (Job("known", "only", CONFIG, 1, RunOptions(2, tmp_path, devices=n)) for n in (1, 2, 3))
    assert job_identity(one) == job_identity(Job("known", "only", CONFIG, 1, RunOptions(2, tmp_path)))
    assert job_identity(one) == identity_of(resolve(CONFIG).canonical(), prepare(one).dataset.fingerprint, 2)
    assert len({job_identity(each) for each in (one, two, three)}) == 3
    assert "devices" not in prepare(one).record() and prepare(two).record()["devices"] == 2


def test_what_makes_up_for_rare_classes_is_in_the_identity_and_absent_it_leaves_no_trace(tmp_path: Path) -> None:
    balanced = [override(CONFIG, {name: "balanced"}) for name in ("class_weight", "sampling")]
    jobs = [Job("known", "only", config, 1, RunOptions(2, tmp_path)) for config in (CONFIG, *balanced)]
    assert len({job_identity(each) for each in jobs}) == 3
    assert not {"class_weight", "sampling"} & {*to_json(CONFIG), *resolve(CONFIG).canonical()}
    assert [from_json(to_json(config)) for config in balanced] == balanced


def test_a_failure_that_would_repeat_is_left_alone_and_another_is_not(tmp_path: Path) -> None:
    digits = identity(resolve(CONFIG), "content", 2)
    record = {"experiment": "e", "variant": "v", "seed": 1, "identity": digits, "data": {"fingerprint": "content"}}
    run_directory.begin(tmp_path, {**record, **environment(2)}, to_json(CONFIG))
    run_directory.fail(tmp_path, "OSError", "the disk is full")
    assert already_finished(tmp_path) is None
    run_directory.fail(tmp_path, "NonFiniteLoss", "loss became NaN in epoch 2")
    outcome = already_finished(tmp_path)
    assert outcome is not None and (outcome.status, outcome.reason) == ("failed", "loss became NaN in epoch 2")
    run_directory.update(tmp_path, identity="0" * 16)
    assert already_finished(tmp_path) is None, "what was not completed is trained anew"
    run_directory.complete(tmp_path, {})
    with pytest.raises(ValueError, match=r"config\.json is not the config that the run was started with: restore it"):
        already_finished(tmp_path)


def test_variants_of_different_tasks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = {"digits": "classes", "rotated_digits": "angle"}
    monkeypatch.setattr(
        "keras_suite.experiments.training.identity.content_of", lambda dataset, _: ("", tasks[dataset.name])
    )
    drawn = override(CONFIG, {"dataset": use("rotated_digits", limit=100)})
    with pytest.raises(ValueError, match="'a' predicts the class of an image and 'b' an angle: they cannot be comp"):
        refuse_other_tasks({"a": CONFIG, "b": drawn}, None)


def test_an_interrupted_run_is_not_continued_under_other_versions(tmp_path: Path) -> None:
    job = Job("moved", "only", CONFIG, 1, RunOptions(2, tmp_path))
    digits = identity(resolve(CONFIG), "content", 2)
    record = {"experiment": "moved", "variant": "only", "seed": 1, "identity": digits, **environment(2)}
    record |= {"data": {"fingerprint": "content"}, "versions": {**versions(), "tensorflow": "2.20.0"}}
    run_directory.begin(tmp_path, record, to_json(CONFIG))
    run_directory.write_checkpoint(tmp_path, {"epoch": 1}, {})
    with pytest.raises(ValueError, match=r"tensorflow was 2\.20\.0, is 2\.21"):
        refuse_other_environment(job, tmp_path)
    run_directory.update(tmp_path, versions=versions())
    refuse_other_environment(job, tmp_path)

import json
from dataclasses import replace

from keras_suite.data_pipeline.splits import split
from keras_suite.experiments.config import use
from keras_suite.experiments.registry import resolve
from keras_suite.experiments.training.data_record import data_record, inspection_of
from keras_suite.experiments.training.identity import identity, load_dataset
from tests.experiments.training.test_identity import CONFIG


def test_a_record_holds_what_was_inspected_and_the_scale_of_levels() -> None:
    part = resolve(CONFIG).dataset
    dataset = load_dataset(part, None)
    record = data_record(dataset, split(dataset, 1), inspection_of(part, None))
    assert json.loads(json.dumps(record)) == record
    assert record["inspection"]["findings"] == [] and record["levels"] == "dataset"
    assert sum(record["inspection"]["counts"]["train"]) >= record["train"] + record["validation"]
    assert inspection_of(part, None) is inspection_of(part, None)


def test_the_table_of_skipped_files_is_not_in_the_identity() -> None:
    plain = replace(CONFIG, dataset=use("image_folder", path="x"))
    skipping = replace(CONFIG, dataset=use("image_folder", path="y", skip="problems.csv"))
    assert identity(resolve(plain), "content", 1) == identity(resolve(skipping), "content", 1)
    assert identity(resolve(plain), "other content", 1) != identity(resolve(skipping), "content", 1)

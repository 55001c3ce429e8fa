"""The run directory: what happened when one Config was trained with one seed. The only reader and writer of it.

runs/<experiment>/experiment.json                   the question and the variants that are compared now
runs/<experiment>/<variant>-<8 hex of identity>/seed-<n>/
    config.json      the resolved Config; loading it runs it again
    run.json         identity, status, seed, command, versions, threads, device, data, error
    history.csv      a row per epoch
    diagnosis.csv    what each layer did: a row per look and layer
    checkpoint/      while the run may be continued
    model.keras      the model that the reported numbers belong to
    predictions.npz  test labels and probabilities, or targets and predictions; of a fold also which images it holds
    examples.npz     the most confidently wrong, or worst, test images
    measured.json    what the experiment file measured on the test images, where it does
    metrics.json     written last, with the other files' checksums: its presence is what "completed" means
    log.txt
    inspect/         pictures that were asked for afterwards
"""

from keras_suite.reports.run_directory.checkpoint import (
    Checkpoint,
    has_checkpoint,
    read_checkpoint,
    remove_checkpoint,
    write_checkpoint,
)
from keras_suite.reports.run_directory.layout import Variant, run_path, variant_directory
from keras_suite.reports.run_directory.reading import (
    ExperimentRuns,
    Predictions,
    Run,
    Status,
    TargetPredictions,
    begun,
    diagnosis,
    drawn_afterwards,
    examples,
    experiment_folders,
    measured,
    predictions,
    read_experiment,
    read_history,
    read_run,
    run_directories,
    status_of,
    target_predictions,
    task_of,
)
from keras_suite.reports.run_directory.writing import (
    begin,
    complete,
    fail,
    heartbeat,
    locked,
    log,
    model_file,
    remove_model,
    set_aside,
    update,
    write_diagnosis,
    write_examples,
    write_experiment,
    write_history,
    write_measured,
    write_predictions,
    write_target_predictions,
)

__all__ = [
    "Checkpoint",
    "ExperimentRuns",
    "Predictions",
    "Run",
    "Status",
    "TargetPredictions",
    "Variant",
    "begin",
    "begun",
    "complete",
    "diagnosis",
    "drawn_afterwards",
    "examples",
    "experiment_folders",
    "fail",
    "has_checkpoint",
    "heartbeat",
    "locked",
    "log",
    "measured",
    "model_file",
    "predictions",
    "read_checkpoint",
    "read_experiment",
    "read_history",
    "read_run",
    "remove_checkpoint",
    "remove_model",
    "run_directories",
    "run_path",
    "set_aside",
    "status_of",
    "target_predictions",
    "task_of",
    "update",
    "variant_directory",
    "write_checkpoint",
    "write_diagnosis",
    "write_examples",
    "write_experiment",
    "write_history",
    "write_measured",
    "write_predictions",
    "write_target_predictions",
]

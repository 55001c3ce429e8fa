"""The run directory: what happened when one Config was trained with one seed. This package alone reads and writes it.

runs/<experiment>/experiment.json                   the question and the variants that are compared now
runs/<experiment>/looks.json                        which comparisons were looked at, with which seeds
runs/<experiment>/<variant>-<8 hex of identity>/seed-<n>/
    config.json      the resolved Config; loading it runs it again
    run.json         identity, status, seed, command, versions, threads, device, data, error; checksums of what stays
    history.csv      a row per epoch
    diagnosis.csv    what each layer did: a row per probe and layer
    evidence.csv     what the network as a whole received and answered: a row per probe
    checkpoint/      while the run may be continued
    model.keras      the model that the reported numbers belong to
    predictions.npz  test labels and probabilities, or targets and predictions; of a fold also which images it holds
    examples.npz     the most confidently wrong, or worst, test images
    likeness.json    ranges of what the training images look like
    validation.npz   validation labels and probabilities, and what contradicted images are called and look like
    measured.json    what the experiment file measured on the test images, where it does
    metrics.json     written last, with the other files' checksums: its presence is what "completed" means
    source/          the source of own parts, where the Config has any
    log.txt
    inspect/         pictures that were asked for afterwards
    export/          the model for other runtimes, written afterwards
    card/            the model card, likewise
"""

from keras_suite.reports.run_directory.experiment_folder import (
    experiment_folders,
    read_experiment,
    read_listing,
    recorded_devices,
    recorded_threads,
    refuse_other_source,
    relative_source,
    run_directories,
    runs_without_listing,
    set_aside,
    typed_today,
    write_experiment,
)
from keras_suite.reports.run_directory.layout import (
    ExperimentRuns,
    Run,
    Status,
    Variant,
    run_path,
    variant_directory,
)
from keras_suite.reports.run_directory.results import (
    Predictions,
    TargetPredictions,
    diagnosis,
    drawn_afterwards,
    evidence,
    examples,
    likeness,
    measured,
    model_file,
    predictions,
    read_history,
    remove_model,
    target_predictions,
    task_of,
    trained_elsewhere,
    write_diagnosis,
    write_evidence,
    write_examples,
    write_history,
    write_likeness,
    write_measured,
    write_predictions,
    write_target_predictions,
)
from keras_suite.reports.run_directory.state import (
    LOCK,
    Checkpoint,
    begin,
    begun,
    complete,
    fail,
    has_checkpoint,
    heartbeat,
    interrupt,
    is_completed,
    locked,
    log,
    read_checkpoint,
    read_run,
    remove_checkpoint,
    resume,
    set_checkpoint_aside,
    set_run_aside,
    status_of,
    update,
    whole_model,
    write_checkpoint,
)
from keras_suite.reports.run_directory.validation import ValidationLabels, validation, write_validation

__all__ = [
    "LOCK",
    "Checkpoint",
    "ExperimentRuns",
    "Predictions",
    "Run",
    "Status",
    "TargetPredictions",
    "ValidationLabels",
    "Variant",
    "begin",
    "begun",
    "complete",
    "diagnosis",
    "drawn_afterwards",
    "evidence",
    "examples",
    "experiment_folders",
    "fail",
    "has_checkpoint",
    "heartbeat",
    "interrupt",
    "is_completed",
    "likeness",
    "locked",
    "log",
    "measured",
    "model_file",
    "predictions",
    "read_checkpoint",
    "read_experiment",
    "read_history",
    "read_listing",
    "read_run",
    "recorded_devices",
    "recorded_threads",
    "refuse_other_source",
    "relative_source",
    "remove_checkpoint",
    "remove_model",
    "resume",
    "run_directories",
    "run_path",
    "runs_without_listing",
    "set_aside",
    "set_checkpoint_aside",
    "set_run_aside",
    "status_of",
    "target_predictions",
    "task_of",
    "trained_elsewhere",
    "typed_today",
    "update",
    "validation",
    "variant_directory",
    "whole_model",
    "write_checkpoint",
    "write_diagnosis",
    "write_evidence",
    "write_examples",
    "write_experiment",
    "write_history",
    "write_likeness",
    "write_measured",
    "write_predictions",
    "write_target_predictions",
    "write_validation",
]

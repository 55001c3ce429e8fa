"""Metrics that cannot be measured, a user's own or the suite's on request: refused before anything trains."""

from tests.end_to_end.bad_inputs.row import HEAD, SMALL, Row

CONFIG = "Config(use('digits', limit=300, test_limit=100), use('mlp', units=[8]), epochs=1, metrics=[{}])"
CODE = """
import keras
from keras import ops


def mean(y_true, y_pred):
    return ops.mean(y_pred)

def table(y_true, y_pred):
    return y_pred

def in_numpy(y_true, y_pred):
    return np.asarray(y_pred).max(axis=-1)

def accuracy(y_true, y_pred):
    return y_pred[:, 0]

def macro_f1(y_true, y_pred):
    return y_pred[:, 0]

def f1():
    return keras.metrics.F1Score()

class Keeping(keras.metrics.Mean):
    def update_state(self, y_true, y_pred):
        super().update_state(ops.max(y_pred))

    def reset_state(self):
        pass
"""


ONE_CLASS = """
def tested_on_one():
    images, labels = np.random.default_rng(0).integers(0, 256, (60, 8, 8), dtype=np.uint8), np.arange(60) % 2
    test = np.random.default_rng(1).integers(0, 256, (20, 8, 8), dtype=np.uint8)
    names = np.array(["first", "second"])
    return (images, names[labels]), (test, names[np.zeros(20, int)])

EXPERIMENT = Experiment(Config(use(tested_on_one), use('mlp', units=[8]), epochs=1, metrics=[use('pr_auc')]), seeds=1)
"""


AUTOENCODER = ("model.name=autoencoder", "loss.name=squared_error")


def setting(*texts: str) -> tuple[str, ...]:
    """A --set for each."""
    return tuple(word for text in texts for word in ("--set", text))


def metric(written: str, said: str) -> Row:
    """A run that is to measure this."""
    text = f"{HEAD}{CODE}\n\nEXPERIMENT = Experiment({CONFIG.format(written)}, seeds=1)\n"
    return Row(("run", "mine.py"), said, {"mine.py": text})


METRICS = [
    metric("mean", "metrics.mean.direction=None is not possible: expected 'max' if it is to rise"),
    metric("use(mean, direction='higher')", "metrics.mean.direction='higher' is not possible"),
    metric(
        "use(mean, direction='max')", "mean(y_true, y_pred) returned a single number for 3 images: expected a value"
    ),
    metric("use(table, direction='max')", "returned an array of shape (3, 10) for 3 images"),
    metric("use(in_numpy, direction='max')", "in_numpy(y_true, y_pred) failed: NotImplementedError"),
    metric("use(f1, direction='max')", "f1 has a result of shape (10,): expected one number"),
    metric("use(Keeping, direction='max')", "Keeping keeps something after reset_state()"),
    metric("use('keras.metrics:Mean', direction='max')", "got multiple values for argument 'sample_weight'"),
    metric("use(accuracy, direction='max')", "metrics.accuracy: 'accuracy' is a name of the suite's"),
    metric("use('macro_f2')", "unknown metric 'macro_f2'; did you mean 'macro_f1'?"),
    metric("use('brier')", "known: balanced_accuracy, macro_f1, pr_auc, roc_auc"),
    metric("use('top_5_accuracy')", "metrics names 'top_5_accuracy': the task's metrics are measured anyway"),
    metric("use('roc_auc'), use('roc_auc')", "metrics names roc_auc twice"),
    metric("use('roc_auc', classes=2)", "roc_auc: unknown option 'classes'"),
    metric(
        "use(macro_f1, direction='max')", "metrics.macro_f1: 'macro_f1' is a metric of the suite's: take that, use("
    ),
    Row(
        ("run", "mine.py"),
        "all of class 'first': leave it out, or give more classes to the test part",
        {"mine.py": f"{HEAD}{ONE_CLASS}"},
    ),
    Row(
        ("run", "mine.py", *setting('metrics=["balanced_accuracy"]', "dataset.task=image", *AUTOENCODER)),
        "is the image itself, and metrics.balanced_accuracy is of predicted classes: leave it out",
        {"mine.py": SMALL},
    ),
    Row(
        ("run", "mine.py", "--set", 'callbacks=[{"name": "early_stopping", "options": {"monitor": "val_pr_auc"}}]'),
        "monitor='val_pr_auc' is measured where it is asked for only: add it, metrics=[use('pr_auc')] or --set",
        {"mine.py": SMALL},
    ),
    metric(
        "use(mean, direction='max'), use(mean, direction='min')",
        "metrics names mean twice: keep one of them, or give an own one another name with the option called='mean_2'",
    ),
    metric("use(mean, direction='max', called='a b')", "metrics.mean.called='a b' is not possible: expected letters"),
    metric("use(mean, direction='max', called=3)", "metrics.mean.called=3 is not possible"),
    metric("use(mean, direction='max', called='loss')", "metrics.loss: 'loss' is a name of the suite's"),
]

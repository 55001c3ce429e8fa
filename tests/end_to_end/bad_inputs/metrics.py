"""A user's own metrics that cannot be measured: refused before anything trains."""

from tests.end_to_end.bad_inputs.row import HEAD, Row

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

def f1():
    return keras.metrics.F1Score()

class Keeping(keras.metrics.Mean):
    def update_state(self, y_true, y_pred):
        super().update_state(ops.max(y_pred))

    def reset_state(self):
        pass
"""


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
    metric("use('brier')", "metrics names 'brier': the task's metrics are measured anyway"),
    metric("use(mean, direction='max'), use(mean, direction='min')", "metrics names mean twice"),
]

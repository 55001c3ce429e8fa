"""Table of contents: callbacks that a Config can name. What they write is passed in, so none knows a file format.

Each value is "module:function"; nothing is imported before it is used. `history`, `non_finite`, `snapshot`,
`tensorboard` and `probing.diagnosis` hold the callbacks that every run (or a command-line option) brings along itself.
"""

CALLBACKS = {
    "early_stopping": "keras_suite.callbacks.early_stopping:early_stopping",
    "sharpness": "keras_suite.callbacks.probing.sharpness:sharpness",
    "reduce_lr_on_plateau": "keras_suite.callbacks.reduce_lr_on_plateau:reduce_lr_on_plateau",
}

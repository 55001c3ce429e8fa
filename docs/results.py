"""Writes docs/results.md: what each experiment of the catalog measured, from the docstrings of its files.

python docs/results.py
"""

import re
from pathlib import Path

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.listing import about

PAGE = Path(__file__).with_suffix(".md")
HEAD = """# Results

What each experiment of the catalog asks and what was measured, on 2 CPU cores with real data. Made from the docstrings
of `experiments/catalog/` by `python docs/results.py`; `keras-suite show NAME` prints one of them with its settings.
`dogs_vs_cats_transfer`, `general_layers` and `which_pretraining` start from networks that were pretrained here, as
before ImageNet's weights were within reach; `imagenet_transfer` and `photo_transfer` ask the same of
EfficientNet-Lite0's. Of the networks of Keras Applications only the layout of the weights files was tested, with random
numbers.

The verdicts of `activations`, `autoencoder`, `batch_size`, `batchnorm_placement`, `digit_captions`,
`digit_segmentation`, `digits_demo`, `digits_tuning`, `dogs_vs_cats_transfer`, `downsampling`, `general_layers`,
`homing_vector`, `imagenet_transfer`, `initializers`, `label_noise`, `leaky_slope`, `learning_curve`, `losses`,
`mlp_or_cnn`, `mnist_fast`, `mnist_tuning`, `mnist_zero_one_scratch`, `moving_digits`, `optimizers`, `out_of_dataset`,
`overfitting_ladder`, `padding_modes`, `pattern_tuning`, `photo_transfer`, `plateau_rules`, `receptive_field`,
`regularization_path`, `residual_depth`, `steering_angle`, `step_size`, `transformer_or_cnn` and `which_pretraining` are
by the present rules ([what a verdict says](statistics.md)). The others are quoted by those of version 0.1: of these
test images alone, at one look. By the present ones intervals are for other test images, too, so they are wider, and
five comparisons take 9 seeds instead of 8: where a file has more seeds, or other pairs, than its text says, the text
was measured before. The pages of many are [here as they were written](recorded/index.html).

"""


def page() -> str:
    """Return the text of the page: a table of contents, then a section for each experiment."""
    names = catalog.names()
    rows = ["| experiment | question | runs | minutes |", "|---|---|--:|--:|"]
    for name in names:
        question, _, runs, minutes = about(name)
        rows.append(f"| [`{name}`](#{name}) | {question} | {runs} | {minutes} |")
    return HEAD + "\n".join(rows) + "\n\n" + "\n".join(map(section, names))


def section(name: str) -> str:
    """Return the section of one experiment: its docstring as Markdown, with the question in bold."""
    question, _, rest = catalog.load_any(name).docstring.partition("\n")
    return f"## {name}\n\n**{question}** ([file](../experiments/catalog/{name}.py))\n{as_markdown(rest)}\n"


def as_markdown(text: str) -> str:
    """Escape what Markdown would take for markup in the paragraphs; indented blocks stay as they are."""
    lines = (line if line.startswith("    ") else re.sub(r"([*<])", r"\\\1", line) for line in text.split("\n"))
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")

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

Verdicts are by the present rules ([what a verdict says](statistics.md)): for other test images than these, too, over
all comparisons and looks. The pages of many are [here as they were written](recorded/index.html).

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

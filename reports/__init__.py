"""What happened, and what it means: run directories -> numbers -> statistics -> figures -> HTML and Markdown.

Nothing here imports TensorFlow, so a report can be made where TensorFlow is not installed. In a notebook,
`reports.load("runs/digits_demo")` gives the same numbers as pandas DataFrames.
"""

from keras_suite.reports.export.frames import Frames, load

__all__ = ["Frames", "load"]

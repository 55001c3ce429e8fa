"""What happened, and what it means: run directories -> numbers -> statistics -> figures -> HTML and Markdown.

Nothing here imports TensorFlow, so a report can be made where TensorFlow is not installed. In a notebook,
`reports.load("runs/digits_demo")` gives the same numbers as pandas DataFrames.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_suite.reports.export.frames import Frames as Frames
    from keras_suite.reports.export.frames import load as load

__all__ = ["Frames", "load"]


def __getattr__(name: str) -> Any:
    """Import `Frames` and `load` where they are asked for: most of what is in this room does without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keras_suite.reports.export import frames

    return getattr(frames, name)

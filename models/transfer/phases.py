"""The phases of training: which part of a network is trained, for how long, and at what learning rate."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

Epochs = Annotated[int, Field(ge=1)] | None
LearningRate = Annotated[float, Field(gt=0)] | None
Views = Annotated[int, Field(ge=0)] | None


@dataclass(frozen=True)
class Phase:
    """What a phase trains, for how long, and at what learning rate.

    Attributes:
        title: for people.
        epochs: None stands for the Config's own.
        learning_rate: None stands for the optimizer's own.
        cached_views: how many augmented copies of each image the frozen feature extractor is computed for once and
            kept; 0 computes it anew in every step; None is 1 where nothing augments and 0 where something does.
        blocks: the head and this many last blocks of the backbone are trained.
        layer: this layer and all after it are trained. With neither, everything is.
    """

    title: str
    epochs: int | None
    learning_rate: float | None
    cached_views: int | None
    blocks: int | None = None
    layer: str | None = None


WHOLE = Phase("whole", None, None, None)


def head(*, epochs: Epochs = None, learning_rate: LearningRate = None, cached_views: Views = None) -> Phase:
    """Train only the head: pooling, dense layers, logits."""
    return Phase("head", epochs, learning_rate, cached_views, blocks=0)


def last_blocks(
    *,
    blocks: Annotated[int, Field(ge=1)] = 1,
    epochs: Epochs = None,
    learning_rate: LearningRate = None,
    cached_views: Views = None,
) -> Phase:
    """Train the head and the last `blocks` blocks of the backbone."""
    title = "last block" if blocks == 1 else f"last {blocks} blocks"
    return Phase(title, epochs, learning_rate, cached_views, blocks=blocks)


def from_layer(
    *, layer: str, epochs: Epochs = None, learning_rate: LearningRate = None, cached_views: Views = None
) -> Phase:
    """Train the layer of this name, and all that come after it."""
    return Phase(f"from {layer}", epochs, learning_rate, cached_views, layer=layer)


def whole(*, epochs: Epochs = None, learning_rate: LearningRate = None) -> Phase:
    """Train everything but the backbone's batch normalisation, which keeps its statistics."""
    return Phase("whole", epochs, learning_rate, None)

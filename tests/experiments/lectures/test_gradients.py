"""The chain rule's, the step size's and the epochs' pages hold the lectures' numbers."""

from keras_suite.experiments.lectures import gradients
from keras_suite.reports.page.lecture import Numbers


def table(exhibit: object) -> list[dict[str, object]]:
    assert isinstance(exhibit, Numbers)
    return [dict(row) for row in exhibit.rows]


def test_the_graphs_have_their_gradients() -> None:
    product, neuron, layers = map(table, gradients.chain_rule().exhibits)
    assert [row["gradient of f"] for row in product] == ["−4", "−4", "3"]
    assert {row["variable"]: row["gradient of f"] for row in neuron}["w0"] == "−0.1966"
    assert {row["variable"]: row["gradient of E"] for row in layers}["w5"] == "0.08217"


def test_up_to_two_over_the_curvature_a_step_comes_nearer() -> None:
    rows = table(gradients.step_size().exhibits[0])
    assert [row["step 1"] for row in rows] == ["0.75", "0.1", "0", "−0.5", "−1", "−1.1"]
    assert rows[-1]["what happens"] == "goes away"
    assert [row["learning rate"] for row in rows if row["what happens"] == "jumps to and fro for ever"] == ["2 / α"]


def test_two_thousand_images_in_batches_of_500_are_four_iterations() -> None:
    rows = table(gradients.iterations().exhibits[0])
    assert rows[0]["iterations an epoch"] == 4
    assert (rows[1]["iterations an epoch"], rows[1]["images in the last batch"]) == (469, 96)

import pytest

from keras_suite.data_pipeline.datasets.look_alikes import look_alikes, taken_for


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("cat", "Cat"), "case"),
        (("cat", "cats"), "plural"),
        (("berry", "berries"), "plural"),
        (("box", "boxes"), "plural"),
        (("ice-cream", "ice_cream"), "punctuation"),
        (("1", "01"), "number as text"),
        (("cat", "\uff43at"), "case"),
        (("cat", "c\u0430t"), "letters of another alphabet"),
        (("cat", "dog", "cat dog"), "several classes"),
        (("BMW", "\u0412\u041c\u0057"), "letters of another alphabet"),
        (("nose", "n\u03bfse"), "letters of another alphabet"),
        (("\u0441\u0430r", "car"), "letters of another alphabet"),
        (("C0", "CO"), "digits and letters"),
        (("ll2", "l12"), "digits and letters"),
        (("labrador", "labardor"), "letters in another order"),
        (("abyssinian", "abysinian"), "doubled letters"),
        (("wolf", "wolves"), "plural"),
        (("knife", "Knives"), "plural"),
        (("cactus", "cacti"), "plural"),
        (("person", "people"), "plural"),
        (("hot dog", "hot_dogs"), "plural"),
    ],
)
def test_names_that_look_alike_are_paired(names: tuple[str, ...], kind: str) -> None:
    assert kind in {found for *_, found in look_alikes(names)}


def test_different_names_do_not_look_alike() -> None:
    assert look_alikes(["cat", "dog", "bus", "10", "11", "a", "as", "T-shirt", "shirt"]) == []
    assert (
        look_alikes(["c", "c++", "c#", "A", "A+", "A-", "ball", "bail", "glass", "\u043d\u043e\u0441", "left", "felt"])
        == []
    )


def test_an_error_about_a_class_says_which_other_it_looks_like() -> None:
    assert (
        taken_for("CAT", ["cat", "CAT", "dog"]) == "; is it the class 'cat'?" and taken_for("dog", ["cat", "dog"]) == ""
    )


def test_ten_thousand_names_are_compared_at_once() -> None:
    names = [f"species {number} of {number % 7}" for number in range(10_000)]
    assert look_alikes([*names, "Species 1 of 1"]) == [("species 1 of 1", "Species 1 of 1", "case")]

from keras_suite.data_pipeline.images.conversions import conversion_notes, scaling_note


def test_each_conversion_is_said_with_its_number_and_the_first_file() -> None:
    assert conversion_notes({"grey": (2, "a\n.png"), "CMYK": (1, "b.jpg")}) == (
        "1 image of mode CMYK converted (first: b.jpg)",
        "2 images in grey repeated over 3 channels (first: a\\n.png)",
    )


def test_what_became_of_more_than_8_bits_is_said() -> None:
    assert scaling_note(["b", "a"], (0, 4095)) == (
        "2 images of more than 8 bits scaled to 8, 0 as black, 4095 as white (first: a)"
    )
    assert "each from its darkest to its brightest pixel" in scaling_note(["a"], None)

"""The task "caption"."""

import numpy as np

from keras_suite.tasks.caption import CAPTION, sentence


def test_a_caption_is_right_if_it_is_one_of_the_true_ones_to_the_last_word() -> None:
    true = np.array([[[0, 2, 1, -1], [0, 3, 1, -1]]] * 3)
    given = np.array([[0, 3, 1, -1], [0, 3, 3, 1], [0, 2, -1, -1]])
    assert CAPTION.scores(true, given).tolist() == [True, False, False]


def test_a_sentence_ends_at_its_end_word_and_unknown_words_become_numbers() -> None:
    names = ("<start>", "<end>", "a", "cat")
    assert sentence(np.array([0, 2, 3, 1, 3]), names) == "a cat"
    assert sentence(np.array([0, 2, 9, -1]), names) == "a 9"


def test_a_single_reference_counts_as_the_only_true_sentence() -> None:
    assert CAPTION.to_references(np.zeros((5, 4), np.int64)).shape == (5, 1, 4)
    assert CAPTION.to_references(np.zeros((5, 3, 4), np.int64)).shape == (5, 3, 4)

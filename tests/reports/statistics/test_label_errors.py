"""How many labels are wrong, and which: beside what is known of them, on classes that are told apart or overlap."""

import numpy as np
import pytest

from keras_suite.reports.statistics.label_errors import LabelErrors, label_errors


def judged(
    seed: int, share: float, *, images: int = 2000, classes: int = 2, distance: float = 1.2
) -> tuple[LabelErrors, np.ndarray]:
    """Judge labels by the true probabilities of classes a distance apart, a share of the labels being made wrong."""
    random = np.random.default_rng(seed)
    right = random.integers(0, classes, images)
    where = random.normal(size=(images, classes))
    where[np.arange(images), right] += distance
    odds = np.exp(distance * (where - where.max(axis=1, keepdims=True)))
    of_right = odds / odds.sum(axis=1, keepdims=True)
    probabilities = (1 - share) * of_right + share / (classes - 1) * (1 - of_right)
    wrong = random.random(images) < share
    other = (right + random.integers(1, classes, images)) % classes
    return label_errors(np.where(wrong, other, right), probabilities), wrong


@pytest.mark.parametrize(("classes", "distance"), [(2, 1.2), (2, 2.5), (10, 2.5), (10, 4.0)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.1])
def test_the_interval_holds_the_number_of_wrong_labels(classes: int, distance: float, share: float) -> None:
    held = 0
    for seed in range(40):
        found, wrong = judged(seed, share, classes=classes, distance=distance)
        assert found.number is not None and found.interval is not None and not found.unsure
        held += found.interval.low <= wrong.sum() <= found.interval.high
    assert held >= 35


def test_overlapping_classes_alone_make_no_label_suspect() -> None:
    """A fifth of the labels is contradicted, since the classes overlap; all of them are right."""
    results = [judged(seed, 0.0)[0] for seed in range(40)]
    assert np.mean([(each.margins < 0).mean() for each in results]) > 0.15
    assert sum(each.interval is not None and each.interval.low > 0 for each in results) <= 2
    assert np.mean([len(each.ranked) for each in results]) < 5


def test_wrong_labels_of_distinct_classes_are_listed_and_hardly_others() -> None:
    found, wrong = judged(1, 0.1, distance=4.0)
    assert wrong[found.ranked].mean() > 0.95
    assert len(found.ranked) > 0.9 * wrong.sum()
    assert (np.diff(found.odds[found.ranked]) <= 0).all()
    assert (found.chances[found.ranked] > 0.5).all() and (found.chances[found.margins >= 0] == 0).all()


def test_chances_are_about_as_often_right_as_they_say() -> None:
    chances, wrong = [], []
    for seed in range(20):
        found, planted = judged(seed, 0.1)
        chances.append(found.chances[found.ranked])
        wrong.append(planted[found.ranked])
    assert np.concatenate(chances).mean() == pytest.approx(np.concatenate(wrong).mean(), abs=0.1)


def test_networks_that_are_unsure_of_everything_accuse_no_label() -> None:
    found, _ = judged(1, 0.0, classes=10)
    assert found.unsure and found.number is None and not len(found.ranked)


@pytest.mark.parametrize("images", [500, 2000, 8000])
@pytest.mark.parametrize("distance", [0.6, 0.8, 0.9, 1.0])
def test_networks_that_learned_little_accuse_no_label(images: int, distance: float) -> None:
    """A fifth to a third is read wrong and the probabilities are true: a line to the surest ends above 0."""
    results = [judged(seed, 0.0, images=images, distance=distance)[0] for seed in range(40)]
    assert sum(each.interval is not None and each.interval.low > 0 for each in results) <= 2


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("constant", [False, True], ids=["any_class", "one_class"])
def test_networks_that_answer_like_chance_accuse_no_label(classes: int, constant: bool) -> None:
    """However sure they are: their surest answers are contradicted as often as all others."""
    for seed in range(40):
        random = np.random.default_rng(seed)
        labels = random.integers(0, classes, 500)
        probabilities = random.dirichlet(np.full(classes, 0.3), 500)
        if constant:
            probabilities = -np.sort(-probabilities, axis=1)
        found = label_errors(labels, probabilities)
        assert found.unsure and found.number is None and not len(found.ranked)


@pytest.mark.parametrize("slope", [0.3, 0.6, 1.0])
def test_networks_that_doubt_their_surest_answers_accuse_no_label(slope: float) -> None:
    """Heads on poor features that were stopped early: less sure than they are right."""
    accused = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        labels = random.integers(0, 2, 2000)
        where = random.normal(size=2000) + np.where(labels == 1, 0.6, -0.6)
        of_one = 1 / (1 + np.exp(-slope * where))
        found = label_errors(labels, np.stack([1 - of_one, of_one], axis=1))
        accused += found.interval is not None and found.interval.low > 0
    assert accused <= 2


def test_wrong_labels_are_counted_though_smoothed_networks_doubt_everything() -> None:
    random = np.random.default_rng(2)
    right = random.integers(0, 2, 2000)
    wrong = random.random(2000) < 0.05
    sure = 0.88 + 0.02 * random.random(2000)
    probabilities = np.where(np.eye(2)[right] == 1, sure[:, None], 1 - sure[:, None])
    found = label_errors(np.where(wrong, 1 - right, right), probabilities)
    assert found.interval is not None and found.interval.low <= wrong.sum() <= found.interval.high
    assert found.interval.low > 0 and not found.unsure


def test_many_wrong_labels_of_distinct_classes_are_not_taken_for_unsure_networks() -> None:
    found, wrong = judged(1, 0.4, classes=10, distance=4.0)
    assert found.number == pytest.approx(wrong.sum(), rel=0.1)


def test_a_few_images_give_a_ranking_and_no_number() -> None:
    found = label_errors(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]))
    assert found.number is None and found.interval is None and not len(found.ranked)
    assert found.margins == pytest.approx([0.8, -0.6, 0.4])


def test_labels_that_nobody_contradicts_have_an_upper_end() -> None:
    found = label_errors(np.arange(400) % 2, np.eye(2)[np.arange(400) % 2] * 0.8 + 0.1)
    assert found.number == 0 and found.interval is not None
    assert (found.interval.low, found.interval.high) == (0, pytest.approx(24, rel=0.05))


def test_common_mistakes_come_before_rare_ones_of_equal_probabilities() -> None:
    """Of the surest answers to class 0 a fifth is labelled 1 and none 2; two less sure ones are labelled 1 and 2."""
    labels = np.array([1, 0, 0, 0, 0] * 8 + [1, 2] + [2] * 40)
    probabilities = np.array([[0.9, 0.05, 0.05]] * 40 + [[0.6, 0.2, 0.2]] * 2 + [[0.05, 0.05, 0.9]] * 40)
    odds = label_errors(labels, probabilities).odds
    assert odds[40] > 1.5 * odds[41] > 0

import numpy as np

from keras_suite.data_pipeline.inspection.copies import content_of, contents, joined_groups, linked, numbered

IMAGES = np.random.default_rng(0).integers(0, 256, (1500, 4, 4, 1), dtype=np.uint8)


def test_the_same_pixels_have_the_same_hash_wherever_they_lie() -> None:
    images = IMAGES.copy()
    images[1400] = images[3]
    hashes = contents(images)
    assert (hashes[1400] == hashes[3]).all() and len(np.unique(hashes, axis=0)) == 1499
    assert (content_of(images[3]) == hashes[3]).all()
    one, other = numbered(hashes[:10], hashes[1395:1405])
    assert one.tolist() == list(range(10)) and other[5] == 3 and len(set(other.tolist())) == 10
    assert contents(images[:0]).shape == (0, 2)


def test_groups_that_share_an_image_are_one() -> None:
    groups, numbers = np.array([5, 5, 7, 8, 8, 9]), np.array([0, 1, 1, 2, 3, 3])
    assert joined_groups(groups, numbers).tolist() == [0, 0, 0, 1, 1, 1]


def test_pairs_link_what_they_reach() -> None:
    assert linked(6, np.array([[0, 3], [4, 5], [3, 5]])).tolist()[1:3] == [1, 2]
    assert len(set(linked(6, np.array([[0, 3], [4, 5], [3, 5]]))[[0, 3, 4, 5]].tolist())) == 1
    assert linked(3, np.zeros((0, 2), np.int64)).tolist() == [0, 1, 2]

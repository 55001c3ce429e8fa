"""Which labels are probably wrong, and about how many, by probabilities of networks that did not train on the images.

A label is contradicted where another class is more probable. Contradicted labels are ranked by odds: the probability of
that other class, times how often its images get this label by mistake, over the label's own probability. A network that
learned from wrong labels gives them some probability, the more the more often a mistake is made: by the label's
probability alone ("self-confidence", cleanlab's default) commonly mistaken labels come last. How often each mistake is
made is counted among the surest answers, as in the confident joint of Northcutt, Jiang and Chuang ("Confident
learning", JAIR 2021), with the mean of all mistakes as 20 imaginary answers more.

How many are wrong is another question: of images that look like two classes many are contradicted, and rightly
labelled. Networks are unsure about those; a label that went wrong in writing it down is contradicted among the surest
answers as often as elsewhere. So the share of contradicted labels is followed from the surer half of the answers to the
surest of all, by a straight line, and what is left there is the share of wrong labels. docs/data.md has both beside
cleanlab's, on planted wrong labels.
"""

from dataclasses import dataclass, replace

import numpy as np

from keras_suite.reports.statistics.intervals import Interval

FEWEST = 40  # images: below, half of them say nothing of a share
SURER, SUREST = 0.5, 0.125  # shares of the answers of each class: of the line, and of what bounds its end
COUNTED, IMAGINARY = 0.25, 20  # of what mistakes are counted among, and answers with the mean of all mistakes
LEAST = 1e-3  # is added to a label's probability: below, networks' probabilities mean nothing
UNSURE, RISING = 0.2, 0.8  # where so many of the surer half are contradicted, and fewer by this factor at rank 0
AGREEMENT = 0.2  # Cohen's kappa of the surer half: below, the networks answer much as chance would
DOUBTING = 0.12  # where so many are, and the networks' own doubt says that they have learned little
STEEP, LOW = 0.55, 0.35  # their doubt falls by this factor to the surest, and contradictions by this one to rank 0


@dataclass(frozen=True)
class LabelErrors:
    """What probabilities say of labels.

    Attributes:
        number: About how many of the labels are wrong; None for fewer than 40 images, and if the networks are unsure.
        interval: Its 95 % interval; None where there is no number.
        margins: The probability of each label less that of the most probable other class, (n,).
        odds: What labels are ranked by, (n,); the higher, the more suspect.
        chances: How probable it is that each label is wrong, (n,); 0 where it is not contradicted.
        ranked: The labels that are more probably wrong than right, the highest odds first, int64 (k,).
        unsure: Whether the networks are wrong so often, the surer ones too, that they tell no label wrong.
    """

    number: float | None
    interval: Interval | None
    margins: np.ndarray
    odds: np.ndarray
    chances: np.ndarray
    ranked: np.ndarray
    unsure: bool = False


def label_errors(labels: np.ndarray, probabilities: np.ndarray) -> LabelErrors:
    """Judge labels int64 (n,) by out-of-sample probabilities (n, classes), means over networks where there are several.

    The number supposes that a label goes wrong without regard to how hard its image is. Where it is the hard images
    whose labels go wrong, it is too low; the ranking does not depend on it.
    """
    every = np.arange(len(labels))
    own = probabilities[every, labels]
    others = probabilities.copy()
    others[every, labels] = -np.inf
    other = others.argmax(axis=1)
    margins = own - others.max(axis=1)
    contradicted, ranks = margins < 0, _sureness_ranks(probabilities)
    odds = others.max(axis=1) * _mistakes(labels, probabilities, ranks)[other, labels] / (own + LEAST)
    nothing = LabelErrors(None, None, margins, odds, np.zeros(len(labels)), np.empty(0, np.int64))
    if len(labels) < FEWEST:
        return nothing
    surer = ranks < SURER
    if contradicted[surer].any() and _agreement(labels[surer], probabilities[surer].argmax(axis=1)) < AGREEMENT:
        return replace(nothing, unsure=True)
    share, interval = _share_at_the_surest(contradicted, ranks)
    of_half = float(contradicted[surer].mean())
    left = (share + interval.low) / 2 / max(of_half, LEAST)
    if left < RISING:
        little = _learned_little(contradicted, probabilities, ranks, left)
        if of_half > (DOUBTING if little else UNSURE):
            return replace(nothing, unsure=True)
        interval = replace(interval, low=0.0) if little else interval
    chances = np.where(contradicted, np.minimum(1.0, share / _contradicted_at(contradicted, ranks)), 0.0)
    listed = np.flatnonzero(chances > 0.5)
    of_all = Interval(interval.low * len(labels), interval.high * len(labels), interval.level)
    ranked = listed[np.argsort(-odds[listed], kind="stable")]
    return LabelErrors(share * len(labels), of_all, margins, odds, chances, ranked)


def _agreement(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Return Cohen's kappa of labels and answers: 0 as by chance, which one answer to all is, 1 where all agree."""
    classes = np.arange(max(labels.max(), predicted.max()) + 1)
    by_chance = float(np.sum((labels[:, None] == classes).mean(axis=0) * (predicted[:, None] == classes).mean(axis=0)))
    return (float((labels == predicted).mean()) - by_chance) / max(1 - by_chance, LEAST)


def _learned_little(contradicted: np.ndarray, probabilities: np.ndarray, ranks: np.ndarray, left: float) -> bool:
    """Return whether the networks' own doubt, 1 - the largest probability, accounts for contradicted sure answers.

    Either they doubt the surest more than these are contradicted, beyond chance: then some were to be expected. Or
    their doubt goes on falling to the surest, as where classes overlap, and contradictions with it: then a line through
    the surer half ends too high. Networks that learned from wrong labels doubt all images of distinct classes alike.

    Args:
        contradicted: Whether each label is.
        probabilities: Of the classes.
        ranks: Where each answer stands, 0 the surest.
        left: The share of contradicted labels at rank 0, by that of the surer half.
    """
    from scipy import stats

    surest, doubt = ranks < SUREST, 1 - probabilities.max(axis=1)
    expected = float(doubt[surest].mean())
    if stats.binom.cdf(contradicted[surest].sum(), surest.sum(), expected) < 0.01:
        return True
    return left < LOW and expected < STEEP * float(doubt[ranks < SURER].mean())


def _mistakes(labels: np.ndarray, probabilities: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return how often images of each class, in rows, get each label by mistake, (classes, classes)."""
    classes, surest = probabilities.shape[1], ranks < COUNTED
    counts = np.zeros((classes, classes))
    np.add.at(counts, (probabilities[surest].argmax(axis=1), labels[surest]), 1)
    answers = counts.sum(axis=1, keepdims=True)
    np.fill_diagonal(counts, 0)
    mean = max(float(counts.sum() / max(answers.sum(), 1)), LEAST) / (classes - 1)
    return (counts + IMAGINARY * mean) / (answers + IMAGINARY)


def _sureness_ranks(probabilities: np.ndarray) -> np.ndarray:
    """Return where each answer stands among those of its class: 0 is the surest, 1 the least sure."""
    predicted, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    ranks = np.empty(len(predicted))
    for answer in np.unique(predicted):
        rows = np.flatnonzero(predicted == answer)
        ranks[rows[np.argsort(-sureness[rows], kind="stable")]] = (np.arange(len(rows)) + 0.5) / len(rows)
    return ranks


def _share_at_the_surest(contradicted: np.ndarray, ranks: np.ndarray) -> tuple[float, Interval]:
    """Return the share of contradicted labels at rank 0, by a line through the surer half of them, and its interval.

    Its errors are White's, since shares scatter the more the nearer they are to a half. Where the share rises ever
    faster, a line ends too low, and the mean of the surest eighth is too high: the interval reaches up to what that may
    be. Where none is contradicted it is that of none in as many images as the line's end weighs.
    """
    surer = ranks < SURER
    line = np.stack([np.ones(surer.sum()), ranks[surer]], axis=1)
    start, slope, error, weight = _fitted(line, contradicted[surer].astype(float))
    if slope < 0:  # the surest would be contradicted most: that is chance, and the mean of the half tells more
        start, _, error, weight = _fitted(line[:, :1], contradicted[surer].astype(float))
    surest = contradicted[ranks < SUREST].astype(float)
    bound = surest.mean() + 1.96 * surest.std() / np.sqrt(len(surest))
    high = max(start + 1.96 * error, bound, 3 * weight)  # the last one is the rule of three
    return max(0.0, start), Interval(max(0.0, start - 1.96 * error), float(min(1.0, high)), 0.95)


def _fitted(terms: np.ndarray, seen: np.ndarray) -> tuple[float, float, float, float]:
    """Return the constant of a least squares fit, the slope or 0, the constant's standard error, and 1 / its images."""
    inverse = np.linalg.inv(terms.T @ terms)
    found = inverse @ terms.T @ seen
    off = seen - terms @ found
    error = np.sqrt((inverse @ (terms.T * off**2) @ terms @ inverse)[0, 0])
    return float(found[0]), float(found[1]) if len(found) > 1 else 0.0, float(error), float(inverse[0, 0])


def _contradicted_at(contradicted: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return the share of contradicted labels at each rank, which does not fall: by isotonic regression of bins.

    Of single labels the last ones would make a bin of their own, where the least sure happen to be contradicted.
    """
    from scipy.optimize import isotonic_regression

    bins = np.array_split(np.argsort(ranks, kind="stable"), min(20, len(ranks) // 20))
    means = np.array([contradicted[rows].mean() for rows in bins])
    levels = isotonic_regression(means, weights=[len(rows) for rows in bins]).x
    shares = np.empty(len(ranks))
    for rows, level in zip(bins, levels, strict=True):
        shares[rows] = level
    return np.maximum(shares, 1 / len(ranks))

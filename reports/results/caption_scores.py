"""How near decoded sentences come to true ones: BLEU, ROUGE-L, METEOR and CIDEr-D, over a whole set.

All take `candidates`, n sentences, and `references`, for each of them one true sentence or more; a sentence is a
sequence of words. 1 is best, for CIDEr-D 10. They are as the papers define them and, where those leave a choice, as the
code computes them that the literature on captions quotes (coco-caption):

    bleu      Papineni et al. 2002. Shares of the candidates' n-grams that stand in a reference, counted at most as
              often as there; their geometric mean for n = 1..N, less if candidates are shorter than references.
    rouge_l   Lin 2004. The longest common subsequence's share of both sentences, beta = 1.2; precision and recall are
              each of the reference that they are best for, as in coco-caption. The mean over sentences.
    meteor    Banerjee and Lavie 2005. Words matched one to one, with as few crossings as possible; recall counts 9
              times as much as precision, and many chunks cost up to a half. Only the same word matches, no stems or
              synonyms: WordNet is a download. Of the reference that is best. The mean over sentences.
    cider_d   Vedantam et al. 2015. The cosine between TF-IDF vectors of n-grams, for n = 1..4, clipped and with a
              penalty for another length; the mean over references and sentences, times 10.

No kept library has all four without Java or a download. NLTK's METEOR crosses more than it must where a word comes
twice, as "a" does in captions: it gives "a three above a seven" 0.358 for the five words in the middle of "a two and a
three above a seven and a one", which are one chunk and worth 0.479.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

Sentence = Sequence[str]
Pairs = tuple[tuple[int, int], ...]


def caption_scores(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> dict[str, float]:
    """Return all of them by name: BLEU-1 to BLEU-4, ROUGE-L, METEOR, CIDEr-D."""
    return {
        **{f"BLEU-{n}": bleu(candidates, references, n) for n in (1, 2, 3, 4)},
        "ROUGE-L": rouge_l(candidates, references),
        "METEOR": meteor(candidates, references),
        "CIDEr-D": cider_d(candidates, references),
    }


# -- BLEU --------------------------------------------------------------------------------------------------------------


def bleu(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]], n: int = 4) -> float:
    """Return BLEU of the whole set, n-grams up to `n` equally weighted; 0 if none of some length is shared."""
    _check(candidates, references)
    shares = [clipped_precision(candidates, references, size) for size in range(1, n + 1)]
    if min(shares) == 0:
        return 0.0
    length = sum(map(len, candidates))
    nearest = sum(
        min((abs(len(reference) - len(candidate)), len(reference)) for reference in of_one)[1]
        for candidate, of_one in zip(candidates, references, strict=True)
    )
    brevity = min(1.0, math.exp(1 - nearest / length))
    return brevity * math.exp(math.fsum(map(math.log, shares)) / n)


def clipped_precision(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]], size: int) -> float:
    """Return the share of all n-grams of so many words that stand in a reference, counted at most as often as there."""
    matches = total = 0
    for candidate, of_one in zip(candidates, references, strict=True):
        counts = _ngrams(candidate, size)
        most: Counter[Sentence] = Counter()
        for reference in of_one:
            most |= _ngrams(reference, size)
        matches += (counts & most).total()
        total += counts.total()
    return matches / total if total else 0.0


# -- ROUGE-L -----------------------------------------------------------------------------------------------------------


def rouge_l(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]], beta: float = 1.2) -> float:
    """Return the mean F of the longest common subsequences; recall weighs beta^2 times as much as precision."""
    _check(candidates, references)
    return _mean(_rouge_l(*pair, beta) for pair in zip(candidates, references, strict=True))


def _rouge_l(candidate: Sentence, references: Sequence[Sentence], beta: float) -> float:
    common = [longest_common(candidate, reference) for reference in references]
    if not any(common):
        return 0.0
    precision = max(common) / len(candidate)
    recall = max(length / len(reference) for length, reference in zip(common, references, strict=True) if length)
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision)


def longest_common(one: Sentence, other: Sentence) -> int:
    """Return the length of the longest common subsequence."""
    before = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for at, of_other in enumerate(other):
            row.append(before[at] + 1 if word == of_other else max(before[at + 1], row[at]))
        before = row
    return before[-1]


# -- METEOR ------------------------------------------------------------------------------------------------------------


def meteor(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> float:
    """Return the mean of each candidate's METEOR with its best reference."""
    _check(candidates, references)
    return _mean(_best_meteor(*pair) for pair in zip(candidates, references, strict=True))


def _best_meteor(candidate: Sentence, references: Sequence[Sentence]) -> float:
    means = {tuple(reference): _weighted_mean(candidate, reference) for reference in references}
    best = 0.0
    for reference, mean in sorted(means.items(), key=lambda item: -item[1]):
        if mean <= best:  # no order of its words can make up for that
            break
        pairs = aligned(candidate, reference)
        best = max(best, mean * (1 - 0.5 * (_chunks(pairs) / len(pairs)) ** 3))
    return best


def _weighted_mean(candidate: Sentence, reference: Sentence) -> float:
    """Return 10 P R / (R + 9 P) of the words in common."""
    common = (Counter(candidate) & Counter(reference)).total()
    return 10 * common / (len(candidate) + 9 * len(reference)) if common else 0.0


def aligned(candidate: Sentence, reference: Sentence) -> list[tuple[int, int]]:
    """Return places of the same word in both, ascending in the candidate: as many pairs as possible, as few crossings,
    chunks.

    Word by word of the candidate, all that may be done is kept once for each set of places in the reference that it
    uses, and the last of them. Pairs of one word never cross each other: uncrossed, they would cross no more others.
    """
    there = {word: [at for at, other in enumerate(reference) if other == word] for word in candidate}
    here = Counter(candidate)
    matches = {word: min(count, len(there[word])) for word, count in here.items()}
    ways: dict[tuple[int, int], tuple[int, int, Pairs]] = {(0, -2): (0, 0, ())}  # places as bits, and the last one
    for at, word in enumerate(candidate):
        here[word] -= 1
        extended: dict[tuple[int, int], tuple[int, int, Pairs]] = {}
        for (used, last), (crossings, chunks, pairs) in ways.items():
            taken = [place for place in there[word] if used >> place & 1]
            missing = matches[word] - len(taken)
            options = [((used, -2), (crossings, chunks, pairs))] if here[word] >= missing else []
            free = [place for place in there[word] if not taken or place > taken[-1]]
            for place in free[: len(free) - missing + 1] if missing else []:
                crossed, begun = (used >> place).bit_count(), place != last + 1
                way = (crossings + crossed, chunks + begun, (*pairs, (at, place)))
                options.append(((used | 1 << place, place), way))
            for key, way in options:
                extended[key] = min(way, extended.get(key, way))
        ways = extended
    return list(min(ways.values())[2])


def _chunks(pairs: Sequence[tuple[int, int]]) -> int:
    """Count the runs of pairs that are neighbours in both sentences."""
    return 1 + sum((one[0] + 1, one[1] + 1) != other for one, other in itertools.pairwise(pairs))


# -- CIDEr-D -----------------------------------------------------------------------------------------------------------


def cider_d(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]], sigma: float = 6.0) -> float:
    """Return the mean CIDEr-D; an n-gram is worth the less, the more of the sets of references it stands in.

    With a single set, or where every set has every n-gram, nothing is worth anything: 0.
    """
    _check(candidates, references)
    return _mean(cider_d_of_each(candidates, references, sigma))


def cider_d_of_each(
    candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]], sigma: float = 6.0
) -> list[float]:
    """Return CIDEr-D of each candidate."""
    sets: Counter[Sentence] = Counter()  # in how many of them an n-gram stands
    for of_one in references:
        sets.update({gram for reference in of_one for n in range(1, 5) for gram in _ngrams(reference, n)})
    rarity = {gram: math.log(len(references) / count) for gram, count in sets.items()}
    unseen = math.log(len(references))

    def vector(sentence: Sentence, n: int) -> dict[Sentence, float]:
        return {gram: count * rarity.get(gram, unseen) for gram, count in _ngrams(sentence, n).items()}

    def alike(candidate: Sentence, reference: Sentence) -> float:
        penalty = math.exp(-((len(candidate) - len(reference)) ** 2) / (2 * sigma**2))
        return penalty * _mean(_clipped_cosine(vector(candidate, n), vector(reference, n)) for n in range(1, 5))

    return [
        10 * _mean(alike(candidate, reference) for reference in of_one)
        for candidate, of_one in zip(candidates, references, strict=True)
    ]


def _clipped_cosine(candidate: dict[Sentence, float], reference: dict[Sentence, float]) -> float:
    lengths = math.hypot(*candidate.values()) * math.hypot(*reference.values())
    product = math.fsum(min(candidate.get(gram, 0.0), weight) * weight for gram, weight in reference.items())
    return product / lengths if lengths else 0.0


# ----------------------------------------------------------------------------------------------------------------------


def _ngrams(sentence: Sentence, size: int) -> Counter[Sentence]:
    return Counter(tuple(sentence[at : at + size]) for at in range(len(sentence) - size + 1))


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return math.fsum(numbers) / len(numbers) if numbers else 0.0


def _check(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> None:
    """Raise ValueError unless each candidate has at least one reference."""
    if len(candidates) != len(references) or not candidates:
        raise ValueError(
            f"{len(candidates)} candidates and {len(references)} lists of references were given: expected one "
            "sentence at least, and for each a list of true ones"
        )
    for at, of_one in enumerate(references):
        if not of_one:
            raise ValueError(f"candidate {at} has no reference: give one true sentence at least for each")

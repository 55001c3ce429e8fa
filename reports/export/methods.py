"""The methods paragraph of a paper: what was trained, how it was compared, and with what software."""

from collections.abc import Mapping

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.statistics.intervals import ALPHA, EXACT_UP_TO, SAMPLED_PATTERNS
from keras_suite.tasks.wording.quantities import counted, listed


def _entry(kind: str, key: str, author: str, title: str, year: int, **fields: str) -> str:
    lines = {"author": author, "title": f"{{{title}}}", **fields, "year": str(year)}
    return f"@{kind}{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items()) + "}\n"


REFERENCES = {
    "fisher1935": _entry(
        "book", "fisher1935", "Fisher, R. A.", "The Design of Experiments", 1935, publisher="Oliver and Boyd"
    ),
    "phipson2010": _entry(
        "article", "phipson2010", "Phipson, Belinda and Smyth, Gordon K.",
        "Permutation P-values Should Never Be Zero", 2010,
        journal="Statistical Applications in Genetics and Molecular Biology", volume="9", number="1",
    ),
    "holm1979": _entry(
        "article", "holm1979", "Holm, Sture", "A Simple Sequentially Rejective Multiple Test Procedure", 1979,
        journal="Scandinavian Journal of Statistics", volume="6", number="2", pages="65--70",
    ),
    "lan1983": _entry(
        "article", "lan1983", "Lan, K. K. Gordon and DeMets, David L.",
        "Discrete Sequential Boundaries for Clinical Trials", 1983,
        journal="Biometrika", volume="70", number="3", pages="659--663",
    ),
    "liu2008": _entry(
        "article", "liu2008", "Liu, Qing and Anderson, Keaven M.",
        "On Adaptive Extensions of Group Sequential Trials for Clinical Investigations", 2008,
        journal="Journal of the American Statistical Association", volume="103", number="484", pages="1621--1630",
    ),
    "jennison1989": _entry(
        "article", "jennison1989", "Jennison, Christopher and Turnbull, Bruce W.",
        "Interim Analyses: The Repeated Confidence Interval Approach", 1989,
        journal="Journal of the Royal Statistical Society, Series B", volume="51", number="3", pages="305--361",
    ),
    "owen2007": _entry(
        "article", "owen2007", "Owen, Art B.", "The Pigeonhole Bootstrap", 2007,
        journal="The Annals of Applied Statistics", volume="1", number="2", pages="386--411",
    ),
    "schuirmann1987": _entry(
        "article", "schuirmann1987", "Schuirmann, Donald J.",
        "A Comparison of the Two One-Sided Tests Procedure and the Power Approach for Assessing the Equivalence of "
        "Average Bioavailability", 1987,
        journal="Journal of Pharmacokinetics and Biopharmaceutics", volume="15", number="6", pages="657--680",
    ),
    "lachin1999": _entry(
        "article", "lachin1999", "Lachin, John M.",
        "Worst-Rank Score Analysis with Informatively Missing Observations in Clinical Trials", 1999,
        journal="Controlled Clinical Trials", volume="20", number="5", pages="408--422",
    ),
    "nadeau2003": _entry(
        "article", "nadeau2003", "Nadeau, Claude and Bengio, Yoshua", "Inference for the Generalization Error", 2003,
        journal="Machine Learning", volume="52", number="3", pages="239--281",
    ),
}  # fmt: skip


def methods(numbers: Numbers, origin: Mapping[str, str]) -> str:
    """Return the paragraph; citations are [@key] of REFERENCES.

    Args:
        numbers: What is reported.
        origin: Where the numbers come from, by the names of the report's table on that.
    """
    return " ".join(
        sentence
        for sentence in (
            _trained(numbers, origin),
            _scored(numbers),
            *([] if not numbers.pairs else [_tested(numbers), _corrected(numbers), _equivalence(numbers)]),
            _failures(numbers),
            _software(origin),
        )
        if sentence
    )


def _trained(numbers: Numbers, origin: Mapping[str, str]) -> str:
    counts = [variant.test_score.n for variant in numbers.variants]
    each = str(counts[0]) if len({*counts}) == 1 else f"{min(counts)} to {max(counts)}"
    data = f" on {origin['data']}" if "data" in origin else ""
    images = f" ({origin['images']})" if "images" in origin else ""
    once = "each in" if numbers.replicate == "fold" else "each with"
    return (
        f"{counted(len(numbers.variants), 'variant')} were trained{data}{images}, {once} {each} {numbers.replicate}s."
    )


def _scored(numbers: Numbers) -> str:
    if numbers.replicate == "fold":
        return (
            f"The score is {numbers.metric.score_label}; its intervals over folds are corrected for the training "
            "images that folds share [@nadeau2003]."
        )
    images = any(pair.images is not None for pair in numbers.pairs)
    of = "other seeds and other test images, whose variances are added [@owen2007]" if images else "other seeds"
    return f"The score is {numbers.metric.score_label}; intervals of its mean are for {of}."


def _tested(numbers: Numbers) -> str:
    if numbers.replicate == "fold":
        return "Differences, paired by fold, were tested by a t-test with the same correction."
    most = max(pair.comparison.n for pair in numbers.pairs)
    patterns = (
        "all sign patterns" if most <= EXACT_UP_TO else f"{SAMPLED_PATTERNS:,} sampled sign patterns [@phipson2010]"
    )
    images = (
        " and by a test of seeds and test images together, the larger p of which counts"
        if any(pair.images is not None for pair in numbers.pairs)
        else ""
    )
    return (
        f"Differences of runs with the same seed were tested two-sided by a sign-flip permutation test [@fisher1935] "
        f"over {patterns}{images}."
    )


def _corrected(numbers: Numbers) -> str:
    comparisons = max(pair.comparison.pairs for pair in numbers.pairs)
    looks = max((pair.comparison.looks for pair in numbers.pairs), key=len)
    over = []
    if comparisons > 1:
        over.append(f"{comparisons} comparisons (correction by Holm [@holm1979])")
    seen = f"a look at {looks[0]} {numbers.replicate}s" if len(looks) == 1 else ""
    if len(looks) > 1:
        seen = f"looks at {listed([str(n) for n in looks])} {numbers.replicate}s"
    if seen:
        over.append(f"{seen} (an error-spending function [@lan1983] that allows for further ones)")
    if not over:
        return ""
    rate = f"{100 * ALPHA:.0f} %"
    several = (
        " Of several looks the smallest adjusted p [@liu2008] and what all intervals left over [@jennison1989] count."
        if len(looks) > 1
        else ""
    )
    return (
        f"The error rate of {rate} is shared by {listed(over)}; p values and intervals are adjusted for that.{several}"
    )


def _equivalence(numbers: Numbers) -> str:
    margins = sorted({pair.comparison.margin for pair in numbers.pairs if pair.comparison.margin > 0})
    if not margins:
        return ""
    shown = listed([numbers.metric.format_difference(margin, sign=False) for margin in margins], "or")
    unit = numbers.metric.short_difference
    return (
        f"Variants are called equivalent where two one-sided tests at {100 * ALPHA:.0f} % [@schuirmann1987] show a "
        f"difference below {shown} {unit}."
    )


def _failures(numbers: Numbers) -> str:
    failed = sum(variant.count("failed") for variant in numbers.variants)
    if not failed:
        return ""
    return f"{counted(failed, 'run')} failed and counted as worse than any other [@lachin1999]."


def _software(origin: Mapping[str, str]) -> str:
    parts = [origin[key] for key in ("versions", "device", "platform") if origin.get(key)]
    commit = f" The code was that of commit {origin['commit']}." if origin.get("commit") else ""
    return (f"Software and machine: {'; '.join(parts)}." if parts else "") + commit

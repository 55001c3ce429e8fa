"""How many of the predicted classes are right, where the files themselves say which class they are of."""

from collections import Counter
from dataclasses import dataclass, field

from keras_suite.reports.statistics.image_noise import clopper_pearson
from keras_suite.tasks.classes import ACCURACY
from keras_suite.tasks.wording.quantities import counted

MOST_PAIRS = 10  # of classes that are shown


@dataclass
class ClassScore:
    """Counts of right and wrong predictions, taken one by one.

    Attributes:
        reject: The probability below which an answer is "other".
    """

    reject: float = 0.0
    right: int = 0
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    sure_right: int = 0
    sure_wrong: int = 0
    unscored: int = 0

    def add(self, label: str | None, predicted: str, probability: float) -> None:
        """Count one image: its class, None if nothing says it, and the most probable one, rejected or not."""
        if label is None:
            self.unscored += 1
            return
        is_right = label == predicted
        if is_right:
            self.right += 1
        else:
            self.wrong[label, predicted] += 1
        if probability >= self.reject:
            self.sure_right += is_right
            self.sure_wrong += not is_right

    def lines(self) -> list[str]:
        """Say the accuracy with its interval, and which classes were taken for which; nothing if no class was known."""
        count = self.right + self.wrong.total()
        if not count:
            return []
        lines = [f"accuracy {_share(self.right, count)} on {counted(count, 'image')} whose class is known"]
        if self.unscored:
            lines[0] += f"; of {self.unscored:,} more it is not"
        if self.reject:
            sure = self.sure_right + self.sure_wrong
            of_sure = f"of them {_share(self.sure_right, sure)} right" if sure else "none of them"
            lines.append(f"of a probability of {self.reject:g} or more: {sure:,} of {count:,}, {of_sure}")
        if self.wrong:
            pairs = self.wrong.most_common(MOST_PAIRS)
            more = "" if len(self.wrong) <= MOST_PAIRS else f", and {len(self.wrong) - MOST_PAIRS:,} other pairs"
            named = ", ".join(f"{label} taken for {predicted} ({times:,})" for (label, predicted), times in pairs)
            lines.append(f"wrong {self.wrong.total():,}: {named}{more}")
        return lines


def _share(hits: int, count: int) -> str:
    interval = ACCURACY.format_interval(clopper_pearson(hits, count))
    return f"{ACCURACY.format(hits / count)} (95 % interval {interval} for other images like these)"

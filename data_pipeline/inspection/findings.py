"""What an inspection says: findings, each a sentence with how many files it is about and which, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keras_suite.data_pipeline.images.problem_files import DOUBTFUL, Problem
from keras_suite.tasks.reading.files import one_line

SHOWN = 5  # examples of a finding that are kept in run.json


@dataclass(frozen=True)
class Finding:
    """Something about the data that their user should know.

    Attributes:
        kind: What it is, one word for programs, as "near_duplicates".
        text: A sentence.
        is_warning: Whether it may spoil what is measured; else it only says what was done.
        examples: Lines on single images or classes.
        doubtful: (file, reason) of each file to look at, for the table of problems.
    """

    kind: str
    text: str
    is_warning: bool = True
    examples: tuple[str, ...] = ()
    doubtful: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def in_json(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        shown = [one_line(example) for example in self.examples[:SHOWN]]
        return {
            "kind": self.kind,
            "text": self.text,
            "is_warning": self.is_warning,
            "examples": shown,
            "more": len(self.examples) - len(shown),
        }

    def in_words(self, shown: int = 3) -> str:
        """Return the sentence with its first examples."""
        if not self.examples:
            return self.text
        more = f"; and {len(self.examples) - shown:,} more" if len(self.examples) > shown else ""
        return f"{self.text}: {'; '.join(map(one_line, self.examples[:shown]))}{more}"


@dataclass(frozen=True)
class Inspection:
    """All that was found.

    Attributes:
        layout: Which layout was recognised, and by what; "" where the data have none.
        counts: By part, "train" (what trains and validates) and "test", how many images each class has.
        findings: Warnings first.
    """

    layout: str
    counts: Mapping[str, tuple[int, ...]]
    findings: tuple[Finding, ...]

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that may spoil what is measured."""
        return tuple(finding for finding in self.findings if finding.is_warning)

    def in_json(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        return {
            "layout": self.layout,
            "counts": {part: list(counts) for part, counts in self.counts.items()},
            "findings": [finding.in_json() for finding in self.findings],
        }

    def problems(self) -> list[Problem]:
        """Return the files to look at."""
        return [Problem(file, DOUBTFUL, reason) for finding in self.findings for file, reason in finding.doubtful]


def joined(findings: Sequence[Finding | None]) -> tuple[Finding, ...]:
    """Return the findings that there are, warnings first."""
    there = [finding for finding in findings if finding is not None]
    return tuple(sorted(there, key=lambda finding: not finding.is_warning))

"""`check gradients --mutants`: how many faults of the ops the check finds, and by name each that it does not."""

import functools
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from keras_suite.experiments.inspecting.gradients import Answer, table_of
from keras_suite.experiments.training import runtime
from keras_suite.models.gradient_check.mutants.mutant import Mutant
from keras_suite.models.gradient_check.mutants.suite import Outcome, all_mutants, outcomes


def mutants_answer(processes: int) -> Answer:
    """Run every mutant but those that are proven equivalent."""
    mutants = all_mutants()
    equivalent = [each for each in mutants if each.equivalent]
    others = [each for each in mutants if not each.equivalent]
    return in_words(list(outcomes(others, processes, functools.partial(runtime.start_tensorflow, 1))), equivalent)


def in_words(ended: Sequence[Outcome], equivalent: Sequence[Mutant]) -> Answer:
    """Return a table by module, a line in sum, and one for each survivor and each equivalent."""
    survivors = [outcome for outcome in ended if outcome.finding is None]
    found, silent = len(ended) - len(survivors), sum(not outcome.raised for outcome in ended if outcome.finding)
    default = sum(outcome.found_in == "default" for outcome in ended)
    shown: list[Table | Text] = [_table(ended, equivalent)]
    said = (
        f"{found} of {len(ended)} mutants are found: {default} by `check gradients`, {found - default} by --thorough "
        f"only. {silent} of them compute something else in silence, the others raise. {len(equivalent)} more are "
        "proven to compute the same."
    )
    shown.append(Text(said))
    shown += [Text(f"NOT FOUND: {outcome.mutant.name}") for outcome in survivors]
    shown += [Text(f"equivalent: {each.name} ({each.equivalent})") for each in equivalent]
    return Answer(shown, not survivors)


def _table(ended: Sequence[Outcome], equivalent: Sequence[Mutant]) -> Table:
    table = table_of("module", "mutants", "found", "of them raise", "by --thorough only", "equivalent")
    modules = sorted({outcome.mutant.module for outcome in ended} | {each.module for each in equivalent})
    for module in modules:
        own = [outcome for outcome in ended if outcome.mutant.module == module]
        same = sum(each.module == module for each in equivalent)
        counts = (
            len(own) + same,
            sum(outcome.finding is not None for outcome in own),
            sum(outcome.raised for outcome in own),
            sum(outcome.found_in == "thorough" for outcome in own),
            same,
        )
        table.add_row(module, *map(str, counts))
    return table

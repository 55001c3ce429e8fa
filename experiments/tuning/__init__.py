"""Sweeps: an oracle proposes trials, and each is an ordinary run with a run directory.

request.py       what a command requests, and the settings that identify a sweep
sweep.py         a sweep from the command to its last trial
budget.py        how many trials and epochs it may have, what they cost, what would fail in them
driver.py        which job comes next, and what is recorded when it has ended
choice.py        which oracle it has where the command names none, and why
identification.py  all that identifies a sweep, and what it begins with
front.py         the Bayesian oracle of two objectives, which looks for the front of score and cost
oracles.py       the four oracles, Hyperband's brackets, and an oracle in a sweep
bayesian.py      the Bayesian one: gaussian_process.py over axes.py; former_bayesian.py for sweeps of before
proposing.py     what oracles have in common
space.py         an experiment's `space(hp)`
space_audit.py   what it can propose, and what in it cannot be meant; steps.py for ranges in steps
starting_points.py  trials picked by hand, and those of another space
earlier_sweeps.py   what is taken over from earlier sweeps
demands.py       what a trial must reach to get further epochs (hopeless.py) and seeds (racing.py)
objective.py     the metric that is optimized, and the cost beside it
journal.py       trials, and a synced line for everything that happened to them: the memory of a sweep
progress.py      what is printed, and status.json
artifacts.py     models and checkpoints that are kept, TensorBoard's HParams
confirmation.py  the winners against the base on fresh seeds, and the sweep's optimism
open_sweep.py    a sweep in a notebook

Arrows: sweep -> identification, budget, driver, progress, artifacts -> oracles, request -> space, journal, objective.
choice, request, journal, progress and objective import no TensorFlow; what reads a sweep for its report is in
`reports/sweep/`.

    runs/<experiment>.tune/<sweep>/
        journal.jsonl                                       the only file that a sweep depends on
        status.json, trials.csv, report.html                for scripts and people
        base-<8 hex of identity>/seed-<n>/                  run directories; none looks at the test set
        trial-<number>-<8 hex of identity>/seed-<n>/
"""

"""Sweeps: KerasTuner's oracles propose trials, and each is an ordinary run with a run directory.

asked.py         what a command asks for
sweep.py         a sweep from the command to its last trial
budget.py        how many trials and epochs it may have
preview.py       what it is going to do and to cost, and what would fail in it
brackets.py      Hyperband's rounds, and which trials can still be promoted
disk.py          frees what nothing can need any more
confirm.py       the winners against the base on fresh seeds, and the sweep's optimism
driver.py        which job comes next, and what is noted when it has ended
proposer.py      asks an oracle for trials and tells it how they ended
oracles.py       the four oracles, without their files, their printing and their own limit on failures
space.py         what an experiment's `space(hp)` can ask for
terms.py         what must stay as it was for a sweep to go on
objective.py     which number is to become best
telling.py       what it says of itself on the terminal and in its status
boards.py        what TensorBoard shows of the trials
journal.py       what was proposed and what ended, a synced line for each: the memory of a sweep
status.py        how far it is, as status.json and in words

Arrows: sweep -> preview, telling -> budget, driver -> proposer -> oracles, space; all -> journal, objective. terms,
objective, journal and status import no TensorFlow; what reads a sweep for its report is in `reports/sweep/`.

    runs/<experiment>.tune/<sweep>/
        journal.jsonl                                       the only file that a sweep depends on
        status.json, trials.csv, report.html                what it says, for scripts and people
        base-<8 hex of identity>/seed-<n>/                  run directories; none looks at the test set
        trial-<number>-<8 hex of identity>/seed-<n>/
"""

"""Sweeps as their files tell of them: journal and run directories -> numbers -> tables -> the page of a sweep.

events.py           the journal's lines
reading.py          a sweep's folder, read: trials, base, runs, how far it is
hyperparameters.py  the space, and values on its scales
trials_table.py     trials.csv: a row for each trial and seed
confirmation.py     the winners on fresh seeds, and what the sweep had promised
expected_best.py    how good the best of fewer trials would have been
importance.py       which hyperparameters made the difference
edges.py            where the best trials crowd at the end of a range
rungs.py            Hyperband's brackets as they were run
answer.py           the one-sentence answer
commands.py         what repeats the sweep, goes on with it, and trains its best
tables.py           the page's tables
wording.py          scores in words
page.py             report.html
console.py          the same for the terminal

`experiments/tuning/` makes sweeps. Nothing here imports TensorFlow or KerasTuner.
"""

"""Reports of sweeps: journal and run directories -> numbers -> tables -> the page of a sweep.

journal.py          the journal's events, and trials.csv: a row for each trial and seed
reading.py          a sweep's folder: trials, base, runs, progress
hyperparameters.py  the space, and values on its scales
confirmation.py     the winners on fresh seeds, and how optimistic the sweep was
expected_best.py    how good the best of fewer trials would have been
importance.py       which hyperparameters made the difference, and where the best trials are at the end of a range
costs.py            what trials cost, and who is beaten in score and cost at once
pareto.py           what a better score costs: fronts, and which trial of them to take
front_in_words.py   the front of a sweep of two objectives, in words and as a table
rungs.py            Hyperband's brackets
answer.py           the one-sentence answer, and the commands that repeat the sweep, resume it and train its best
tables.py           the page's tables
wording.py          scores in words
page.py             report.html, and the summary in the terminal

`experiments/tuning/` runs sweeps. Nothing here imports TensorFlow or KerasTuner.
"""

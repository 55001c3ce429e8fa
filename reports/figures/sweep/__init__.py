"""Pictures of a sweep.

scores.py           how scores are drawn in all of them: which are in view, how trials, seeds and failures look
over_trials.py      every trial in its order, the best so far, and the base
expected_best.py    how good the best of fewer trials would have been
importance.py       which hyperparameters made the difference
parallel.py         all hyperparameters of all trials at once
hyperparameter.py   scores over the values of one hyperparameter
rungs.py            Hyperband's trials from rung to rung
curves.py           every trial while it trained
"""

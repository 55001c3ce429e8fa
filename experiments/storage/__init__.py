"""What lies in a runs folder: whether it is whole, how much room it takes, and what is removed or made again.

verification.py    every file that `run` and `tune` keep, checked
repair.py          what is done about each kind of fault
retraining.py      a damaged run, trained again to the same bits
disk_use.py        sizes and states, and what pruning would remove
"""

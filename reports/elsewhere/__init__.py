"""Runs that other code trained, of which only scores or answers are known: read from a table, compared as our own are.

told.py     what a user says of the scores: the metric, its direction and unit
columns.py  the columns of the table, cell by cell
pairing.py  what runs must have in common: the same seeds or folds for each variant
table.py    the table as runs: none twice, none missing, all on the same images
numbers.py  the numbers of a report, for reports/results and reports/page
"""

"""Runs of scripts that call Keras's `model.fit` themselves, recorded as run directories that `report` compares.

record_run.py   the callback, which is all that a script names
held_out.py     the test images and labels, read in batches, and what tells them from others
outputs.py      what a model's outputs are, logits or probabilities, and the probabilities
facts.py        what a model says of itself: loss, optimizer, size
folder.py       the experiment's folder: what may be recorded in it
"""

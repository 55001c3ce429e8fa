"""Images and what is to be predicted of them, given as arrays: checked, and put together as a dataset.

names.py     which array is which, by the names that people give them
pixels.py    numbers as grey levels 0..255
labels.py    numbers, names or one-hot rows as classes
targets.py   angles, directions and masks
assembly.py  all of it as a `Dataset`, with a test set drawn where none was given
returned.py  what a function returned: which of the forms that it may have
passes.py    batches or single images, gone over once
finished.py  a `Dataset` that a function returned
"""

"""Parts of a Config that are a user's own functions and classes, from their names to what is trained.

names.py             "file.py:function", and the name of a function that was given as itself
sources.py           the files that a part is made of, and the fingerprint of their source
modules.py           those files, imported
parts.py             a part, located and loaded
options.py           what it is passed, and its options, from its signature
metrics.py           own metrics: names that others have, and all that reports need of them
building.py          the network, loss, callback … that it returns
networks.py          a network as it is trained, checked; randomness.py refuses draws that no checkpoint could continue
augmentation.py      an augmentation, made repeatable
returned_values.py   what the functions of an experiment's file returned, checked
kept_source.py       the copy of the source in a run directory, and its signature
trust.py             saved models that need that source: whether it may be run
"""

"""`watch`: a page over the runs and sweeps of a folder while they go on. Reads only, and imports no TensorFlow.

readings      runs as they are just now: those that are being written keep what was read of them before
experiments   an experiment's runs: how far they are, what is left, decided or open
sweeps        a sweep's trials
verdicts      decided or open, without a look of its own
snapshot      all of a folder, as JSON
server        the page and the JSON, on this machine only
"""

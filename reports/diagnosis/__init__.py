"""Diagnose a run from its history.csv, diagnosis.csv, evidence.csv and validation.npz.

    phase_history     what a rule reads: the epochs and probes of a run's last phase
    wrong_answers     where the labels stand that a network contradicts
    rules             all rules in the order of cause: title, advice, function; and which a variant is told
    data              images all alike, inputs not scaled, wrong labels, probabilities instead of logits
    layers            initial weights, exploding and vanishing gradients, dead units, saturated activations
    rates             steps far too large, swinging, steps far too small
    curves            penalties and dropout, learning rate cut too late or never, too few epochs, over- and underfitting
    score             how often the first advice is right: docs/diagnosis.md

A rule returns its evidence with the measured numbers, or None. The limits are rules of thumb, each with its reason
where it is defined; a healthy run breaks none.
"""

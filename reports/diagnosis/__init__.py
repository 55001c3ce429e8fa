"""Diagnose a run from its history.csv and diagnosis.csv.

    phase_history     what a rule reads: the epochs and probes of a run's last phase
    rules             all rules: title, advice, function; and which variants break them
    curves            slow, oscillating, overfitting, underfitting; learning rate cut too late, never, stopped too early
    layers            exploding and vanishing gradients, dead units, saturated activations

A rule returns its evidence with the measured numbers, or None. The limits are rules of thumb, each with its reason
where it is defined; a healthy run breaks none.
"""

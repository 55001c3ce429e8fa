"""What ails a run, by its history and its diagnosis.csv.

    course            what a rule looks at: epochs and looks into the network of the last phase
    rules             the table of all rules: title, advice, function
    gradients         exploding, vanishing
    loss              slow, oscillating, overfitting, underfitting
    learning_rate     cut too late, never cut, stopped too early
    units             dead, saturated

A rule gives the evidence in numbers, or None. The limits are rules of thumb, each with its reason where it stands; a
run that is healthy by all of them has nothing said of it.
"""

"""`model.layers="fastest"`: Keras's layers and hand-derived ones are timed once for an experiment, before its plan.

From then on the choice is data: layers.json in the experiment's folder holds it with what was measured, and each run's
Config holds the kinds of layers themselves. So they are part of its identity, and workers, a resumed run and whoever
loads its model need no measurement.
"""

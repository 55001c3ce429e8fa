"""Thin Keras layers over the hand-derived ops: weights, configuration and a one-line call; the maths is in models/ops.

They take Keras's own argument names and, like every Keras layer, any images (batch, height, width, channels).
"""

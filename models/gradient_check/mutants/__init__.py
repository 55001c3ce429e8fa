"""Faults of the hand-derived ops, as the proof that the check finds faults."""

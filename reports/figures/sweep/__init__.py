"""Figures of a sweep, see reports/sweep/."""

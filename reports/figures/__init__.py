"""Figures of the reports: numbers in, matplotlib Figures out; svg.py writes them to files."""

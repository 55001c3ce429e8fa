"""The report's pictures: numbers in, matplotlib Figures out. Nothing here reads or writes a file."""

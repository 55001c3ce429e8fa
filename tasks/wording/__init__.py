"""Names, numbers and durations as messages, tables and pages spell them."""

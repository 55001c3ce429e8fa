"""The model card: what a trained classifier is for, how good it is, and what measurably damages its answers.

corruptions.py damages images; robustness.py asks the network about them; licence.py knows whose weights it began with;
card.py puts it together. What the card says of the run itself, and its page, are in reports/.
"""

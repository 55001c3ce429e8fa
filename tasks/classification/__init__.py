"""What is computed of the probabilities of all classes, beside whether the most probable one is right."""

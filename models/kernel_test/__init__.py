"""Kernels are tested before they are trusted: TensorFlow's convolutions, on the shapes of a network."""

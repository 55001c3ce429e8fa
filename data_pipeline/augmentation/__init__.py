"""Random changes of training images. Every draw is a pure function of (seed, epoch, sample index, what is drawn)."""

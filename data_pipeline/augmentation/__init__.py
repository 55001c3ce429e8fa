"""Random changes of training images. Every number is a pure function of (seed, epoch, image index, purpose)."""

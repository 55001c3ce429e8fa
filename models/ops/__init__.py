"""Forward and backward passes written out from their mathematics: pure functions on tensors, NHWC. See README.md."""

"""`graph`: an expression as a computational graph, values forward, gradients backward, step by step."""

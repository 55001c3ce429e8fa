"""Networks: images as float32 pixels 0..255 in, logits in float32 out. `models.NETWORKS` names them.

A builder's first three arguments are input_shape, (height, width, channels) of the images; classes, the number of
logits; and seed, of the initial weights and the dropout masks. Its docstring tells where they mean something else.
"""

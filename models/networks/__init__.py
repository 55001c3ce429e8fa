"""Networks: images as float32 pixels 0..255 in, logits in float32 out. `models.NETWORKS` names them."""

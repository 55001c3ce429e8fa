"""Classes of very different sizes: rare ones shown more often, or weighed more in the loss."""

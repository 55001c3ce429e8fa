"""What is inside a trained network: computed from a run's model, drawn as pictures. Nothing here changes a run.

network.py        the model of a run (or of any .keras file) as images -> logits, with its class names
calls.py          what an image becomes on its way through the network, models inside the model opened
shown_images.py   the images that are looked at: files, or the test images that the run got most confidently wrong
panels.py         images in rows and columns on one figure
filters.py        the kernels of the first layer
features.py       feature maps along the network
gradcam.py        where an image speaks for a class, by gradients
occlusion.py      where an image speaks for a class, by covering it
landscape.py      the loss around the weights that a run ended with
rate_range.py     the loss while the learning rate rises: the range test behind `find-lr`
"""

"""What is inside a trained network: computed from a run's model and plotted. Nothing here changes a run.

predict.py               what a run predicts of image files
network.py               the model of a run (or of any .keras file), and every layer call of it
images.py                the images that are inspected, and figures of them
filters_and_features.py  the kernels of the first layer, and feature maps along the network
saliency.py              Grad-CAM and occlusion
landscape.py             the loss around the weights that a run ended with
rate_range.py            the learning-rate range test behind `find-lr`
layer_table.py           `shapes`: output shapes, parameters, receptive fields, multiply-adds
gradients.py             `check gradients`
mutants.py               `check gradients --mutants`
training_checks.py       `check training`, as a table in training_answer.py; checked_experiment.py is what it is given
"""

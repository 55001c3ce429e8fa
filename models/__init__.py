"""Table of contents: networks, losses, optimizers, learning-rate schedules and training phases, by name.

Each value is "module:function"; nothing is imported before it is used. A new part is one new function and one line
here.
"""

NETWORKS = {
    "mnist_demo_net": "keras_suite.models.networks.mnist_demo_net:mnist_demo_net",
    "mnist_manual_net": "keras_suite.models.networks.mnist_demo_net:mnist_manual_net",
    "scratch_cnn": "keras_suite.models.networks.scratch_cnn:scratch_cnn",
    "pattern_cnn": "keras_suite.models.networks.pattern_cnn:pattern_cnn",
    "mobile_cnn": "keras_suite.models.networks.mobile_cnn:mobile_cnn",
    "vit": "keras_suite.models.networks.vit:vit",
    "whitened_cnn": "keras_suite.models.networks.whitened_cnn:whitened_cnn",
    "clip_cnn": "keras_suite.models.networks.clip_cnn:clip_cnn",
    "captioner": "keras_suite.models.networks.captioner:captioner",
    "alexnet": "keras_suite.models.networks.alexnet:alexnet",
    "vgg": "keras_suite.models.networks.vgg:vgg",
    "vgg16": "keras_suite.models.networks.applications:vgg16",
    "resnet50": "keras_suite.models.networks.applications:resnet50",
    "mobilenet_v2": "keras_suite.models.networks.applications:mobilenet_v2",
    "efficientnet_v2_b0": "keras_suite.models.networks.applications:efficientnet_v2_b0",
    "efficientnet_lite0": "keras_suite.models.networks.applications:efficientnet_lite0",
    "efficientnet_lite1": "keras_suite.models.networks.applications:efficientnet_lite1",
    "efficientnet_lite2": "keras_suite.models.networks.applications:efficientnet_lite2",
    "mlp": "keras_suite.models.networks.mlp:mlp",
    "autoencoder": "keras_suite.models.networks.autoencoder:autoencoder",
    "segmenter": "keras_suite.models.networks.segmenter:segmenter",
}

LOSSES = {
    "cross_entropy": "keras_suite.models.losses:cross_entropy",
    "mse": "keras_suite.models.losses:mse",
    "hinge": "keras_suite.models.losses:hinge",
    "kl": "keras_suite.models.losses:kl",
    "squared_error": "keras_suite.models.losses:squared_error",
    "absolute_error": "keras_suite.models.losses:absolute_error",
    "huber": "keras_suite.models.losses:huber",
    "cosine_distance": "keras_suite.models.losses:cosine_distance",
}

# Losses that mean something for labels between the classes, which mixup and cutmix make.
SOFT_LABEL_LOSSES = frozenset({"cross_entropy", "mse", "kl"})

OPTIMIZERS = {
    "sgd": "keras_suite.models.optimizers:sgd",
    "momentum": "keras_suite.models.optimizers:momentum",
    "rmsprop": "keras_suite.models.optimizers:rmsprop",
    "adagrad": "keras_suite.models.optimizers:adagrad",
    "adadelta": "keras_suite.models.optimizers:adadelta",
    "adam": "keras_suite.models.optimizers:adam",
    "adamw": "keras_suite.models.optimizers:adamw",
}

SCHEDULES = {
    "constant": "keras_suite.models.optimizers:constant",
    "cosine": "keras_suite.models.optimizers:cosine",
    "one_cycle": "keras_suite.models.optimizers:one_cycle",
}

PHASES = {
    "head": "keras_suite.models.transfer.phases:head",
    "last_blocks": "keras_suite.models.transfer.phases:last_blocks",
    "from_layer": "keras_suite.models.transfer.phases:from_layer",
    "whole": "keras_suite.models.transfer.phases:whole",
}

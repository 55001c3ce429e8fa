"""Table of contents: networks, losses, optimizers, learning-rate schedules and training phases, by name.

Each value is "module:function"; nothing is imported before it is asked for. A new part is one new function and one
line here.
"""

NETWORKS = {
    "mnist_demo_net": "models.networks.mnist_demo_net:mnist_demo_net",
    "mnist_manual_net": "models.networks.mnist_manual_net:mnist_manual_net",
    "scratch_cnn": "models.networks.scratch_cnn:scratch_cnn",
    "pattern_cnn": "models.networks.pattern_cnn:pattern_cnn",
    "clip_cnn": "models.networks.clip_cnn:clip_cnn",
    "captioner": "models.networks.captioner:captioner",
    "alexnet": "models.networks.alexnet:alexnet",
    "vgg": "models.networks.vgg:vgg",
    "vgg16": "models.networks.applications:vgg16",
    "resnet50": "models.networks.applications:resnet50",
    "mobilenet_v2": "models.networks.applications:mobilenet_v2",
    "efficientnet_v2_b0": "models.networks.applications:efficientnet_v2_b0",
    "mlp": "models.networks.mlp:mlp",
    "autoencoder": "models.networks.autoencoder:autoencoder",
    "segmenter": "models.networks.segmenter:segmenter",
}

LOSSES = {
    "cross_entropy": "models.losses:cross_entropy",
    "mse": "models.losses:mse",
    "hinge": "models.losses:hinge",
    "kl": "models.losses:kl",
    "squared_error": "models.losses:squared_error",
    "absolute_error": "models.losses:absolute_error",
    "huber": "models.losses:huber",
    "cosine_distance": "models.losses:cosine_distance",
}

# What each task (see data_pipeline/targets.py) can be trained with.
LOSSES_OF = {
    "classes": ("cross_entropy", "mse", "hinge", "kl"),
    "angle": ("squared_error", "absolute_error", "huber"),
    "direction": ("squared_error", "absolute_error", "huber", "cosine_distance"),
    "image": ("squared_error", "absolute_error", "huber"),
    "mask": ("cross_entropy",),
    "caption": ("cross_entropy",),
}

# Losses that mean something for labels between the classes, which mixup and cutmix make.
SOFT_LABEL_LOSSES = frozenset({"cross_entropy", "mse", "kl"})

OPTIMIZERS = {
    "sgd": "models.optimizers:sgd",
    "momentum": "models.optimizers:momentum",
    "rmsprop": "models.optimizers:rmsprop",
    "adagrad": "models.optimizers:adagrad",
    "adadelta": "models.optimizers:adadelta",
    "adam": "models.optimizers:adam",
    "adamw": "models.optimizers:adamw",
}

SCHEDULES = {
    "constant": "models.schedules:constant",
    "cosine": "models.schedules:cosine",
    "one_cycle": "models.schedules:one_cycle",
}

PHASES = {
    "head": "models.phases:head",
    "last_blocks": "models.phases:last_blocks",
    "from_layer": "models.phases:from_layer",
    "whole": "models.phases:whole",
}

"""Which way of training reads a few hundred photographs of your own best?

    keras-suite run cifar10_pretrain
    keras-suite run photo_transfer --set dataset.path=photos

Four ways to train one network: from scratch; the head alone, on frozen features; then also the last block; then also
everything. It starts from VGG16's ImageNet weights where `keras-suite weights vgg16` has put them into
Keras's cache, else from `cifar10_pretrain`. `photos` is a folder with a subfolder for each class; without --set it is
the dogs and cats, of which `dogs_vs_cats_transfer` compares the same four ways at three sizes of the training set.

Measured there on 1,600 photographs, from `cifar10_pretrain` (9 seeds; 28 runs of that kind are 65 minutes on one of 2
busy cores): scratch 77.27 %, frozen 83.62 %, last_block 84.49 %, all 87.82 %. Frozen ImageNet features of
EfficientNet-Lite0, which are installed with the suite, read 94.53 % (`imagenet_transfer`, 3 seeds): `classify photos`
makes a model of them.
"""

from keras_suite.experiments.config import Config, Experiment, Part, use
from keras_suite.models.transfer.imagenet_weights import has_imagenet

HEAD = use("head", cached_views=4)
WAYS: dict[str, tuple[Part, ...]] = {
    "scratch": (),
    "frozen": (HEAD,),
    "last_block": (HEAD, use("last_blocks", epochs=20, learning_rate=2e-4)),
    "all": (HEAD, use("whole", epochs=20, learning_rate=2e-4)),
}


def pretrained() -> tuple[Part, int]:
    """Return the network to start from, and the side of the images that suits it."""
    if has_imagenet("vgg16"):
        return use("vgg16", weights="imagenet"), 128
    return use("vgg", width=0.25, batch_normalization="before_activation", weights="run:cifar10_pretrain"), 48


MODEL, SIDE = pretrained()

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[SIDE, SIDE], validation_fraction=0.2),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        model=MODEL,
        optimizer=use("adam", learning_rate=1e-3),
        callbacks=(use("early_stopping", patience=10),),
        batch_size=32,
        epochs=40,
    ),
    variants={way: {"phases": phases} if phases else {"model.weights": "random"} for way, phases in WAYS.items()},
    seeds=8,
)

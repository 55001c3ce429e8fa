"""What cannot be said with --set."""

import json

from tests.end_to_end.bad_inputs.row import setting

WHOLE = "expected a whole number from 1 up"
NOT_WHOLE = ("0", "-1", "2.5", "true", "false", "null", '"3"', "x", "[3]", "{}", "NaN", "Infinity", "-1e9", "")
SETTINGS = [
    *(setting(f"{key}={value}", f"{key}=") for key in ("epochs", "batch_size") for value in NOT_WHOLE),
    *(
        setting(f"{key}={value}", "at most 1,000,000")
        for key in ("epochs", "batch_size")
        for value in (10**6 + 1, 10**30)
    ),
    setting("epochs=" + "1" * 5000, "a number of 5,000 digits"),
    setting("model=" + "[" * 100_000, "nested too deeply"),
    setting("model.units=" + "[" * 100_000, "nested too deeply"),
    setting("model.units=" + "[" * 40 + "]" * 40, "nested more than 16 deep"),
    *(setting(f"dataset.folds={value}", "from 2 up") for value in ("0", "1", "-3", "x", "true", "2.5", "[2]", '"5"')),
    setting("dataset.folds={}", "folds={} is a dict"),
    *(setting(f"dataset.limit={value}", "limit") for value in ("0", "-5", "x", "[]", "3", "1e9", "10" * 20, "2.5")),
    *(setting(f"dataset.test_limit={value}", "test_limit") for value in ("0", "-5", "x", "[]", "3", "1e9", "2.5")),
    *(
        setting(f"dataset.image_size={value}", "image_size")
        for value in ("5", "[8]", "[8,8,8]", "[0,8]", "x", "[1.5,2]")
    ),
    *(setting(f"dataset.image_size=[{side},{side}]", "image_size") for side in (10**6, 4097, 10**30, -1)),
    *(
        setting(f"dataset.classes={value}", "class")
        for value in ("5", "[]", "[1]", '["a","b"]', "[1,1]", "[0,99]", "x")
    ),
    *(
        setting(f"dataset.validation_fraction={value}", "fraction")
        for value in ("0", "1", "-1", "2", "x", "[]", "null")
    ),
    *(setting(f"dataset.label_noise={value}", "label_noise") for value in ("-1", "1", "x", "[]")),
    *(setting(f"dataset.task={value}", "task") for value in ("x", "5", "[]")),
    *(
        setting(f"model.units={value}", "units")
        for value in ("[-1]", "[0]", '"a"', "[[1]]", "1e400", "NaN", "null", "true!")
    ),
    *(setting(f"model.units=[{count}]", "of memory") for count in (10**12, 10**9, 10**15)),
    setting("model.units=" + json.dumps([8] * 101), "at most 100"),
    *(setting(f"model.dropout={value}", "dropout") for value in ("1", "1.5", "-0.1", "x", "[]", "null", "NaN")),
    *(setting(f"model.activation={value}", "activation") for value in ("reluu", "5", "null", "[]", "x" * 20_000)),
    *(setting(f"model.l2={value}", "l2") for value in ("-1", "x", "1e999")),
    *(
        setting(f"optimizer.learning_rate={value}", "learning_rate")
        for value in ("0", "-1", "x", "[]", "null", "1e400")
    ),
    *(setting(f"augmentation.rotation={value}", "rotation") for value in ("-1", "181", "x", "[]")),
    *(
        setting(f"augmentation.{name}=x", name)
        for name in ("brightness", "contrast", "mixup", "cutmix", "crop", "shear")
    ),
    *(setting(f"loss.label_smoothing={value}", "label_smoothing") for value in ("1", "-1", "x")),
    *(
        setting(f"{name}={value}", f"{name}=")
        for name in ("class_weight", "sampling")
        for value in ("bal", "5", "[1,2]", "null", "{}", "true")
    ),
    *(setting(f"precision={value}", "unknown precision") for value in ("float8", "5", "[1]", "null", "{}", "")),
    *(
        setting(f"{part}={value}", "is no part")
        for part in ("model", "loss", "optimizer")
        for value in ("5", "null", "[]")
    ),
    *(
        setting(f"{part}=nothing", "unknown")
        for part in ("model", "dataset", "loss", "optimizer", "schedule", "augmentation")
    ),
    *(setting(f"augmentation={value}", "without options augments nothing") for value in ("null", "none", "false")),
    *(setting(f"schedule={value}", "keeps the learning rate") for value in ("null", "None", "off")),
    *(
        setting(f"{part}.name={value}", f"use({value})")
        for part in ("model", "dataset", "loss")
        for value in ("5", "[]")
    ),
    *(setting(f"{part}.nothing=1", "unknown option 'nothing'") for part in ("model", "dataset", "loss", "optimizer")),
    setting('model={"name":"mlp","options":5}', "the options of 'mlp' are 5"),
    setting('model={"name":"mlp","options":null}', "the options of 'mlp' are None"),
    setting('model={"name":"mlp","options":[1]}', "the options of 'mlp' are [1]"),
    setting('model={"name":"mlp","more":1}', "is no part"),
    setting('model={"options":{}}', "is no part"),
    *(
        setting(f"{key}={value}", key)
        for key in ("callbacks", "phases", "metrics")
        for value in ("5", "null", "x", "{}", "[5]", "[[]]")
    ),
    setting('callbacks=["early_stopping","early_stopping"]', "twice"),
    setting('callbacks=["early_stoping"]', "did you mean 'early_stopping'"),
    setting('callbacks=[{"name":"early_stopping","options":{"patience":-1}}]', "patience"),
    setting('phases=["head"]', "has no backbone"),
    setting("callbacks.early_stopping=3", "leads nowhere"),
    setting("callbacks.early_stopping.patience=3", "holds no 'early_stopping'"),
    *(
        setting(f"{key}=1", "unknown setting")
        for key in (".", "a..b", "__class__", "seeds", "variants", "units", " epochs")
    ),
    *(setting(f"{key}=1", "leads nowhere") for key in ("model.units.x", "epochs.x", "model.a.b.c", "callbacks.x")),
    *(setting(text, "write key=value") for text in ("", "epochs", "=3", "=", "epochs:3")),
    setting("model.=1", "unknown option ''"),
    setting("schedule.name=cosin", "did you mean 'cosine'"),
]

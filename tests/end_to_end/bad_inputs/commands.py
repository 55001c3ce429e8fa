"""Words of commands, folders and run directories that cannot be."""

from tests.end_to_end.bad_inputs.row import Row, words


def own_op(forward: str, backward: str, said: str, *more: str) -> Row:
    """`check gradients` of a user's op."""
    text = f"def my_op_forward(x):\n    {forward}\ndef my_op_backward(dy, cache):\n    {backward}\n"
    return Row(("check", "gradients", "mine.py:my_op", *more), said, {"mine.py": text})


COMMANDS = [
    words("nothing", said="no such command 'nothing'"),
    words("rum", said="'run'"),
    words("--nothing", said="no such option: --nothing"),
    *(words(name, said="missing argument") for name in ("run", "tune", "show", "predict", "data", "find-lr", "shapes")),
    words("card", said="missing argument"),
    words("card", "mine.py", said="mine.py lies in no run directory"),
    words("export", "--to", "litert", said="missing argument"),
    words("export", "mine.py", said="missing option '--to'"),
    words("export", "mine.py", "--to", "tflite", said="'tflite' is not one of 'litert', 'onnx', 'savedmodel'"),
    words("export", "mine.py", "--to", "litert", "--margin", "-1", said="'--margin'"),
    words("export", "mine.py", "--to", "onnx", "--int8", said="--int8 goes with --to litert"),
    words("export", "mine.py", "--to", "litert", said="mine.py lies in no run directory"),
    *(
        words(name, "mine.py", "--nothing", said="no such option: --nothing")
        for name in ("run", "tune", "show", "data")
    ),
    *(
        words("run", "mine.py", f"--{name}", said="requires an argument")
        for name in ("seeds", "set", "runs-dir", "folds")
    ),
    *(words("run", "mine.py", "--seeds", value, said="'--seeds'") for value in ("0", "-1", "x", "2.5", "", "1e3")),
    *(
        words("run", "mine.py", "--seeds", value, said="at most --seeds 20000")
        for value in ("20001", "1000000", "9" * 18)
    ),
    *(words("run", "mine.py", "--folds", value, said="'--folds'") for value in ("0", "1", "-2", "x")),
    words("run", "mine.py", "--folds", "5", "--seeds", "7", said="give a multiple of 5"),
    words("run", "mine.py", "--folds", "999999", said="--seeds"),
    *(words("run", "mine.py", "--workers", value, said="'--workers'") for value in ("0", "-1", "x")),
    *(words("run", "mine.py", "--threads", value, said="'--threads'") for value in ("0", "-1", "x")),
    *(words("run", "mine.py", "--job-timeout", value, said="'--job-timeout'") for value in ("0", "-1", "x")),
    *(words("run", "mine.py", "--checkpoint-seconds", value, said="'--checkpoint-seconds'") for value in ("-1", "x")),
    *(words("run", "mine.py", "--variant", value, said="unknown variant") for value in ("nothing", "", "bas")),
    words("run", "mine.py", "--scheduler", "tcp://x:1", "--workers", "2", said="leave out one"),
    words("run", "mine.py", "other.py", said="unexpected extra argument"),
    *(
        words("tune", "mine.py", f"--{name}", "x", said=f"'--{name}'")
        for name in ("trials", "seeds", "keep", "confirm")
    ),
    *(words("tune", "mine.py", "--trials", value, said="'--trials'") for value in ("0", "-1", "100000")),
    *(words("data", "mine.py", "--seed", value, said="'--seed'") for value in ("0", "x")),
    words("data", "mine.py", "--variant", "nothing", said="unknown variant 'nothing'"),
    words("find-lr", "mine.py", "--lowest", "1", "--highest", "0.1", said="0 < lowest < highest"),
    words("find-lr", "mine.py", "--highest", "nan", said="0 < lowest < highest"),
    words("find-lr", "mine.py", "--steps", "1", said="'--steps'"),
    words("show", "digit_demo", said="did you mean 'digits_demo'"),
    words("show", "", said="unknown experiment ''"),
    words("report", "nowhere", said="nowhere"),
    words("report", "--margin", "-1", said="--margin -1"),
    words("report", "--margin", "nan", said="--margin nan"),
    words("report", "mine.py", said="mine.py"),
    words("shapes", "nothing", said="unknown model 'nothing'"),
    *(words("shapes", "mlp", "--input", value, said="--input") for value in ("28", "0x0x0", "axbxc", "-1x2x3", "1x1")),
    words("shapes", "mlp", "--input", "8x8x1", "--set", "model.units=[1000000000000]", said="not fit into memory"),
    words("shapes", "mlp", "--input", "8x8x1", "--set", "epochs=3", said="expected an option of the model"),
    words("check", "gradients", "--op", "a", "--model", "b", said="give one of them"),
    words("check", "gradients", "--cases", "0", said="'--cases'"),
    words("check", "gradients", "conv2d", said="one of the suite is given as --op conv2d"),
    words("check", "gradients", "nowhere.py:f", said="there is no file nowhere.py"),
    words("check", "gradients", "mine.py:f", "--op", "relu", said="give one of them"),
    words("check", "gradients", "--shapes", "4x5", said="--shapes is of an op of your own"),
    words("check", "gradients", "--set", "stride=2", said="--set is of an op of your own"),
    *(
        own_op("return x * 2, x", "return dy * 2", said, *more)
        for said, more in (
            ("--shapes '4xx5' is not possible", ("--shapes", "4xx5")),
            ("--shapes has 2 in it", ("--shapes", "4x5,5")),
            ("give at most 1,000,000", ("--shapes", "1000000x1000000")),
            ("unknown option 'stride'", ("--set", "stride=2")),
            ("unknown tensor 'y'", ("--constant", "y")),
        )
    ),
    own_op("return x", "return dy", "mine.py line 1: my_op_forward(x) returned one tensor: expected (y, cache)"),
    own_op("return 1 / 0", "return dy", "mine.py line 2: my_op_forward(x) failed: ZeroDivisionError"),
    own_op("return x, x", "return dy, dy", "my_op_backward(dy, cache) returned 2 gradients for 1 tensors (x)"),
    own_op("return x, x", "raise KeyboardInterrupt", "mine.py line 4: my_op_backward(dy, cache) failed"),
    own_op("import random; return x * random.random(), x", "return dy", "gives another result when it is called again"),
    words("inspect", "nothing", said="no such command 'nothing'"),
    words("inspect", "filters", said="missing argument"),
    words("cache", "nothing", said="no entry begins with 'nothing'"),
]

LONG = "x" * 300
FOLDERS = [
    *(
        words("run", "mine.py", "--runs-dir", path, said="--runs-dir")
        for path in ("mine.py", "mine.py/a/b", LONG, "/proc/x")
    ),
    *(
        words("run", "mine.py", "--runs-dir", path, said="nothing can be written in")
        for path in ("a/" + LONG, "/dev/null/a")
    ),
    *(words("run", "mine.py", "--data-dir", path, said="--data-dir") for path in ("mine.py", "mine.py/a", LONG)),
    *(words("tune", "mine.py", "--runs-dir", path, said="--runs-dir") for path in ("mine.py", "mine.py/a/b", LONG)),
    *(words("data", "mine.py", "--picture", path, said="--picture") for path in ("mine.py/a.png", f"{LONG}/a.png")),
    *(words("find-lr", "mine.py", "--picture", path, said="--picture") for path in ("mine.py/a.png", f"{LONG}/a.png")),
    *(words(*command, "nowhere", said="there is no model file nowhere") for command in (("inspect", "filters"),)),
    words("predict", "nowhere", "a.png", said="there is no model file nowhere"),
    words("predict", LONG, "a.png", said="too long"),
    words("predict", "/dev/null", "a.png", said="no regular file"),
    Row(("predict", "empty", "a.png"), "empty holds no run", folders=("empty",)),
    Row(("inspect", "gradcam", "empty"), "empty holds no run", folders=("empty",)),
    Row(("inspect", "landscape", "empty", "empty"), "empty holds no run", folders=("empty",)),
    words("card", "nowhere", said="there is no model file nowhere"),
    words("export", "nowhere", "--to", "litert", said="there is no model file nowhere"),
    words("export", LONG, "--to", "litert", said="too long"),
    Row(("export", "empty", "--to", "litert"), "empty holds no run", folders=("empty",)),
    Row(("convolutional", "empty", "out.keras"), "empty holds no run", folders=("empty",)),
    Row(("convolutional", "empty", "out.txt"), "ends in .keras", folders=("empty",)),
]

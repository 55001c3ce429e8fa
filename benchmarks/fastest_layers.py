"""What `model.layers="fastest"` brings: training steps of catalog networks with the kinds it chooses, beside Keras's.

    DATA_DIR=... python benchmarks/fastest_layers.py [--quick] [--threads 1] [--only demo mlp]

Each network is measured as `run` measures it, and then anew, 21 pairs of steps in turn: what was chosen because it came
out fast would come out too fast there. Times are the processor's. Nothing is chosen where no interval lies below 1; the
ratio is 1 then by construction. The final ratio is the demo net's.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import Ratio, json_line
from keras_suite.experiments.training import runtime

QUICK = ("demo",)


def networks() -> dict[str, Any]:
    """Return the Config of each network, by name."""
    from keras_suite.experiments.config import Config, use

    def config(dataset: Any, batch_size: int, name: str, **options: Any) -> Config:
        return Config(dataset, use(name, layers="fastest", **options), batch_size=batch_size)

    mnist, digits = use("mnist", limit=2_000), use("digits", image_size=[32, 32])
    return {
        "demo": config(mnist, 128, "mnist_demo_net"),
        "demo, normalised": config(mnist, 128, "mnist_demo_net", batch_normalization="before_activation"),
        "pattern_cnn, normalised": config(mnist, 128, "pattern_cnn", batch_normalization="before_activation"),
        "pattern_cnn, dilated": config(mnist, 128, "pattern_cnn", dilation=2),
        "mlp": config(mnist, 128, "mlp"),
        "efficientnet_lite0": config(digits, 32, "efficientnet_lite0"),
        "mobilenet_v2": config(digits, 32, "mobilenet_v2"),
    }


def main() -> int:
    """Print a row for each network and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{', '.join(QUICK)} alone")
    parser.add_argument("--threads", type=int, default=1, help="of TensorFlow")
    parser.add_argument("--only", nargs="*", default=None, metavar="NETWORK", help="leave out the others")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    arguments = parser.parse_args()
    runtime.start_tensorflow(arguments.threads)
    every = networks()
    names = arguments.only or (QUICK if arguments.quick else tuple(every))
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"error: there is no network {unknown[0]!r}: expected some of {', '.join(every)}", file=sys.stderr)
        return 2
    last = None
    for name in names:
        try:
            row = measure(every[name], arguments.threads, arguments.data_dir and Path(arguments.data_dir))
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        print(line(name, *row), flush=True)
        last = row if last is None else last
    assert last is not None
    choice, again, _, seconds = last
    data = f"{names[0]}, {arguments.threads} threads"
    print(json_line("fastest_layers", again, *seconds, data, layers=list(choice.layers)))
    return 0


def measure(config: Any, threads: int, data_dir: Path | None) -> tuple[Any, Ratio, float, tuple[float, float]]:
    """Return the choice, its ratio timed anew, the seconds that choosing took, and those of a step of either side."""
    from keras_suite.experiments.fastest_layers import measuring
    from keras_suite.experiments.fastest_layers.choice import with_choice
    from keras_suite.experiments.training.job import Job, RunOptions
    from keras_suite.experiments.training.prepared_run import prepare
    from keras_suite.models.networks.layer_implementations import with_layers

    options = RunOptions(threads, Path("runs"), data_dir)
    began = time.monotonic()
    [choice] = measuring.measured([config], options)
    took = time.monotonic() - began
    run = prepare(Job("layers", "layers", with_choice(config, ()), 1, options))
    run.fresh_session()
    model, batch = run.build_model(), next(iter(run.training_batches()))
    theirs = measuring.training_step(run, model, batch)
    ours = measuring.training_step(run, with_layers(model, choice.layers), batch) if choice.layers else theirs
    again = measuring.time_ratio(choice.layers, ours, theirs)
    ratio = Ratio(again.median, again.low, again.high, again.pairs)
    return choice, ratio, took, (_seconds(ours), _seconds(theirs))


def _seconds(step: Any) -> float:
    began = time.process_time()
    for _ in range(3):
        step()
    return (time.process_time() - began) / 3


def line(name: str, choice: Any, again: Ratio, took: float, seconds: tuple[float, float]) -> str:
    """Return the row of a network: what each kind took, and what was chosen timed anew."""
    kinds = "; ".join(f"{'+'.join(r.layers)} {r.median:.3f} ({r.low:.3f} to {r.high:.3f})" for r in choice.ratios)
    chosen = "+".join(choice.layers) or "none"
    return (
        f"{name}: chosen {chosen}, anew {again.median:.3f} ({again.low:.3f} to {again.high:.3f}, n {again.n}), "
        f"{1000 * seconds[1]:.0f} ms a step of Keras's; choosing took {took:.0f} s\n    {kinds}"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Two machines for a test: network namespaces with a cable between them, which can be pulled.

They share disk and processors, and reach nothing but each other. Needs root and `ip` (package iproute2).
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

NETWORK = "10.231.47"


@dataclass(frozen=True)
class Machines:
    """Two machines: their names, which are the namespaces', and the network device of the first."""

    names: tuple[str, str]
    device: str

    def on(self, number: int) -> tuple[str, ...]:
        """What a command line begins with to run on a machine, 0 or 1."""
        return ("ip", "netns", "exec", self.names[number])

    def address(self, number: int) -> str:
        """The address of a machine."""
        return f"{NETWORK}.{number + 1}"

    def pull(self) -> None:
        """Pull the cable: whatever is sent from now on is lost, and neither side is told."""
        _ip("-n", self.names[0], "link", "set", self.device, "down")

    def plug_in(self) -> None:
        """Put the cable back."""
        _ip("-n", self.names[0], "link", "set", self.device, "up")


def possible() -> bool:
    """Whether this process may make network namespaces."""
    if os.name == "nt" or os.geteuid() or shutil.which("ip") is None:
        return False
    name = f"try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
    if made:
        _ip("netns", "del", name)
    return made


@contextlib.contextmanager
def two_machines() -> Iterator[Machines]:
    """Two machines with a cable between them, for as long as the block lasts."""
    machines = Machines((f"one-{os.getpid()}", f"two-{os.getpid()}"), f"a{os.getpid()}")
    with contextlib.ExitStack() as stack:
        for name in machines.names:
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
        other = f"b{os.getpid()}"
        _ip("link", "add", machines.device, "netns", machines.names[0], "type", "veth", "peer", "name", other)
        _ip("link", "set", other, "netns", machines.names[1])
        for number, device in enumerate((machines.device, other)):
            _ip("-n", machines.names[number], "address", "add", f"{machines.address(number)}/24", "dev", device)
            for each in ("lo", device):
                _ip("-n", machines.names[number], "link", "set", each, "up")
        yield machines


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)

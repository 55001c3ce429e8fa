"""Signals of the person interrupt and set the flag; a KeyboardInterrupt that code raised does not."""

import os
import signal

import pytest

from keras_suite.experiments.training import interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts_and_is_remembered(number: signal.Signals) -> None:
    before = signal.signal(number, signal.default_int_handler)  # whatever started the tests: nohup ignores SIGHUP
    try:
        with interruption.listening():
            assert not interruption.requested()
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), number)
            assert interruption.requested()
        assert signal.getsignal(number) == signal.default_int_handler
    finally:
        signal.signal(number, before)
    with interruption.listening():
        assert not interruption.requested(), "the next command begins anew"


def test_with_nohup_a_closed_terminal_interrupts_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruption.listening():
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interruption.requested()
    finally:
        signal.signal(signal.SIGHUP, before)

"""A mutant: one function of models/ops/ with one change of its source, which takes its place for a while.

Only the function's code is exchanged, so whatever already refers to it runs the changed one: ops, tables, importers.
"""

import ast
import contextlib
import copy
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import CodeType, FunctionType

import tensorflow as tf

from keras_suite.models.gradient_check.mutants.equivalents import EQUIVALENTS, OF_SOME_DEVICES, Kernel
from keras_suite.models.gradient_check.mutants.operators import called, slips
from keras_suite.models.kernel_test.convolution import DEPTHWISE, Convolution, wrong_results
from keras_suite.models.ops import conv_primitives

OPS = "keras_suite.models.ops"
LONGEST = 60  # characters of an expression in a mutant's name


@dataclass(frozen=True)
class Mutant:
    """A fault.

    Attributes:
        name: "module.function: what it was -> what it is".
        module: Of models/ops/.
        function: Its name there.
        source: The whole function, changed.
    """

    name: str
    module: str
    function: str
    source: str

    @property
    def equivalent(self) -> str:
        """Why it computes the same, on this device at least, if it is proven to."""
        kernel = OF_SOME_DEVICES.get(self.name)
        if kernel is not None and not _has(kernel):
            return "nothing on this device runs it, or the other branch computes the same"
        return EQUIVALENTS.get(self.name, "")


# Shapes that TensorFlow's faulty kernels compute wrongly, see docs/tensorflow_wrong_convolution.md.
IDLE_STRIDE = Convolution((5, 3), 1, 1, (3, 3), (1, 2), (1, 1), 1, "valid", "float32")
FAULTY = {
    "faulty float32": (IDLE_STRIDE,),
    "faulty bfloat16": (replace(IDLE_STRIDE, dtype="bfloat16"),),
    "faulty depthwise": (
        Convolution((9, 2), 8, 8, (1, 2), (2, 2), (1, 1), 8, "valid", "bfloat16", kind=DEPTHWISE),
        Convolution((7, 1), 8, 8, (5, 5), (2, 2), (1, 1), 8, "same", "bfloat16", kind=DEPTHWISE),
    ),
}


def _has(kernel: Kernel) -> bool:
    """Return whether TensorFlow has a kernel of `OF_SOME_DEVICES` on this device."""
    if kernel in FAULTY:
        return any(wrong_results(shape) for shape in FAULTY[kernel])
    return conv_primitives._tried(tf.float32, kernel == "dilated", kernel == "grouped")


def function_of(module: str, name: str) -> FunctionType:
    """Return a function of models/ops/, without what decorates it."""
    function = inspect.unwrap(getattr(importlib.import_module(f"{OPS}.{module}"), name))
    assert isinstance(function, FunctionType)
    return function


@contextlib.contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """Let the mutant take its function's place until the block ends."""
    function = function_of(mutant.module, mutant.function)
    right = function.__code__
    _forget_trials()
    function.__code__ = _code(mutant, function)
    try:
        yield
    finally:
        function.__code__ = right
        _forget_trials()


def _forget_trials() -> None:
    conv_primitives._tried.cache_clear()
    conv_primitives.adds_up.cache_clear()


def mutants_of(module: str, function: str) -> list[Mutant]:
    """Return every mutant of one function that a single slip makes, in the order of its source."""
    tree = _tree(module, function)
    found: dict[str, Mutant] = {}
    for number, node in enumerate(_sites(tree)):
        for slip, _ in enumerate(slips(node)):
            changed = copy.deepcopy(tree)
            site = _sites(changed)[number]
            other = list(slips(site))[slip]
            name = f"{module}.{function}: {_written(site)} -> {_written(other)}"
            if ast.dump(other) == ast.dump(site):
                continue
            while name in found:
                name += " again"
            source = ast.unparse(ast.fix_missing_locations(_Replacement(site, other).visit(changed)))
            found[name] = Mutant(name, module, function, source)
    return list(found.values())


def by_hand(module: str, function: str, was: str, becomes: str) -> Mutant:
    """Return the mutant in which one passage of a function's source, as `ast.unparse` writes it, is another.

    Raises:
        ValueError: If the passage is not there, or more than once.
    """
    source = ast.unparse(_tree(module, function))
    if source.count(was) != 1:
        raise ValueError(f"{module}.{function} holds {was!r} {source.count(was)} times: expected once")
    name = f"{module}.{function}: {_short(was)} -> {_short(becomes)}"
    return Mutant(name, module, function, source.replace(was, becomes))


class _Replacement(ast.NodeTransformer):
    def __init__(self, site: ast.AST, other: ast.AST) -> None:
        self._site, self._other = site, other

    def visit(self, node: ast.AST) -> ast.AST:
        return self._other if node is self._site else super().generic_visit(node)


def _tree(module: str, function: str) -> ast.FunctionDef:
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(function_of(module, function)))).body
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    return tree


def _sites(tree: ast.FunctionDef) -> list[ast.AST]:
    """Return the nodes that compute: not annotations, defaults, docstrings, or what refuses wrong arguments."""
    found: list[ast.AST] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.arguments) or called(node).lstrip("_").startswith("check"):
            return
        found.append(node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    visit(child)

    for statement in tree.body:
        visit(statement)
    return found


def _code(mutant: Mutant, function: FunctionType) -> CodeType:
    names: dict[str, object] = {}
    exec(compile(mutant.source, f"<{mutant.name}>", "exec"), dict(function.__globals__), names)
    made = names[mutant.function]
    assert isinstance(made, FunctionType)
    return made.__code__


def _written(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {_short(ast.unparse(node.test))}"
    return _short(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"

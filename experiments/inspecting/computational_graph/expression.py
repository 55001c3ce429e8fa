"""Expressions in Python's notation, read into the nodes of a graph. Nothing of them is run as Python."""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from keras_suite.tasks.wording.near_names import unknown

FUNCTIONS = ("exp", "log", "sqrt", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "maximum", "square")
MOST_NODES = 200
_TWO = ("maximum",)  # functions of two values; the others take one
_OPERATORS: Mapping[type, str] = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}
EXAMPLE = "graph '(x + y) * z' --set x=-2 --set y=5 --set z=-4"


@dataclass(frozen=True)
class Node:
    """A value of the graph.

    Attributes:
        op: The op's name; "" for a variable or a number.
        inputs: The places of the nodes that it is computed from.
        name: The variable's name, or what an assignment calls it; "" for a value without a name.
        value: Of a variable or number; None for what is computed.
        options: Of the op.
    """

    op: str
    inputs: tuple[int, ...] = ()
    name: str = ""
    value: float | None = None
    options: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_variable(self) -> bool:
        return not self.op and bool(self.name)


def nodes_of(text: str, values: Mapping[str, float], functions: Mapping[str, int] | None = None) -> list[Node]:
    """Read an expression, or assignments separated by line ends or semicolons whose last one is the result.

    A name that was not assigned is a variable, one node however often it is used.

    Args:
        text: For example "q = x + y; f = q * z".
        values: Of the variables.
        functions: Ops of the user's own, by name, with the number of their inputs.

    Returns:
        The nodes, each after its inputs; the last one is the result.

    Raises:
        ValueError: If it cannot be read, is no single value, or if a variable has no value.
    """
    try:
        statements = ast.parse(text.strip(), mode="exec").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "too deep"
        raise ValueError(f"{_short(text)} cannot be read ({reason}): give an expression, as in {EXAMPLE}") from None
    reader = _Reader(text, dict(values), dict(functions or {}))
    try:
        for statement in statements:
            reader.read(statement)
    except RecursionError:
        raise ValueError(f"{_short(text)} is too deep: give a smaller expression, or name its parts") from None
    return reader.finished()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:57]}...")


class _Reader:
    """Appends the nodes of one statement after the other."""

    def __init__(self, text: str, values: dict[str, float], functions: dict[str, int]) -> None:
        self._text, self._values, self._functions = text, values, functions
        self._nodes: list[Node] = []
        self._names: dict[str, int] = {}
        self._result: int | None = None

    def read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if name in self._names:
                    raise ValueError(f"{name} is assigned or used before it is assigned: give each value its own name")
                self._result = self._names[name] = self._named(self._expression(value), name)
            case ast.Expr(value=value):
                self._result = self._expression(value)
            case _:
                raise ValueError(f"{_short(ast.unparse(statement))} is no expression: give one, as in {EXAMPLE}")

    def finished(self) -> list[Node]:
        """Return the nodes that the result depends on; ValueError if there is none, or a value was never used."""
        if self._result is None or not self._nodes[self._result].op:
            raise ValueError(f"{_short(self._text)} computes nothing: give an expression, as in {EXAMPLE}")
        if unused := sorted(self._values.keys() - self._names.keys()):
            known = [node.name for node in self._nodes if node.is_variable]
            raise ValueError(f"--set {unused[0]}={self._values[unused[0]]:g}: " + unknown("variable", unused[0], known))
        return _reachable(self._nodes, self._result)

    def _named(self, place: int, name: str) -> int:
        node = self._nodes[place]
        if node.name:
            raise ValueError(f"{name} would be another name of {node.name}: leave it out")
        self._nodes[place] = replace(node, name=name)  # of a number: a variable with this value
        return place

    def _add(self, node: Node) -> int:
        if len(self._nodes) >= MOST_NODES:
            raise ValueError(f"{_short(self._text)} has more than {MOST_NODES} values: give a smaller expression")
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _expression(self, expression: ast.expr) -> int:
        match expression:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Constant(value=bool() as value):
                raise ValueError(f"{value} is no number: give one")
            case ast.Constant(value=int() | float() as value) if abs(value) < 1e300:
                return self._add(Node("", value=float(value)))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._expression(operand)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return self._add(Node("", value=-float(value)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._add(Node("negative", (self._expression(operand),)))
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                return self._add(Node("power", (self._expression(left),), options={"exponent": _exponent(right)}))
            case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _OPERATORS:
                inputs = (self._expression(left), self._expression(right))
                return self._add(Node(_OPERATORS[type(operator)], inputs))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        raise ValueError(
            f"{_short(ast.unparse(expression))} is not possible: expected numbers, variables, + - * / **, and the "
            f"functions {', '.join(FUNCTIONS)}"
        )

    def _name(self, name: str) -> int:
        if name not in self._names:
            if name not in self._values:
                raise ValueError(f"{name} has no value: give one, with --set {name}=0.5")
            self._names[name] = self._add(Node("", name=name, value=self._values[name]))
        return self._names[name]

    def _call(self, name: str, arguments: list[ast.expr]) -> int:
        known = {**{each: 2 if each in _TWO else 1 for each in FUNCTIONS}, **self._functions}
        if name not in known:
            raise ValueError(unknown("function", name, known))
        if len(arguments) != known[name]:
            raise ValueError(f"{name} was given {len(arguments)} values: expected {known[name]}")
        inputs = tuple(self._expression(argument) for argument in arguments)
        if name == "square":
            return self._add(Node("power", inputs, options={"exponent": 2.0}))
        return self._add(Node(name, inputs))


def _exponent(expression: ast.expr) -> float:
    try:
        value = ast.literal_eval(expression)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 100:
        raise ValueError(
            f"the exponent {_short(ast.unparse(expression))} is not possible: expected a number from -100 to 100; "
            "write exp(y * log(x)) for others"
        )
    return float(value)


def _reachable(nodes: list[Node], result: int) -> list[Node]:
    """Return the nodes that the result is computed from, in their order, and it as the last one."""
    needed = {result}
    for place in range(result, -1, -1):
        if place in needed:
            needed |= set(nodes[place].inputs)
    kept = sorted(needed)
    number = {place: new for new, place in enumerate(kept)}
    return [replace(nodes[place], inputs=tuple(number[each] for each in nodes[place].inputs)) for place in kept]

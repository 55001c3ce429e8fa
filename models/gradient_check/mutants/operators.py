"""Slips as changes of source: what a node of an expression becomes when its author errs.

Each is a mistake that people make in a forward or backward pass: a sign, a dropped term or factor, another axis, a
transposition or a rotation left out, a mean for a sum, `>=` for `>`, one branch for both, a size that is off by one, or
a sum in half precision.
"""

import ast
from collections.abc import Callable, Iterator

OTHER_CALL = {
    "reduce_sum": "reduce_mean",
    "reduce_mean": "reduce_sum",
    "reduce_max": "reduce_min",
    "maximum": "minimum",
    "argmax": "argmin",
    "sum_over": "mean_over",
}
# Calls that are forgotten: their first argument stands in their place.
FORGOTTEN = (
    "abs",
    "at_least_float32",
    "exp",
    "expm1",
    "log",
    "log1p",
    "matrix_transpose",
    "pad",
    "reverse",
    "rotated",
    "rsqrt",
    "sigmoid",
    "square",
    "tanh",
    "transpose",
    "unpad",
    "with_holes",
)
OTHER_COMPARISON: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.Eq: ast.NotEq,
}
TURNED = ("transpose_a", "transpose_b")


def slips(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what else a node might have been; nothing for one of no kind below."""
    kind = _BY_KIND.get(type(node))
    if kind is not None:
        yield from kind(node)


def _of_operation(node: ast.BinOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Add):
        yield ast.BinOp(node.left, ast.Sub(), node.right)
        yield node.left
    elif isinstance(node.op, ast.Sub):
        yield ast.BinOp(node.left, ast.Add(), node.right)
    elif isinstance(node.op, ast.Mult):
        yield node.left
        yield node.right
    elif isinstance(node.op, ast.Div):
        yield ast.BinOp(node.left, ast.Mult(), node.right)
        yield node.left


def _of_sign(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield node.operand


def _of_comparison(node: ast.Compare) -> Iterator[ast.AST]:
    other = OTHER_COMPARISON.get(type(node.ops[0]))
    if other is not None:
        yield ast.Compare(node.left, [other()], node.comparators)


def _of_choice(node: ast.IfExp) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    name = called(node)
    if name in OTHER_CALL:
        yield ast.Call(_renamed(node.func, OTHER_CALL[name]), node.args, node.keywords)
    if name == "sum_over":
        yield ast.Call(ast.Attribute(ast.Name("tf", ast.Load()), "reduce_sum", ast.Load()), node.args, node.keywords)
    if name in FORGOTTEN and node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if name == "where" and len(node.args) == 3:
        yield node.args[1]
        yield node.args[2]
    for number, keyword in enumerate(node.keywords):
        others = [*node.keywords[:number], *node.keywords[number + 1 :]]
        if keyword.arg in TURNED:
            yield ast.Call(node.func, node.args, others)
        elif keyword.arg == "axis" and ast.unparse(keyword.value) == "-1":
            yield ast.Call(node.func, node.args, [*others, ast.keyword("axis", ast.Constant(0))])


def _of_axes(node: ast.List) -> Iterator[ast.AST]:
    """Axes that are summed over, or exchanged: the last one forgotten, two exchanged."""
    numbers = [each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, int)]
    if len(numbers) == len(node.elts) >= 2:
        if numbers == sorted(numbers):
            yield ast.List(node.elts[:-1], node.ctx)
        else:
            yield ast.List([node.elts[1], node.elts[0], *node.elts[2:]], node.ctx)


def _of_results(node: ast.Return) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        first, second, *others = node.value.elts
        if isinstance(first, ast.Name) and isinstance(second, ast.Name):
            yield ast.Return(ast.Tuple([second, first, *others], ast.Load()))


def _of_slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower is not None and not isinstance(node.lower, ast.Constant):
        yield ast.Slice(None, node.upper, node.step)
    if node.step is not None and not isinstance(node.step, ast.UnaryOp):
        yield ast.Slice(node.lower, node.upper, None)


def _of_branch(node: ast.If) -> Iterator[ast.AST]:
    """A branch that is not taken; not one that only refuses wrong arguments."""
    checks = (isinstance(each, ast.Expr) and called(each.value).startswith("check") for each in node.body)
    if not all(checks) and not any(isinstance(each, ast.Raise) for each in node.body):
        yield ast.If(ast.Constant(False), node.body, node.orelse)


_BY_KIND: dict[type[ast.AST], Callable[..., Iterator[ast.AST]]] = {
    ast.BinOp: _of_operation,
    ast.UnaryOp: _of_sign,
    ast.Compare: _of_comparison,
    ast.IfExp: _of_choice,
    ast.Call: _of_call,
    ast.List: _of_axes,
    ast.Return: _of_results,
    ast.Slice: _of_slice,
    ast.If: _of_branch,
}


def called(node: ast.AST) -> str:
    """Return the last name of what a call calls: `reduce_sum` of tf.reduce_sum(x); nothing for anything else."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _renamed(function: ast.expr, name: str) -> ast.expr:
    return ast.Attribute(function.value, name, function.ctx) if isinstance(function, ast.Attribute) else ast.Name(name)

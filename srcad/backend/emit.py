"""IR -> Python source text."""
from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from srcad.analysis.handing import handing
from srcad.analysis.sharing import Handing
from srcad.backend.body import Body
from srcad.backend.copies import without_copies
from srcad.backend.check import check, unassigned_variables
from srcad.backend.defaults import with_defaults
from srcad.backend.flow import Flow
from srcad.backend.guards import guarded
from srcad.backend.imports import name_imports
from srcad.backend.names import choose, textual
from srcad.backend.nodes import Handler, Imported, Parallel, Slot, parts
from srcad.backend.hoist import hoist_pushes
from srcad.backend.ownership import own_buffers
from srcad.backend.tails import Returns
from srcad.backend.tidy import tidy_function
from srcad.backend.twins import merged
from srcad.backend.unparse import Printer
from srcad.backend.values import Undefined
from srcad.backend.writer import Effects, Writer, own_effects
from srcad.ir.nodes import Arg, Func, Loc, Program, Var
from srcad.options import checking


@dataclass(frozen=True, slots=True)
class Emitted:
    """Source text.  `line_map`: line (from 1) -> place in the primal; `entry`: the name of the function to call."""

    text: str
    line_map: dict[int, Loc]
    entry: str


@dataclass(slots=True)
class _Draft:
    """A function whose variables have no names yet."""

    func: Func
    params: tuple[Var, ...]
    tree: ast.FunctionDef
    writer: Writer


@dataclass(frozen=True, slots=True)
class Handed:
    """What the forward half of a pair calls a residual, and, if it is a tape, the values in its records."""

    name: str
    record: list[str]

    @staticmethod
    def of(item: Arg, names: dict[Var, str], writer: Writer) -> Handed:
        """The names of an item of the residuals."""
        if not isinstance(item, Var):
            return Handed("", [])
        name = names.get(writer.root(item), "")
        for tape, values in writer.records:
            if names.get(writer.root(tape)) == name != "":
                return Handed(name, [names.get(writer.root(v), "") if isinstance(v, Var) else "" for v in values])
        return Handed(name, [])


def emit(program: Program, *, effects: Effects | None = None) -> Emitted:
    """The text of a program: imports, then its functions, the entry last.  `effects` tells what an operation does, given its
    arguments; without it, what the operation declares.
    """
    program = without_copies(program)
    calls = handing(program)
    drafts = [_draft(program, f, effects or own_effects, calls) for f in (*program.funcs[1:], program.entry)]
    functions = [f.name for f in program.funcs]
    outside = sorted({g for d in drafts for g in d.writer.globals})
    fixed = [p.hint for d in drafts for p in d.params if p.hint]
    lines = name_imports([d.tree for d in drafts], fixed, [*functions, *outside])
    known = {*functions, *outside, *(n.id for d in drafts for n in parts(d.tree) if isinstance(n, Imported))}
    residuals: dict[str, list[Handed]] = {}
    for draft in drafts:
        _finish(draft, known, residuals, signature=draft.func is program.entry)
    docs = {f.name: f.doc for f in program.funcs}
    entry = program.entry.name
    printer = Printer()
    for line in lines:
        printer.fill(line)
    for i, tree in enumerate(merged([d.tree for d in drafts], {entry, entry.removesuffix("_fwd") + "_bwd"})):
        printer.blank(2 if lines or i else 0)
        for text in docs[tree.name]:
            printer.fill(f"# {text}".rstrip())
        printer.statements([tree])
    printed = printer.printed()
    return Emitted(printed.text, printed.places, program.entry.name)


def _draft(program: Program, func: Func, effects: Effects, calls: Mapping[str, Handing]) -> _Draft:
    func = own_buffers(hoist_pushes(func), calls)
    if checking():
        func = guarded(func)
    writer = Writer(program, func, effects, calls)
    body = Body(writer)
    body.run(func.body.stmts, func.body.yields, Returns(func))
    params = func.body.params
    slots = [ast.arg(arg=p.hint, annotation=None) for p in params]
    arguments = ast.arguments(posonlyargs=[], args=slots, vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
    tree = ast.FunctionDef(name=func.name, args=arguments, body=body.out, decorator_list=[], returns=None, type_comment=None)
    while Flow(params, tree.body).prune():
        pass
    undefined = unassigned_variables(params, tree)
    for stmt in textual(tree.body):
        if isinstance(stmt, Parallel):
            kept = [(t, v) for t, v in zip(stmt.targets, stmt.values, strict=True) if not isinstance(v, Undefined) or t.var in undefined]
            stmt.targets, stmt.values = [t for t, _ in kept], [v for _, v in kept]
    return _Draft(func, params, tree, writer)


def _finish(draft: _Draft, known: set[str], residuals: dict[str, list[Handed]], *, signature: bool) -> None:
    """Name the variables of a function, tidy it up, check it.  `residuals`: what forward halves call what they hand over."""
    tree, params = draft.tree, draft.params
    flow = Flow(params, tree.body)
    flow.analyse(params)
    reserved = {n.id.partition(".")[0] for n in parts(tree) if isinstance(n, ast.Name) and not isinstance(n, Slot)}
    forward = draft.func.name.removesuffix("_bwd") + "_fwd"
    for v, handed in zip(draft.writer.residual_outs, residuals.get(forward, ()), strict=False):
        draft.writer.roles.setdefault(v, handed.name)
        draft.writer.handed_records[v] = handed.record
    names = choose(params, tree.body, flow, draft.writer, reserved, signature=signature)
    residuals[draft.func.name] = [Handed.of(v, names, draft.writer) for v in draft.writer.residual_items]
    for node in parts(tree):
        if isinstance(node, Slot):
            node.id = names[node.var]
        elif isinstance(node, Handler) and node.slot is not None:
            node.slot.id = node.name = names[node.slot.var]
    for arg, p in zip(tree.args.args, params, strict=True):
        arg.arg = names[p]
    tree.body = with_defaults(tidy_function(tree.body))
    if draft.writer.globals:
        assigned = sorted(set(draft.writer.assigned_globals))
        if assigned:
            tree.body.insert(0, ast.Global(names=assigned))
    check(tree, known)


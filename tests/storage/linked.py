"""Objects that are linked by their attributes and end in None: lists, trees, what goes along them and changes them."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.corpus.registry import Cases, vec

cases = Cases()


class Node:
    """One of a list."""

    def __init__(self, value, next=None):  # noqa: A002 - as lists call it
        self.value = value
        self.next = next


class LinkedList:
    """A list of nodes."""

    def __init__(self):
        self.head = None

    def push(self, value):
        self.head = Node(value, self.head)

    def append(self, value):
        node = Node(value)
        if self.head is None:
            self.head = node
            return
        last = self.head
        while last.next is not None:
            last = last.next
        last.next = node

    def __iter__(self):
        node = self.head
        while node is not None:
            yield node.value
            node = node.next

    def total(self):
        s, k, node = 0.0, 1, self.head
        while node:
            s = s + node.value * k
            node = node.next
            k += 1
        return s


class Tree:
    """A node with two children."""

    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


@dataclass
class Link:
    value: Any
    next: Any = None


def _sum_of_squares(tree):
    if tree is None:
        return 0.0
    return tree.value**2 + _sum_of_squares(tree.left) + _sum_of_squares(tree.right)


def _insert(tree, value):
    if tree is None:
        return Tree(value)
    if value < tree.value:
        tree.left = _insert(tree.left, value)
    else:
        tree.right = _insert(tree.right, value)
    return tree


def _in_order(tree, out):
    if tree is None:
        return
    _in_order(tree.left, out)
    out.append(tree.value)
    _in_order(tree.right, out)


def _each() -> Any:
    return cases.each((vec(3),), (-vec(3),))


# ---- lists ------------------------------------------------------------------------------------------------------------
@_each()
def written_out(x):
    a, b, c = Link(x[0]), Link(x[1]), Link(x[2] * x[0])
    a.next = b
    b.next = c
    s, node = 0.0, a
    while node is not None:
        s += node.value**2 * x[0]
        node = node.next
    return s


@_each()
def pushed(x):
    xs = LinkedList()
    for i in range(3):
        xs.push(x[i] * x[0])
    return xs.total()


@_each()
def appended(x):
    xs = LinkedList()
    for i in range(3):
        xs.append(x[i] ** 2)
    return xs.total()


@_each()
def gone_over(x):
    xs = LinkedList()
    for i in range(3):
        xs.push(x[i] * x[0])
    s = 0.0
    for v in xs:
        s += v * v
    return s


@_each()
def changed_along_the_way(x):
    xs = LinkedList()
    for i in range(3):
        xs.push(x[i] * x[0])
    node = xs.head
    while node is not None:
        node.value = node.value * 2.0 + x[1]
        node = node.next
    return xs.total()


@_each()
def turned_round(x):
    last, node = None, Link(x[0], Link(x[1], Link(x[2])))
    while node:
        following = node.next
        node.next = last
        last, node = node, following
    return last.value * 3.0 + last.next.value * 2.0 * x[0] + last.next.next.value**2


@_each()
def arrays_in_nodes(x):
    a = Link(x * 1.0)
    b = Link(x * 2.0, a)
    b.next.value[0] = x[1]
    b.next.value += x
    return a.value.sum() + b.value @ a.value


@_each()
def one_more_on_some_paths(x):
    first = Link(x[0])
    if x[1] > 0.0:
        first.next = Link(x[1] * x[0])
    s, node = 0.0, first
    while node is not None:
        s += node.value**2
        node = node.next
    return s


# ---- trees ------------------------------------------------------------------------------------------------------------
@_each()
def tree_written_out(x):
    return _sum_of_squares(Tree(x[0], Tree(x[1]), Tree(x[2], None, Tree(x[0] * x[1]))))


@_each()
def tree_built(x):
    tree = Tree(x[0])
    _insert(tree, x[1])
    _insert(tree, x[2])
    return tree.value * x[1] + _sum_of_squares(tree)


@_each()
def tree_built_in_a_loop(x):
    tree = None
    for i in range(3):
        tree = _insert(tree, x[i])
    return tree.value * x[1] + _sum_of_squares(tree)


@_each()
def in_order(x):
    out = []
    _in_order(Tree(x[0], Tree(x[1]), Tree(x[2])), out)
    return out[0] * out[1] ** 2 * out[2]


@_each()
def down_a_path(x):
    root = Tree(x[0], Tree(x[1]), Tree(x[2]))
    node = root
    while node.left is not None:
        node = node.left
    node.value = node.value * 3.0
    return root.left.value + _sum_of_squares(root)


@_each()
def searched(x):
    node = Tree(0.1, Tree(x[1]), Tree(x[2], Tree(x[0] * 4.0)))
    s = 0.0
    while node is not None:
        s += node.value**2
        node = node.left if x[0] < node.value else node.right
    return s


# ---- what has no end that compiling knows -----------------------------------------------------------------------------
def as_long_as_an_array(x):
    head = None
    for v in x:
        head = Link(v, head)
    s = 0.0
    while head:
        s += head.value**2
        head = head.next
    return s


cases.add(as_long_as_an_array, vec(3))
cases.add(as_long_as_an_array, vec(1))


def pairs_as_long_as_an_array(x):
    rest = ()
    for v in x:
        rest = (v, rest)
    s = 0.0
    while rest:
        s += rest[0] ** 2
        rest = rest[1]
    return s


cases.add(pairs_as_long_as_an_array, vec(3))


def pairs_that_a_loop_replaces(x):
    pair = ()
    for v in x:
        pair = (v, (v * v, x[0])) if v > 0.0 else (v, (1.0,))
    nested = (0.0, ((1.0, 2.0),))
    for v in x:
        nested = (v, ((v * v, nested[0]),))
    return pair[0] ** 2 + pair[1][0] + nested[0] ** 2 + nested[1][0][0] * nested[1][0][1]


cases.add(pairs_that_a_loop_replaces, vec(3))


def as_long_as_an_array_and_changed(x):
    head = tail = Link(1.0)
    for v in x:
        tail.next = Link(v * tail.value)
        tail = tail.next
    before, node = None, head
    while node is not None:
        node.next, before, node = before, node, node.next
    s, k = tail.value, 0
    while before is not None:
        s += k * before.value
        before.value = s
        before, k = before.next, k + 1
    return s * head.value


cases.add(as_long_as_an_array_and_changed, vec(3))
cases.add(as_long_as_an_array_and_changed, vec(1))


class Both:
    """A link in both directions."""

    def __init__(self, value):
        self.value = value
        self.next = None
        self.before = None


class Chain:
    """Links in both directions, of which any can leave."""

    def __init__(self):
        self.first = None
        self.last = None
        self.size = 0

    def add(self, value):
        new = Both(value)
        if self.last is None:
            self.first = self.last = new
        else:
            self.last.next = new
            new.before = self.last
            self.last = new
        self.size += 1

    def remove(self, link):
        if link.before is None:
            self.first = link.next
        else:
            link.before.next = link.next
        if link.next is None:
            self.last = link.before
        else:
            link.next.before = link.before
        self.size -= 1

    def __iter__(self):
        link = self.first
        while link is not None:
            yield link
            link = link.next


def linked_both_ways(x):
    chain = Chain()
    for v in x:
        chain.add(v * v)
    link = chain.first
    while link is not None:
        after = link.next
        if link.value < 0.2:
            chain.remove(link)
        link = after
    s = sum(link.value * (2.0 if link.before is None else link.before.value) for link in chain)
    return s * chain.size


cases.add(linked_both_ways, vec(5))
cases.add(linked_both_ways, vec(1))


class Branch:
    """A node of a search tree."""

    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def _put_in(root, new):
    node = root
    while True:
        if new.key < node.key:
            if node.left is None:
                node.left = new
                return
            node = node.left
        else:
            if node.right is None:
                node.right = new
                return
            node = node.right


def tree_of_an_array(x):
    root = Branch(0.1)
    for v in x:
        _put_in(root, Branch(v))
    s, todo = 0.0, [root]
    while todo:
        node = todo.pop()
        s += node.key**2 * len(todo)
        node.key = s
        if node.left is not None:
            todo.append(node.left)
        if node.right:
            todo.append(node.right)
    return s * root.key


cases.add(tree_of_an_array, vec(5))
cases.add(tree_of_an_array, vec(1))


class Atom:
    """Something with a partner, or none, and with others below it."""

    def __init__(self, x):
        self.x = x
        self.partner = None
        self.below = []


def nearest_partners(x):
    atoms = [Atom(v) for v in x]
    for p in atoms:
        for q in atoms:
            if q is not p and (p.partner is None or abs(q.x - p.x) < abs(p.partner.x - p.x)):
                p.partner = q
    for p in atoms[::2]:
        p.partner = None
    s = 0.0
    for p in atoms:
        if p.partner and p.partner.partner:
            s += p.partner.partner.x * p.x
        elif p.partner:
            s += p.partner.x**2
        for q in atoms:
            if p.partner is q.partner:
                s += p.x * q.x
    return s


cases.add(nearest_partners, vec(5))
cases.add(nearest_partners, vec(1))


def without_a_partner(x):
    atoms = [Atom(v) for v in x]
    for p in atoms[1:]:
        p.partner = atoms[0]
    s = 0.0
    for p in atoms:
        try:
            s += p.partner.x
        except AttributeError:
            s += 2.0 * p.x
    return s


cases.add(without_a_partner, vec(3))


def up_and_down(x):
    atoms = [Atom(1.0)]
    for i, v in enumerate(x):
        new = Atom(v)
        atoms[i // 2].below.append(new)
        new.partner = atoms[i // 2]
        atoms.append(new)
    for p in atoms[::-1]:
        for q in p.below:
            p.x = p.x + 0.5 * q.x
    s = 0.0
    for p in atoms:
        depth, top = 0, p
        while top.partner is not None:
            depth, top = depth + 1, top.partner
        s += p.x * depth + top.x
    return s


cases.add(up_and_down, vec(5))

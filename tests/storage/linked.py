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


cases.add(as_long_as_an_array, vec(3), refused="SRC139")

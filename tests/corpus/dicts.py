"""Dicts whose keys are computed, dicts that change while a loop goes over them."""
from __future__ import annotations

from collections import ChainMap, Counter, OrderedDict, defaultdict, deque

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def update_each(x):
    p = {'a': x, 'b': x * 2}
    for k in p:
        p[k] = p[k] * p[k]
    for k, v in p.items():
        p[k] = v - 0.1 * v * v
    return np.sum(p['a'] * p['b'])


cases.add(update_each, vec(5))


def empty_dict(x):
    d = {i: v for i, v in enumerate(x[:0])}
    return sum(d.values()) + x[0] * len(d) + x[1]


cases.add(empty_dict, vec(5))


def arrays_in_dict(x):
    d = {}
    for i in range(3):
        d[f'w{i}'] = x * (i + 1)
    for k in d:
        d[k] = d[k] ** 2
    s = 0.0
    for i in range(3):
        s = s + np.sum(d[f'w{i}'])
    return s


cases.add(arrays_in_dict, vec(5))


def alias_in_dict(x):
    a = x * 2.0
    d = {}
    for i in range(3):
        d[i] = a
    a[0] = 5.0 * x[1]
    return np.sum(d[1])


cases.add(alias_in_dict, vec(5))


def copy_dict(x):
    d = {i: v for i, v in enumerate(x)}
    e = dict(d)
    f = d.copy()
    e[0] = x[1] * x[2]
    return d[0] * e[0] + f[3] + sum(sorted(e.values()))


cases.add(copy_dict, vec(5))


def sorted_items(x):
    d = {5 - i: v for i, v in enumerate(x)}
    t = 0.0
    for k in sorted(d):
        t = t * 0.5 + d[k]
    return t


cases.add(sorted_items, vec(5))


def adjacency(x):
    g = defaultdict(list)
    edges = [(0, 1), (1, 2), (0, 3), (3, 4)]
    for i, j in edges:
        g[i].append(j)
    t = 0.0
    for i in range(5):
        for j in g[i]:
            t += (x[i] - x[j]) ** 2
    return t


cases.add(adjacency, vec(5))


def grouped(x):
    g = {}
    for v, k in zip(x, 'abaab'):
        if k not in g:
            g[k] = 0.0
        g[k] += v * v
    return g['a'] * g['b']


cases.add(grouped, vec(5))


def grouped_max(x):
    g = {}
    for v, k in zip(x, [0, 1, 0, 1, 1]):
        g[k] = max(g.get(k, -9.0), v)
    return g[0] * g[1]


cases.add(grouped_max, vec(5))


def passed(x):

    def total(d):
        return sum(d.values()) * d[2]
    d = {i: v for i, v in enumerate(x)}
    return total(d)


cases.add(passed, vec(5))


def changed_by_callee(x):

    def put(d, k, v):
        d[k] = v * v
    d = {}
    for i in range(5):
        put(d, i, x[i])
    return d[0] + d[4] * d[2]


cases.add(changed_by_callee, vec(5))


def float_keys(x):
    d = {0.5 * i: v for i, v in enumerate(x)}
    return d[1.5] * d[0.0]


cases.add(float_keys, vec(5))


def branch(x):
    d = {}
    if x[0] > 0:
        d['p'] = x[0]
    else:
        d['q'] = x[1]
    return sum(d.values()) * 2


cases.add(branch, vec(5))


def dict_of_lists(x):
    d = {}
    for i in range(5):
        d.setdefault(i % 2, []).append(x[i] * x[i])
    return sum(d[0]) * sum(d[1])


cases.add(dict_of_lists, vec(5))


def default_lists(x):
    d = defaultdict(list)
    for i in range(5):
        d[i % 2].append(x[i] * x[i])
    return sum(d[0]) * sum(d[1])


cases.add(default_lists, vec(5))


def while_dict(x):
    d = {0: x[0]}
    i = 0
    while i < 4:
        d[i + 1] = d[i] * x[i] + 1.0
        i += 1
    return d[4]


cases.add(while_dict, vec(5))


def memo_table(x):
    f = {0: x[0], 1: x[1]}
    for n in range(2, 8):
        f[n] = f[n - 1] * 0.5 + f[n - 2] * x[2]
    return f[7]


cases.add(memo_table, vec(5))


def method_dict(x):
    class_ = None
    s = State()
    for i in range(4):
        s.put(f'k{i}', x[i])
    return s.total()


cases.add(method_dict, vec(5))


class State:

    def __init__(self):
        self.d = {}

    def put(self, k, v):
        self.d[k] = v * v

    def total(self):
        return sum((v for v in self.d.values())) * self.d['k1']


def dict_comp(x):
    d = {i: e * e for i, e in enumerate(x)}
    return d[0] * d[2]


cases.add(dict_comp, vec(5))


def dict_loop(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i] ** 2
    t = 0.0
    for k, v in d.items():
        t += k * v
    return t


cases.add(dict_loop, vec(5))


def dict_str(x):
    names = ['a', 'b', 'c', 'd', 'e']
    d = {n: v for n, v in zip(names, x)}
    return d['a'] * d['c'] + sum(d.values())


cases.add(dict_str, vec(5))


def dict_tuplekeys(x):
    d = {}
    for i in range(len(x)):
        for j in range(len(x)):
            d[i, j] = x[i] * x[j]
    t = 0.0
    for i in range(len(x) - 1):
        t += d[i, i + 1]
    return t


cases.add(dict_tuplekeys, vec(5))


def dict_get(x):
    d = {}
    for i in range(len(x)):
        d[i % 3] = d.get(i % 3, 0.0) + x[i] ** 2
    return d[0] * d[1] * d[2]


cases.add(dict_get, vec(5))


def dict_in(x):
    d = {}
    t = 0.0
    for i in [0, 1, 0, 2, 1]:
        if i in d:
            d[i] = d[i] * x[i]
        else:
            d[i] = x[i]
    for k in d:
        t += d[k]
    return t


cases.add(dict_in, vec(5))


def dict_default(x):
    d = defaultdict(float)
    for i, v in enumerate(x):
        d[i % 2] += v * v
    return d[0] * d[1]


cases.add(dict_default, vec(5))


def dict_counter(x):
    c = Counter()
    for i, v in enumerate(x):
        c['ab'[i % 2]] += v
    return c['a'] * c['b']


cases.add(dict_counter, vec(5))


def counter_methods(x):
    c = Counter(a=x[0] ** 2, b=x[1])
    for i, v in enumerate(x):
        c['abcd'[i % 4]] += v * v
    c.update({'a': x[2], 'e': x[3]})
    c.update('ab', f=x[4])
    other = c.copy()
    other.subtract({'a': x[0] * x[1]}, g=x[2])
    other['h'] -= x[3] + other['none']
    del other['none'], other['b']
    (name, most), *rest = c.most_common(3)
    return most**2 + sum(v * (i + 1) for i, (k, v) in enumerate(rest)) + c.total() * sum(v * v for v in other.values())


cases.add(counter_methods, vec(5))


def deque_methods(x):
    recent = deque(x[:4])
    other = recent.copy()
    recent.remove(x[1])
    recent.insert(1, x[0] * 2.0)
    del recent[0]
    recent += [x[1] * other[0]]
    recent.extend(recent)
    return sum(v * v * (i + 1) for i, v in enumerate(recent)) * recent.index(x[3]) + recent.count(x[0]) + sum(other)


cases.add(deque_methods, vec(5))


def merged_displays(x):
    d = {i % 4: v for i, v in enumerate(x)}
    e = {'a': x[4], **d, 1: x[0], 9: x[1], **{3: x[3] * 2.0}}
    d[0] *= 3.0
    for i, v in enumerate(x):
        d = {**d, i % 3: v * d.get((i + 1) % 3, 1.0)}
    return sum((n + 1) * v * v for n, v in enumerate(e.values())) + sum((k + 1) * v for k, v in d.items()) * e[0]


cases.add(merged_displays, vec(5))


def dict_ordered(x):
    d = OrderedDict()
    d['w'] = x * 2
    d['b'] = x[0]
    return np.sum(d['w']) * d['b']


cases.add(dict_ordered, vec(5))


def dict_chainmap(x):
    d = ChainMap({'a': x[0]}, {'a': x[1], 'b': x[2]})
    return d['a'] * d['b']


cases.add(dict_chainmap, vec(5))


def dict_nested(x):
    p = {'l1': {'w': x * 2, 'b': x[0]}, 'l2': {'w': x ** 2, 'b': x[1]}}
    h = 1.0
    for name in p:
        h = h * np.sum(p[name]['w']) + p[name]['b']
    return h


cases.add(dict_nested, vec(5))


def dict_params_loop(x):
    params = {}
    for l in range(3):
        params[f'w{l}'] = x * (l + 1)
    h = x
    for l in range(3):
        h = np.tanh(params[f'w{l}'] * h)
    return np.sum(h)


cases.add(dict_params_loop, vec(5))


def dict_params_n(x, n):
    params = {}
    for l in range(n):
        params[f'w{l}'] = x * (l + 1)
    h = x
    for l in range(n):
        h = np.tanh(params[f'w{l}'] * h)
    return np.sum(h)


cases.add(dict_params_n, vec(5), 3)


def dict_grads(x):
    p = {'a': x, 'b': x * 2}
    g = {k: v * 0.1 for k, v in p.items()}
    for k in p:
        p[k] = p[k] - g[k]
    return np.sum(p['a'] * p['b'])


cases.add(dict_grads, vec(5))


def zip_fns(x):
    fs = (np.sin, np.cos, np.tanh, np.exp, np.sqrt)
    t = 0.0
    for f, v in zip(fs, x * x):
        t += f(v)
    return t


cases.add(zip_fns, vec(5))


def zip_names(x):
    t = 0.0
    for n, v in zip(['a', 'b', 'c'], x):
        if n == 'b':
            t += v * v
        else:
            t += v
    return t


cases.add(zip_names, vec(5))


def enum_fns(x):
    t = 0.0
    for i, f in enumerate([np.sin, np.cos]):
        t += f(x[i])
    return t


cases.add(enum_fns, vec(5))


def zip_ranks(x, a):
    t = 0.0
    for w, v in zip((a, x, np.outer(x, x)), x):
        t += np.sum(w) * v
    return t


cases.add(zip_ranks, vec(5), 0.7)


def map_fns(x):
    return sum(map(lambda f, v: f(v), [np.sin, np.cos], x))


cases.add(map_fns, vec(5))


def map_strings(x):
    return sum(map(lambda n, v: len(n) * v, ['a', 'bb', 'ccc'], list(x)))


cases.add(map_strings, vec(5))


def deque_window(x):
    d = deque(maxlen=3)
    t = 0.0
    for v in x:
        d.append(v)
        t += sum(d) ** 2
    return t


cases.add(deque_window, vec(5))


def deque_ops(x):
    d = deque(x)
    d.appendleft(x[0] * x[1])
    a = d.popleft()
    d.rotate(1)
    b = d.pop()
    return a * b * d[0]


cases.add(deque_ops, vec(5))


# ---- what a dict shows stays up to date ------------------------------------------------------------------------------
def values_asked_for_before(x):
    d = {"a": x[0], "b": x[1] * 2.0}
    shown, copied = d.values(), list(d.values())
    d["a"] = x[0] * 10.0
    d["c"] = x[2]
    return sum(shown) * len(shown) + sum(copied)


cases.add(values_asked_for_before, vec(5))


def items_asked_for_before(x):
    d = {"a": x[0], "b": x[1]}
    shown, names = d.items(), d.keys()
    total = x[4]
    for _ in range(3):
        d["a"] = d["a"] * x[2]
        total += sum(v * len(k) for k, v in shown)
    if x[0] > 0:
        d["longer"] = x[3]
    else:
        d["longer"] = x[4]
    return total * len(names) + sum(len(n) for n in names) * x[3]


cases.add(items_asked_for_before, vec(5))


def keys_whose_values_change(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    for k in d.keys():
        d[k] = d[k] * x[3]
    return sum(d.values()) * x[4]


cases.add(keys_whose_values_change, vec(5))


def updated_with_computed_keys(x):
    d, k = {1: x[0], 5: x[1]}, int(x.size)
    d.update({k: x[2] * x[3]})  # another dict whose values are differentiated
    d.update({k + 1: 3.0}, a=x[4])  # and one whose values are not
    return d[1] * d[5] * d["a"] * d[k + 1] + sum(d.values())


cases.add(updated_with_computed_keys, vec(5))


def merged_with_computed_keys(x):
    k = int(x.size)
    constants, values = {k: 3.0, 1: 2.0}, {k: x[2]}
    d = {1: x[0], **constants, "last": x[1]}
    d = {**d, **values}
    return d[1] * d[k] * d["last"] * d["last"]


cases.add(merged_with_computed_keys, vec(5))

"""Lists of arrays: what they hold has other names, is held twice, is replaced, moved, written."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def append_then_write_last(x):
    hist = []
    for t in range(3):
        v = np.sin(x * t)
        hist.append(v)
    v[0] = 5.0
    return np.sum(hist[2] * x) + np.sum(hist[1])


cases.add(append_then_write_last, vec(3))


def append_one_array_thrice_then_write(x):
    hist = []
    u = x.copy()
    for t in range(3):
        hist.append(u)
    u[0] = 5.0
    return np.sum(hist[2] * x) + np.sum(hist[1])


cases.add(append_one_array_thrice_then_write, vec(3))


def write_item_of_list_that_holds_it_thrice(x):
    hist = []
    u = x.copy()
    for t in range(3):
        hist.append(u)
    w = hist[0]
    w *= 2.0
    return np.sum(hist[2] * x) + np.sum(u)


cases.add(write_item_of_list_that_holds_it_thrice, vec(3))


def write_to_former_last_item(x):
    hist = [x.copy()]
    for t in range(3):
        prev = hist[-1]
        hist.append(prev * 2.0)
        prev[0] = x[1]
    return np.sum(np.stack(hist)**2)


cases.add(write_to_former_last_item, vec(3))


def display_grows_while_item_is_written(x):
    u = x * 2.0
    hist = [u]
    for t in range(3):
        hist.append(np.sin(u))
        u[t] = 3.0 * x[0]
    return np.sum(np.stack(hist)**2)


cases.add(display_grows_while_item_is_written, vec(3))


def write_to_first_item_by_its_name(x):
    u = x * 2.0
    hist = [u]
    for t in range(3):
        hist.append(np.sin(x) * t)
    u[0] = x[1] * x[2]
    return np.sum(np.stack(hist)**2)


cases.add(write_to_first_item_by_its_name, vec(3))


def write_to_first_item_through_the_list(x):
    u = x * 2.0
    hist = [u]
    for t in range(3):
        hist.append(np.sin(x) * t)
    hist[0][0] = x[1] * x[2]
    return np.sum(u**2)


cases.add(write_to_first_item_through_the_list, vec(3))


def dict_item_rebound_its_name_written(x):
    u = x * 2.0
    p = {"u": u}
    for t in range(3):
        p["u"] = p["u"] * x
        u[t] = 2.0
    return np.sum(u * p["u"])


cases.add(dict_item_rebound_its_name_written, vec(3))


def list_of_one_array_twice(x):
    u = x * 2.0
    p = [u, u]
    for t in range(3):
        p[0][t] = 2.0 * p[1][0]
    p[1] *= x
    return np.sum(u * p[0])


cases.add(list_of_one_array_twice, vec(3))


def two_buffers_in_a_list(x):
    bufs = [x.copy() for _ in range(2)]
    for t in range(3):
        bufs[(t + 1) % 2][:] = np.sin(bufs[t % 2]) * x
    return np.sum(bufs[0] * bufs[1])


cases.add(two_buffers_in_a_list, vec(3))


def repeated_display_written(x):
    bufs = [x] * 2
    bufs[0][1] = 3.0 * x[0]
    return np.sum(bufs[0] * bufs[1])


cases.add(repeated_display_written, vec(3))


def comprehension_of_one_array_written(x, n):
    bufs = [x for _ in range(n)]
    bufs[0][1] = 3.0 * x[0]
    return np.sum(bufs[0] * bufs[1])


cases.add(comprehension_of_one_array_written, vec(3), 5, refused="SRC147")


def comprehension_of_arrays_written(x, n):
    bufs = [x * i for i in range(n)]
    bufs[0][1] = 3.0 * x[0]
    bufs[2] *= bufs[1]
    for b in bufs:
        b *= x
    return np.sum(bufs[0] * bufs[2])


cases.add(comprehension_of_arrays_written, vec(3), 5)


def rows_gathered_then_written(A):
    rows = [r for r in A]
    rows[0][1] = rows[1][2] * 2.0
    return np.sum(A * A)


cases.add(rows_gathered_then_written, mat(3, 3), refused="SRC119")


def rows_gathered_and_read(A):
    rows = [r for r in A]
    rows[0][1] = rows[1][2] * 2.0
    return sum(np.sum(r * r) for r in rows)


cases.add(rows_gathered_and_read, mat(3, 3))


def rows_appended_then_written(A, n):
    rows = []
    for i in range(n):
        rows.append(A[i])
    rows[0][1] = rows[1][2] * 2.0
    return np.sum(A * A)


cases.add(rows_appended_then_written, mat(3, 3), 3)


def rows_appended_then_matrix_written(A, n):
    rows = []
    for i in range(n):
        rows.append(A[i])
    A[0] *= 2.0
    return np.sum(rows[0] * A[1])


cases.add(rows_appended_then_matrix_written, mat(3, 3), 3)


def pair_swapped_and_written(x, y):
    pair = (x, y)
    for t in range(3):
        a, b = pair
        a[t] = b[0] * 2
        pair = (b, a)
    return np.sum(x * x * y)


cases.add(pair_swapped_and_written, vec(3), vec(3, 0.8))


def dict_with_computed_keys(x):
    d = {}
    for t in range(3):
        d[t] = x[t] * x
    d[0][1] = 7.0
    return np.sum(d[0] * d[1] * d[2])


cases.add(dict_with_computed_keys, vec(3))


def unpacked_rows_written(A):
    a, b, c = A
    b[0] = 3.0
    a += b
    return np.sum(A * a)


cases.add(unpacked_rows_written, mat(3, 3))


def unpacked_in_a_nest(A):
    (a, b), c = A, A[0]
    c[0] = a[1] * b[1]
    return np.sum(A * a)


cases.add(unpacked_in_a_nest, mat(2, 3))


def rows_written_while_iterated(A):
    for i, row in enumerate(A):
        row[i] = 2.0 * row[2]
    for a, b in zip(A, A[::-1]):
        a += 0.5 * b
    return np.sum(A * A)


cases.add(rows_written_while_iterated, mat(2, 3))


def starred_rows_written(A):
    first, *rest = A
    first *= 2.0
    rest[0][0] = first[1]
    return np.sum(A * A)


cases.add(starred_rows_written, mat(2, 3), refused="SRC119")


def matrix_written_while_iterated(A):
    s = 0.0
    for row in A:
        s += np.sum(row * row)
        A[1:] *= 1.1
    return s


cases.add(matrix_written_while_iterated, mat(3,3))


def item_appended_again(x, n):
    hist=[x*i for i in range(n)]
    w = hist[0]
    hist.append(w)
    hist[0][0] = 5 * x[1]
    return np.sum(hist[-1] * x)


cases.add(item_appended_again, vec(3), 3)
cases.add(item_appended_again, vec(3), 5, refused="SRC119")


def item_replaced_name_kept(x, n):
    hist=[x*i for i in range(n)]
    w = hist[1]
    hist[1] = x
    return np.sum(w * x)


cases.add(item_replaced_name_kept, vec(3), 3)


def item_before_insert(x, n):
    hist=[x*i for i in range(n)]
    w = hist[1]
    hist.insert(0, x)
    return np.sum(w * x)


cases.add(item_before_insert, vec(3), 3)


def item_popped_in_front(x, n):
    hist=[x*i for i in range(n)]
    w = hist.pop(0)
    return np.sum(w * x) + np.sum(hist[0])


cases.add(item_popped_in_front, vec(3), 3)


def number_stored_at_computed_place(x, n):
    c = [x[0], x[1] * x[2]]
    c[n % 2] = 3.0 * x[2]
    return c[0] * c[1]


cases.add(number_stored_at_computed_place, vec(3), 3)


def array_stored_at_computed_place(x, n):
    c = [x, x * 2]
    c[n % 2] = 3.0 * x
    return np.sum(c[0] * c[1])


cases.add(array_stored_at_computed_place, vec(3), 3)


def array_written_at_computed_place(x, n):
    c = [x.copy(), x * 2]
    c[n % 2][1] = 3.0 * x[0]
    return np.sum(c[0] * c[1])


cases.add(array_written_at_computed_place, vec(3), 3)


def pair_in_a_list_written(x, n):
    hist = []
    for i in range(n):
        hist.append((x * i, x + i))
    a, b = hist[1]
    a[0] = 7.0
    return np.sum(hist[1][0] * x)


cases.add(pair_in_a_list_written, vec(3), 3)


def unpacked_list_written(x, n):
    hist = [x * i for i in range(n)]
    a, b, c = hist
    a[0] = 7.0
    return np.sum(hist[0] * x) + np.sum(b)


cases.add(unpacked_list_written, vec(3), 3)


def copy_of_list_written(x, n):
    hist = [x * i for i in range(n)]
    other = list(hist)
    other[1][0] = 7.0
    return np.sum(hist[1] * x)


cases.add(copy_of_list_written, vec(3), 3)
cases.add(copy_of_list_written, vec(3), 5, refused="SRC119")


def slices_of_list_written(x, n):
    hist = [x * i for i in range(n)]
    other = hist[1:] + hist
    hist[1][0] = 7.0
    return np.sum(other[0] * x)


cases.add(slices_of_list_written, vec(3), 3)
cases.add(slices_of_list_written, vec(3), 5, refused="SRC119")


def repeated_list_written(x, n):
    hist = [x * i for i in range(n)]
    other = hist * 2
    other[1][0] = 7.0
    return np.sum(other[n + 1] * x)


cases.add(repeated_list_written, vec(3), 3)
cases.add(repeated_list_written, vec(3), 5, refused="SRC147")


def tuple_of_list_written(x, n):
    hist = [x * i for i in range(n)]
    t = tuple(hist)
    t[1][0] = 7.0
    return np.sum(hist[1] * x)


cases.add(tuple_of_list_written, vec(3), 3)
cases.add(tuple_of_list_written, vec(3), 5, refused="SRC141")


def reversed_items_written(x, n):
    hist = [x * i for i in range(n)]
    for i, v in enumerate(reversed(hist)):
        v[0] = i * 2.0 * x[1]
    return np.sum(hist[1] * x)


cases.add(reversed_items_written, vec(3), 3)


def items_written_while_zipped(x, n):
    hist = [x * (i + 1) for i in range(n)]
    for a, b in zip(hist, hist[1:]):
        b *= a
    return np.sum(hist[2] * x)


cases.add(items_written_while_zipped, vec(3), 3)
cases.add(items_written_while_zipped, vec(3), 5, refused="SRC119")


def stack_popped_and_pushed(x, n):
    stack = [x]
    for i in range(n):
        u = stack.pop()
        u[i] *= 2.0
        stack.append(u)
    return np.sum(stack[0] * x)


cases.add(stack_popped_and_pushed, vec(3), 3)


def second_name_of_list(x, n):
    hist = [x * i for i in range(n)]
    h2 = hist
    h2.append(x)
    h2[0] = x * x
    return np.sum(hist[0] * hist[-1])


cases.add(second_name_of_list, vec(3), 3)


def item_kept_while_list_grows_in_front(x, n):
    hist = [x * i for i in range(n)]
    w = hist[1]
    for i in range(2):
        s = np.sum(w)
        hist.insert(0, x * s)
    return np.sum(w * x) + np.sum(hist[0])


cases.add(item_kept_while_list_grows_in_front, vec(3), 3)


def item_replaced_on_one_path(x, n):
    hist = [x * i for i in range(n)]
    w = hist[1]
    if n > 2:
        hist[1] = x * x
    return np.sum(w * x) + np.sum(hist[1])


cases.add(item_replaced_on_one_path, vec(3), 3)


def item_written_around_an_append(x, n):
    hist = [x * i for i in range(n)]
    w = hist[1]
    w[0] = 4.0 * x[2]
    hist.append(x)
    w[1] = x[0]
    return np.sum(w * x) + np.sum(hist[1] * x)


cases.add(item_written_around_an_append, vec(3), 3)
cases.add(item_written_around_an_append, vec(3), 5, refused="SRC119")


def nested_lists_written(x, n):
    grid = [[x[0] * i * j for i in range(n)] for j in range(n)]
    grid[1][2] = x[1]
    row = grid[2]
    row[0] = x[2]
    return grid[1][2] * grid[2][0]


cases.add(nested_lists_written, vec(3), 3)


def table_of_lists(x, n):
    grid = [[0.0] * n for j in range(n)]
    for i in range(n):
        for j in range(n):
            grid[i][j] = x[i] * x[j] + grid[i - 1][j]
    return grid[1][2] * grid[2][0]


cases.add(table_of_lists, vec(3), 3)


def repeated_rows_of_lists(x, n):
    grid = [[0.0] * n] * n
    for i in range(n):
        grid[i][i] = x[i]
    return grid[0][2] * grid[2][0]


cases.add(repeated_rows_of_lists, vec(3), 3, refused="SRC147")


def list_of_rows_of_buffer(x, n):
    a = np.zeros((n, 3))
    rows = list(a)
    rows[1][0] = x[0]
    return a[1, 0] * x[1]


cases.add(list_of_rows_of_buffer, vec(3), 3, refused="SRC141")


def rows_in_list_written_by_loop(x, n):
    a = np.zeros((n, 3))
    rows = [a[i] for i in range(n)]
    for i, r in enumerate(rows):
        r[:] = x * i
    return np.sum(a * a)


cases.add(rows_in_list_written_by_loop, vec(3), 3, refused="SRC147")


def matrix_of_lists_written_while_read(x):
    n = len(x)
    m = [[0.0 for _ in range(n)] for _ in range(n)]
    for i in range(n):
        m[i][i] = x[i] ** 2
        m[i][0] = m[0][i] * x[i] + 1.0
    s = 0.0
    for row in m:
        for v in row:
            s += v * v
    return s + m[0][0]


cases.add(matrix_of_lists_written_while_read, vec(3))


def length_read_beside_enumerate(x, n):
    y = x * 1.0
    for k in range(n):
        for i, e in enumerate(y):
            if e > 10.0 + k + i:
                break
        else:
            for i in range(1, len(y)):
                y[i] = y[i] * y[i - 1] + x[k]
    return np.sum(y * y)


cases.add(length_read_beside_enumerate, vec(3), 2)


def list_repeated_in_place(x, n):
    known = [x[0], x[1] * x[0]]
    items = [v * v for v in x]
    same = items
    known *= 2
    items *= n
    items[0] = x[1]
    items[len(x)] *= 3.0
    return known[2] * known[3] + sum(same) * items[len(x)]


cases.add(list_repeated_in_place, vec(3), 2)
cases.add(list_repeated_in_place, vec(2), 3)


def list_repeated_by_numbers_of_numpy(x):
    items = [v * v for v in x]
    same = items
    items *= np.int64(len(x))
    items.append(x[0])
    return sum(same) * items[-2]


cases.add(list_repeated_by_numbers_of_numpy, vec(3))


def columns_one_by_one(x):
    rows = [[v, v * v, 1.0] for v in x]
    sums = [sum(c) for c in zip(*rows)]
    s = 0.0
    for k, column in enumerate(zip(*rows)):
        s = s * 2.0 + np.sum(np.array(column) ** 2) * k
    return sums[0] * sums[1] * s


cases.add(columns_one_by_one, vec(3))
cases.add(columns_one_by_one, vec(1))


def rows_turned_into_columns(x):
    n = len(x)
    rows = [[x[i] * j + i for j in range(n)] for i in range(n)]
    turned = list(map(list, zip(*rows)))
    turned[1][0] *= x[0]
    pairs = list(zip(*[(v, v * v) for v in x]))
    return turned[0][1] + turned[1][0] * turned[2][1] + rows[0][1] + sum(pairs[0]) * pairs[1][2]


cases.add(rows_turned_into_columns, vec(3))


def columns_of_rows_of_other_lengths(x):
    rows = [[v * k for k in range(i + 2)] for i, v in enumerate(x)]
    s, n = 0.0, 0
    for first, *others in zip(*rows):
        s += first * sum(others)
        n += 1
    for column in zip(*rows[:0]):
        n += len(column)
    return s * n


cases.add(columns_of_rows_of_other_lengths, vec(3))


# ---- one list at several places ----------------------------------------------------------------------------------------
@cases.each((0.3, vec(4)), refused="SRC147")
def one_list_stored_at_several_places(a, zs):
    shared = [a]
    lists = [[z] for z in zs]
    for i in range(len(lists)):
        lists[i] = shared
    lists[0].append(2.0 * a)
    return sum(sum(items) for items in lists)


@cases.each((0.3, vec(4)), refused="SRC119")
def a_list_that_grows_after_it_was_stored(a, zs):
    shared = [a]
    lists = [[z] for z in zs]
    for i in range(3):
        lists[i], lists[i + 1] = shared, shared
    shared.append(2.0 * a)
    return sum(sum(items) for items in lists)


@cases.each((0.3, vec(4)))
def a_dict_that_changes_after_it_was_stored(a, zs):
    shared = {"x": a}
    dicts = [{"x": z} for z in zs]
    dicts[1] = shared
    dicts[1]["x"] = 5.0 * a
    return sum(d["x"] for d in dicts) + shared["x"]


@cases.each((0.3, vec(4)), refused="SRC119")
def a_list_that_grows_after_it_was_assigned_to_a_slice(a, zs):
    shared = [a]
    lists = [[z] for z in zs]
    lists[0:2] = [shared, shared]
    shared.append(2.0 * a)
    return sum(sum(items) for items in lists)


@cases.each((0.3, vec(4)))
def stored_and_not_changed_any_more(a, zs):
    shared = [a]
    lists = [[z] for z in zs]
    for i in range(len(lists)):
        lists[i] = shared
    lists[0:1] = [[a, a], shared]
    return sum(sum(items) * k for k, items in enumerate(lists))


def item_that_goes_round(x, n):
    rows = [x * (i + 1) for i in range(n + 1)]
    row, total = rows[0], x[3]
    for i in range(n):
        row[0] *= x[1]
        row = rows[i + 1]
    for r in rows:
        total += r[0]
    return total


def item_that_goes_round_and_is_read(x, n):
    rows = [x * (i + 1) for i in range(n + 1)]
    row, total = x * 1.0, x[3]
    for i in range(n):
        row[0] *= x[1]
        total += rows[i - 1][0]
        row = rows[i]
    return total + sum(r[0] for r in rows)


def item_of_an_argument_that_goes_round(rows, x, n):
    row, total = x * 1.0, x[3]
    for i in range(n):
        row[0] *= x[1]
        total += rows[i - 1][0]
        row = rows[i]
    return total + sum(r[0] for r in rows)


def item_that_goes_round_a_while_loop(x, n):
    rows = [x * (i + 1) for i in range(n + 1)]
    row, total, i = x * 1.0, x[3], 0
    while i < n:
        row[0] *= x[1]
        total += rows[i - 1][0]
        row = rows[i]
        i += 1
    return total + sum(r[0] for r in rows)


ROUND = np.array([0.7, 1.3, 0.4, 2.1])
for trips in (0, 1, 3):
    cases.add(item_that_goes_round, ROUND, trips)
    cases.add(item_that_goes_round_and_is_read, ROUND, trips)
cases.add(item_of_an_argument_that_goes_round, [ROUND * 1, ROUND * 2, ROUND * 3], ROUND, 3)
cases.add(item_that_goes_round_a_while_loop, ROUND, 3, refused="SRC119")


def array_added_to_a_list(x):
    values = [v for v in x]
    before = values
    values += x
    values[0] = 3.0
    return np.sum(values) + sum(before) + len(values)


def number_of_numpy_added_to_a_list(x):
    values = [x[0], x[1]]
    before = values
    values += x[2]
    return np.sum(values) + sum(before) + len(values)


def lists_divided_in_part(x):
    values = [x[0], x[1] * 2, x[2]]
    values[1:] /= x[0]
    values[:2] -= x[3]
    values *= np.int64(2)
    return np.sum(values) + values[1] ** 2 + len(values)


def array_added_to_an_item(x):
    d = {"a": [x[0], x[1]]}
    d["a"] += x[2:]
    d["a"][0] *= 2
    return np.sum(d["a"]) + len(d["a"])


cases.add(array_added_to_a_list, ROUND, no_duals=True)
cases.add(number_of_numpy_added_to_a_list, ROUND, no_duals=True)
cases.add(lists_divided_in_part, ROUND, no_duals=True)
cases.add(array_added_to_an_item, ROUND, no_duals=True)


@cases.each((vec(2), 2))
def item_moved_to_a_computed_place(x, n):
    us = [x * 1.0, x * 2.0, x * 3.0]
    us[n - 1] = us[0]
    us[0] *= x
    return np.sum(us[0]) + np.sum(us[1])


@cases.each((vec(2), 2))
def list_moved_to_a_computed_place(x, n):
    lists = [[x[0], 1.0], [x[1], 2.0]]
    lists[n - 1] = lists[0]
    lists[0][0] *= 2.0
    lists[0].append(x[1])
    return sum(v * v for v in lists[1])

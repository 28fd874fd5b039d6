"""The cache changes nothing but time: damage, strangers, killed writers, many processes and threads."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from srcad import cache as cache_module
from srcad.cache import Cache, digest, source_fingerprint

KEY = ("def f(x): ...", b"float64", "reverse")
PAYLOAD = {"text": "def f_grad(x):\n    return 1.0\n", "line_map": [[1, 1], [2, 2]], "meta": {"ä": None}}
posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes of POSIX")


@pytest.fixture(autouse=True)
def _on(monkeypatch):
    monkeypatch.delenv("SRCAD_CACHE", raising=False)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def test_round_trip_and_second_instance(cache):
    assert cache.load(KEY) is None
    assert cache.store(KEY, PAYLOAD)
    assert cache.load(KEY) == PAYLOAD
    assert Cache(cache.root).load(KEY) == PAYLOAD


def test_each_ingredient_alone_is_a_miss(cache):
    cache.store(KEY, PAYLOAD)
    for i in range(len(KEY)):
        part = KEY[i] + (b"x" if isinstance(KEY[i], bytes) else "x")
        assert cache.load((*KEY[:i], part, *KEY[i + 1 :])) is None
    assert cache.load(KEY[:-1]) is None
    assert cache.load((*KEY, "")) is None


def test_ingredients_do_not_run_into_each_other():
    keys = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), (b"abc",), (b"ab", "c"), ("s1:a",), ()]
    assert len({digest(key) for key in keys}) == len(keys)


@posix
def test_modes(cache):
    cache.store(KEY, PAYLOAD)
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert cache.path(KEY).stat().st_mode & 0o077 == 0


def test_every_truncation_is_ignored_and_rebuilt(cache):
    cache.store(KEY, PAYLOAD)
    whole = cache.path(KEY).read_bytes()
    for length in range(len(whole)):
        cache.path(KEY).write_bytes(whole[:length])
        assert cache.load(KEY) is None, length
    assert cache.store(KEY, PAYLOAD)
    assert cache.load(KEY) == PAYLOAD


def test_every_flipped_byte_is_ignored(cache):
    cache.store(KEY, PAYLOAD)
    whole = cache.path(KEY).read_bytes()
    for i in range(len(whole)):
        cache.path(KEY).write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        assert cache.load(KEY) is None, i


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"name": 1, "payload": {}}', b"[" * 100_000, b"\xff\xfe"])
def test_well_signed_nonsense_is_ignored(cache, body):
    cache.store(KEY, PAYLOAD)
    cache.path(KEY).write_bytes(b"srcad-cache-1 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert cache.load(KEY) is None


def test_entry_under_another_name_is_ignored(cache):
    cache.store(KEY, PAYLOAD)
    other = (*KEY, "other")
    cache.path(KEY).rename(cache.path(other))
    assert cache.load(other) is None


@posix
def test_writable_by_others_is_ignored(cache):
    cache.store(KEY, PAYLOAD)
    for mode in (0o666, 0o620, 0o602):
        cache.path(KEY).chmod(mode)
        assert cache.load(KEY) is None
    cache.path(KEY).chmod(0o600)
    assert cache.load(KEY) == PAYLOAD
    cache.folder.chmod(0o777)
    assert cache.load(KEY) is None
    assert not cache.store(KEY, PAYLOAD)
    cache.folder.chmod(0o700)


@posix
def test_foreign_owner_is_ignored(cache, monkeypatch):
    cache.store(KEY, PAYLOAD)
    monkeypatch.setattr(cache_module.os, "geteuid", lambda: 4242)
    assert cache.load(KEY) is None
    assert not cache.store(KEY, PAYLOAD)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_foreign_file_on_disk_is_ignored(cache):
    cache.store(KEY, PAYLOAD)
    os.chown(cache.path(KEY), 12345, 12345)
    assert cache.load(KEY) is None
    assert cache.store(KEY, PAYLOAD)
    assert cache.load(KEY) == PAYLOAD


@posix
def test_links_fifos_and_folders_are_ignored(cache, tmp_path):
    cache.store(KEY, PAYLOAD)
    path = cache.path(KEY)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert cache.load(KEY) is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert cache.load(KEY) is None
    path.unlink()
    path.mkdir()
    assert cache.load(KEY) is None
    assert not cache.store(KEY, PAYLOAD)


def test_impossible_folder_is_only_slower(tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    cache = Cache(file / "cache")
    assert not cache.store(KEY, PAYLOAD)
    assert cache.load(KEY) is None
    assert cache.info().entries == 0
    assert cache.clear() == 0


def test_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SRCAD_CACHE_DIR", str(tmp_path / "there"))
    cache = Cache()
    assert cache.store(KEY, PAYLOAD)
    assert (tmp_path / "there").is_dir()
    monkeypatch.setenv("SRCAD_CACHE", "0")
    off = Cache()
    assert off.load(KEY) is None
    assert not off.store(KEY, PAYLOAD)
    assert "off" in str(off.info())
    monkeypatch.delenv("SRCAD_CACHE")
    monkeypatch.delenv("SRCAD_CACHE_DIR")
    assert Cache().root.name == "srcad"


def test_info_and_clear(cache):
    for i in range(3):
        cache.store((str(i),), PAYLOAD)
    (cache.folder / "left.tmp").write_bytes(b"half")
    info = cache.info()
    assert info.entries == 3
    assert info.size == sum(path.stat().st_size for path in cache.folder.glob("*.json"))
    assert cache.clear() == 3
    assert list(cache.folder.iterdir()) == []


def test_payload_must_be_json(cache):
    with pytest.raises(TypeError):
        cache.store(KEY, {"text": object()})
    assert cache.load(KEY) is None


def test_old_temporary_files_are_swept(cache):
    cache.folder.mkdir(mode=0o700, parents=True)
    old, new = cache.folder / "old.tmp", cache.folder / "new.tmp"
    old.write_bytes(b"")
    new.write_bytes(b"")
    os.utime(old, (time.time() - 7200,) * 2)
    assert cache.store(KEY, PAYLOAD)
    assert not old.exists()
    assert new.exists()


def test_a_process_looks_through_the_folder_once(cache, monkeypatch):
    """With thousands of entries that takes longer than compiling, so no later compilation does it again."""
    assert cache.store(KEY, PAYLOAD)
    monkeypatch.setattr(Cache, "_files", lambda self, suffix: pytest.fail("the folder is listed again"))
    assert Cache(cache.root).store(("other",), PAYLOAD)


WRITER = """
import sys
from srcad.cache import Cache
cache = Cache(sys.argv[1])
text = "x" * 2_000_000
print("go", flush=True)
i = 0
while True:
    cache.store(("big",), {"text": text, "i": i})
    i += 1
"""


@posix
def test_killed_while_writing(cache, tmp_path):
    """Kill a writer at many moments: a reader finds a whole entry or none, and the next writer succeeds."""
    seen = set()
    for attempt in range(6):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(cache.root)], stdout=subprocess.PIPE, cwd=os.getcwd(), env={**os.environ, "PYTHONPATH": os.getcwd()})
        process.stdout.readline()
        time.sleep(0.01 * attempt)
        while attempt == 5 and not cache.path(("big",)).exists():  # the last one has written at least once, however slow the machine
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = cache.load(("big",))
        assert found is None or found["text"] == "x" * 2_000_000
        seen.add(found is None)
        assert cache.store(KEY, PAYLOAD)
        assert cache.load(KEY) == PAYLOAD
    assert False in seen


def test_half_written_temporary_file_is_never_read(cache, monkeypatch):
    cache.store(KEY, {"text": "old"})

    def die(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache_module.Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        cache.store(KEY, PAYLOAD)
    monkeypatch.undo()
    assert cache.load(KEY) == {"text": "old"}


def test_full_disk_keeps_the_old_entry(cache, monkeypatch):
    cache.store(KEY, {"text": "old"})

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_module.Path, "replace", full)
    assert not cache.store(KEY, PAYLOAD)
    monkeypatch.undo()
    assert cache.load(KEY) == {"text": "old"}
    assert list(cache.folder.glob("*.tmp")) == []


def _work(folder, seed, rounds, failures):
    cache = Cache(folder)
    for i in range(rounds):
        key = (str((i * 7 + seed) % 5),)
        found = cache.load(key)
        if found is not None and found != {"text": key[0] * 50_000}:
            failures.put((seed, i))
        cache.store(key, {"text": key[0] * 50_000})
        if i % 17 == seed:
            cache.clear()


def test_eight_processes_at_once(cache):
    context = multiprocessing.get_context("spawn")
    failures = context.Queue()
    processes = [context.Process(target=_work, args=(cache.root, seed, 60, failures)) for seed in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 8
    assert failures.empty()
    failures.close()
    assert list(cache.folder.glob("*.tmp")) == []


def test_one_maker_per_key_among_threads(cache):
    made = []

    def need(i):
        with cache.lock(KEY):
            if cache.load(KEY) is None:
                made.append(i)
                time.sleep(0.01)
                cache.store(KEY, PAYLOAD)
        return cache.load(KEY)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(need, range(32))) == [PAYLOAD] * 32
    assert len(made) == 1


def test_lock_is_re_entrant_and_released_on_error(cache):
    with pytest.raises(ZeroDivisionError), cache.lock(KEY), cache.lock(KEY):
        1 / 0  # noqa: B018
    done = threading.Event()

    def other():
        with cache.lock(KEY):
            done.set()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(10)
    assert done.is_set()


def test_crossed_locks_do_not_deadlock(cache):
    barrier = threading.Barrier(2, timeout=10)
    done = []

    def take(first, second):
        with cache.lock((first,)):
            barrier.wait()
            with cache.lock((second,)):
                done.append(first)

    threads = [threading.Thread(target=take, args=pair, daemon=True) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(done) == ["a", "b"]
    with cache.lock(("a",)), cache.lock(("b",)):
        pass


def test_fingerprint_follows_the_source(tmp_path):
    """Another text, another fingerprint; changed after import: None, which the pipeline takes as 'do not cache'."""
    package = tmp_path / "srcad"
    package.mkdir()
    (package / "__init__.py").write_text("")
    code = cache_module.__file__
    (package / "cache.py").write_text(Path(code).read_text())
    past = time.time() - 100
    script = textwrap.dedent(
        """
        import json, os, sys
        from srcad import cache
        if len(sys.argv) > 1:
            later = cache._IMPORTED_AT + 10
            os.utime(os.path.join(os.path.dirname(cache.__file__), "__init__.py"), (later, later))
        print(json.dumps(cache.source_fingerprint()))
        """
    )

    def run(*args):
        for path in package.glob("*.py"):
            os.utime(path, (past, past))
        out = subprocess.run([sys.executable, "-B", "-c", script, *args], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)
        return json.loads(out.stdout)

    first = run()
    assert first is not None
    assert run() == first
    (package / "__init__.py").write_text("# a comment")
    second = run()
    assert second not in {first, None}
    assert run("edit") is None


def test_fingerprint_is_quick():
    start = time.perf_counter()
    source_fingerprint.cache_clear()
    source_fingerprint()
    assert time.perf_counter() - start < 0.5

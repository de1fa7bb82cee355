#!/usr/bin/python3
"""The stages of ./test: two lanes side by side, one that builds and one that tests what is built.

    builds   dev ────────── release ───────── tsan ──── fuzz ──── (lint)
    tests         └ unit, style ─ └ real ───────── └ threads └ fuzz runs

Builds keep both cores busy and tests mostly wait for disks and clients, so they overlap well. A
stage that fails does not stop the others. Prints progress, the time of each stage, and last of all
the plain line "N passed, M failed".
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LOGS = BUILD / "logs"
THREADED_ROOMS = ("base", "world", "engine", "service", "net", "pgwire", "node")
FUZZ_S = 20
FUZZ_SOAK_S = 900
TAIL_LINES = 80


class Run:
    """What happened so far. Stages report here from two threads."""

    def __init__(self, soak):
        self.soak = soak
        self.begin = time.monotonic()
        self.passed = self.failed = 0
        self.failures = []
        self.lock = threading.Lock()
        self.environment = dict(
            os.environ,
            # A compiler cache that survives a new clone: relative paths, no clone's own times.
            CCACHE_BASEDIR=str(ROOT),
            CCACHE_NOHASHDIR="1",
            CCACHE_SLOPPINESS="pch_defines,time_macros,include_file_mtime,include_file_ctime",
            CTEST_OUTPUT_ON_FAILURE="1",
            ASAN_OPTIONS="detect_stack_use_after_return=0:allocator_may_return_null=1",
            UBSAN_OPTIONS="print_stacktrace=1",
            TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1",
        )
        if soak:
            self.environment["HOLDFAST_SOAK"] = "1"

    def say(self, text):
        seconds = int(time.monotonic() - self.begin)
        with self.lock:
            print(f"[{seconds // 60:3d}:{seconds % 60:02d}] {text}", flush=True)

    def count(self, passed, failures):
        with self.lock:
            self.passed += passed
            self.failed += len(failures)
            self.failures += failures

    def command(self, name, words, **options):
        """Runs one command with its output in build/logs/<name>.log; True when it succeeded."""
        LOGS.mkdir(parents=True, exist_ok=True)
        with open(LOGS / f"{name}.log", "a", encoding="utf-8") as log:
            done = subprocess.run(
                [str(word) for word in words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self.environment,
                check=False,
                **options,
            )
        return done.returncode == 0

    def show_log(self, name):
        lines = (LOGS / f"{name}.log").read_text(errors="replace").splitlines()
        with self.lock:
            print(f"---- last lines of build/logs/{name}.log")
            print("\n".join(lines[-TAIL_LINES:]))
            print("----", flush=True)

    def stage(self, name, steps):
        """Runs commands one after the other; a failure counts as one failed test. True when all
        succeeded."""
        (LOGS / f"{name}.log").unlink(missing_ok=True)
        self.say(f"{name} …")
        begin = time.monotonic()
        good = all(self.command(name, step) for step in steps)
        self.say(f"{name}: {'ok' if good else 'FAILED'}, {time.monotonic() - begin:.0f} s")
        if not good:
            self.show_log(name)
            self.count(0, [name])
        return good

    def ctest(self, name, tree, *selection, jobs=2):
        """Runs the selected tests of a tree and counts each one."""
        result = LOGS / f"{name}.xml"
        result.unlink(missing_ok=True)
        (LOGS / f"{name}.log").unlink(missing_ok=True)
        self.say(f"{name} …")
        begin = time.monotonic()
        self.command(
            name,
            ["ctest", "--test-dir", BUILD / tree, "-j", jobs, "--output-junit", result, *selection],
        )
        passed, failures = 0, []
        try:
            for case in ElementTree.parse(result).getroot().iter("testcase"):
                if case.get("status") == "run":
                    passed += 1
                elif case.get("status") == "fail":
                    failures.append(f"{name}: {case.get('name')}")
        except (OSError, ElementTree.ParseError) as error:
            failures.append(f"{name}: no result ({error})")
        if not passed and not failures:
            failures.append(f"{name}: no test was found")
        self.count(passed, failures)
        self.say(
            f"{name}: {passed} passed, {len(failures)} failed, {time.monotonic() - begin:.0f} s"
        )
        if failures:
            self.show_log(name)


def configure(preset):
    return ["cmake", "--preset", preset]


def build(preset, *targets):
    return ["cmake", "--build", BUILD / preset, *(["--target", *targets] if targets else [])]


def rooms_with(pattern):
    return sorted(
        {path.relative_to(ROOT / "src").parts[0] for path in (ROOT / "src").rglob(pattern)}
    )


def fuzz_programs():
    return sorted(path.stem for path in (ROOT / "src").rglob("*_fuzz.cc"))


def run_fuzzer(run, program):
    """A short run from the kept corpus; what is found new stays in build/, a crash is kept in
    build/fuzz-found."""
    seconds = FUZZ_SOAK_S if run.soak else FUZZ_S
    corpus, found = BUILD / "fuzz-corpus" / program, BUILD / "fuzz-found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    kept = ROOT / "tests" / "fuzz_corpus" / program
    name = f"fuzz-{program}"
    good = run.stage(
        name,
        [
            [
                BUILD / "fuzz" / program,
                f"-max_total_time={seconds}",
                "-timeout=10",
                "-max_len=65536",
                "-rss_limit_mb=2048",
                f"-artifact_prefix={found}/{program}-",
                corpus,
                *([kept] if kept.is_dir() else []),
            ]
        ],
    )
    if good:
        run.count(1, [])


def run_fuzzers(run, programs):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda program: run_fuzzer(run, program), programs))


def test_real(run):
    """The release binary with real clients. Stages with many processes at once are kept one at a
    time."""
    node = ROOT / "tests" / "clients" / "node"
    if not run.stage(
        "npm", [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", node]]
    ):
        return
    run.ctest("real", "release", "-L", "real", jobs=2)


def lanes(run, wanted):
    """Starts the tests of each tree as soon as it is built."""
    tests = concurrent.futures.ThreadPoolExecutor(1)
    pending = []

    def then_test(job, *arguments):
        pending.append(tests.submit(job, *arguments))

    if "dev" in wanted and run.stage("build-dev", [configure("dev"), build("dev")]):
        then_test(run.ctest, "unit", "dev", "-LE", "real")
    if "release" in wanted and run.stage("build-release", [configure("release"), build("release")]):
        then_test(test_real, run)
    if "tsan" in wanted:
        targets = [f"{room}_test" for room in rooms_with("*_test.cc") if room in THREADED_ROOMS]
        if run.stage("build-tsan", [configure("tsan"), build("tsan", *targets)]):
            then_test(run.ctest, "tsan", "tsan", "-L", "^unit$")
    programs = fuzz_programs()
    if (
        "fuzz" in wanted
        and programs
        and run.stage("build-fuzz", [configure("fuzz"), build("fuzz", *programs)])
    ):
        then_test(run_fuzzers, run, programs)
    if "lint" in wanted and run.stage("lint", [[ROOT / "tools" / "lint"]]):
        run.count(1, [])
    for job in pending:
        job.result()
    tests.shutdown()


STAGES = ("dev", "release", "tsan", "fuzz", "lint")
# The linter reads every file as slowly as a compiler without a cache: it has its own time.
DEFAULT_STAGES = ("dev", "release", "tsan", "fuzz")


def main():
    parser = argparse.ArgumentParser(prog="./test", description=__doc__.split("\n")[0])
    parser.add_argument("--soak", action="store_true", help="long kill, fuzz and simulation runs")
    parser.add_argument(
        "--only", choices=STAGES, action="append", help="only this part; may be given several times"
    )
    arguments = parser.parse_args()
    run = Run(arguments.soak)
    if shutil.which("cmake") is None:
        print("cmake is missing: run tools/install build", file=sys.stderr)
        return 1
    LOGS.mkdir(parents=True, exist_ok=True)
    lanes(run, arguments.only or (STAGES if arguments.soak else DEFAULT_STAGES))
    for failure in run.failures:
        print(f"FAILED {failure}")
    print(f"{run.passed} passed, {run.failed} failed", flush=True)
    return 1 if run.failed or not run.passed else 0


if __name__ == "__main__":
    sys.exit(main())

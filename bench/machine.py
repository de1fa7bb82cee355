"""What every figure is stated with: the machine, the versions, and how long the device takes to
make 4 KiB durable."""

import mmap
import os
import pathlib
import platform
import statistics
import subprocess
import time

import servers

PROBES = 400
BLOCK = 4096
PROBE_BYTES = 4 * 1024 * 1024


def first_line(*command):
    try:
        run = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "not installed"
    return run.stdout.strip().split("\n")[0]


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def sync_latency_us(directory, flags):
    """Median microseconds of one durable 4 KiB overwrite of space that is allocated and written
    already."""
    path = pathlib.Path(directory) / "sync-probe"
    path.write_bytes(bytes(PROBE_BYTES))
    block = mmap.mmap(-1, BLOCK)  # page-aligned, as O_DIRECT wants it
    descriptor = os.open(path, os.O_WRONLY | flags)
    try:
        os.fsync(descriptor)
        taken = []
        for probe in range(PROBES):
            begin = time.perf_counter_ns()
            os.pwrite(descriptor, block, probe * BLOCK % PROBE_BYTES)
            if not flags & os.O_DSYNC:
                os.fdatasync(descriptor)
            taken.append((time.perf_counter_ns() - begin) / 1000)
        return round(statistics.median(taken))
    finally:
        os.close(descriptor)
        path.unlink()


def describe(directory):
    """Facts in the order in which they are printed."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "machine": f"{cpu_model()}, {os.cpu_count()} cores, {memory} MiB",
        "kernel": f"Linux {platform.release()}",
        "load before": "%.2f %.2f %.2f" % os.getloadavg(),
        "file system": first_line("stat", "-f", "-c", "%T", directory),
        "4 KiB overwrite + fdatasync": f"{sync_latency_us(directory, 0)} µs",
        "4 KiB O_DIRECT|O_DSYNC": f"{sync_latency_us(directory, os.O_DIRECT | os.O_DSYNC)} µs",
        "holdfast": first_line(servers.build_dir() / "holdfast", "version"),
        "commit": first_line("git", "-C", servers.ROOT, "describe", "--always", "--dirty"),
        "postgres": first_line(servers.POSTGRES_BIN / "postgres", "--version"),
        "redis": first_line("redis-server", "--version"),
        "client": first_line(servers.POSTGRES_BIN / "pgbench", "--version"),
    }


def device_bytes(pid, what):
    for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith(what):
            return int(line.split(":")[1])
    return 0


def written_bytes(pid):
    """Bytes that the process caused to be sent to the device, from its start."""
    return device_bytes(pid, "write_bytes")


def read_bytes(pid):
    """Bytes that the process caused to be fetched from the device, from its start."""
    return device_bytes(pid, "read_bytes")


def processor_seconds(pid):
    """Of all threads of the process, in user and kernel mode, from its start."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited_seconds(pid):
    """That threads of the process were ready to run and had no core, of those it has now."""
    threads = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[1]) for one in threads) / 1e9


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no resident memory")


def drop_caches():
    """Forgets what the kernel has cached of files; False where that is not allowed."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        return False
    return True

"""What pgbench and redis-benchmark tell about the latency of single statements."""

import collections
import re

SHARES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}

Claim = collections.namedtuple("Claim", "at us")  # answered at (seconds, Unix time), after µs


def read(prefix):
    """All transactions of the logs that pgbench wrote with this prefix, in no order."""
    found = []
    for path in prefix.parent.glob(prefix.name + ".*"):
        with path.open() as file:
            for line in file:
                # client, number, µs, script, second, µs of it, and with -R the µs it began late
                _, _, taken, _, second, micro, *late = line.split()
                at = int(second) + int(micro) / 1e6
                found.append(Claim(at, int(taken) - sum(map(int, late))))
        path.unlink()
    return found


def percentile(values, share):
    """Of sorted values, the least that `share` of them do not exceed."""
    return values[min(len(values) - 1, int(len(values) * share))]


def of_pgbench(prefix):
    """{name: milliseconds}"""
    taken = sorted(claim.us / 1000 for claim in read(prefix))
    return {name: percentile(taken, share) for name, share in SHARES.items()}


def of_redis(output):
    """The same from redis-benchmark's own distribution, whose steps halve what is left: the last
    figure is that of 99.902 %."""
    found = {}
    for share, taken in re.findall(r"^([\d.]+)% <= ([\d.]+) milliseconds", output, re.MULTILINE):
        for name, wanted in SHARES.items():
            if float(share) >= wanted * 100:
                found.setdefault(name, float(taken))
    return found

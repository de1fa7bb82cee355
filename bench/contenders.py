"""The contenders of a benchmark: how each is prepared, and how one measured run of it is made.

A contender is started once, loaded once and then run in turns with the others (see rounds.py). Its
rate() is in statements per second; `written()` is the number of bytes it made durable so far,
where that can be told.
"""

import pathlib
import re
import subprocess

import latency
import machine
import servers

SKU_FIRST = 1_000_000_000_000_000  # 16 digits: as long as a real SKU
HOT_SKU = "SKU-1"
PLENTY = 1_000_000_000_000
PIPELINE = 32
LOAD_CLIENTS = 16
LOAD_BATCH = 50


def pgbench(
    server, script, clients, seconds=None, transactions=None, flags=(), log=None
):
    """Runs pgbench with a script given as text; transactions per second. `log` is the prefix of
    the files in which it notes every transaction."""
    if log:
        flags = [*flags, "-l", "--log-prefix", str(log)]
    limit = ["-T", str(seconds)] if seconds else ["-t", str(transactions)]
    with servers.scratch("script") as directory:
        path = pathlib.Path(directory) / "script.sql"
        path.write_text(script)
        run = subprocess.run(
            [
                "pgbench",
                "-n",
                "-M",
                "prepared",
                "-c",
                str(clients),
                "-j",
                str(min(clients, 2)),
                *limit,
                *flags,
                "-f",
                str(path),
                "-h",
                server.host,
                "-p",
                str(server.port),
                "-U",
                server.user,
                server.database,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    found = re.search(r"^tps = ([0-9.]+)", run.stdout, re.MULTILINE)
    if run.returncode != 0 or not found:
        raise RuntimeError(f"pgbench failed: {run.stderr[-2000:]}\n{run.stdout[-500:]}")
    return float(found.group(1))


def pipelined(statement, count=PIPELINE):
    return "\\startpipeline\n" + (statement + "\n") * count + "\\endpipeline\n"


class PgContender:
    """Anything that speaks PostgreSQL: a server, its script, and how many statements one run of
    the script has. With `log`, the prefix of files, it notes the latencies of each run."""

    def __init__(self, name, server, script, statements=1, log=None):
        self.name, self.server, self.script, self.statements = name, server, script, statements
        self.log = log
        self.latencies, self.requests = [], 0  # of all runs so far

    def rate(self, clients, seconds):
        rate = pgbench(self.server, self.script, clients, seconds, log=self.log)
        if self.log:
            self.latencies.append(latency.of_pgbench(self.log))
        self.requests += rate * self.statements * seconds
        return rate * self.statements

    def written(self):
        return machine.written_bytes(self.server.pid)


class PostgresContender(PgContender):
    def written(self):  # many processes write; the log is what makes a commit durable
        return int(servers.psql(self.server, "SELECT wal_bytes::bigint FROM pg_stat_wal").stdout)


class RedisContender:
    """redis-benchmark with one command, pipelined or not."""

    def __init__(self, name, server, command, pipeline=1, keys=0):
        self.name, self.server, self.command, self.pipeline, self.keys = (
            name,
            server,
            command,
            pipeline,
            keys,
        )
        self.guess = 20_000 * pipeline
        self.latencies, self.requests = [], 0  # of all runs so far

    def rate(self, clients, seconds):
        requests = max(1_000, int(self.guess * seconds))
        self.requests += requests
        random_keys = ["-r", str(self.keys)] if self.keys else []
        run = subprocess.run(
            [
                "redis-benchmark",
                "-p",
                str(self.server.port),
                "-c",
                str(clients),
                "-P",
                str(self.pipeline),
                "-n",
                str(requests),
                *random_keys,
                *self.command,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        self.guess = float(re.search(r"throughput summary: ([\d.]+)", run.stdout).group(1))
        self.latencies.append(latency.of_redis(run.stdout))
        return self.guess

    def written(self):
        return machine.written_bytes(self.server.pid)


# -- preparing them
# ------------------------------------------------------------------------------------------------

CLAIM_HOLDFAST = f"SELECT * FROM claim('{HOT_SKU}', 1);\n"
CLAIM_POSTGRES = (
    f"UPDATE stock SET available = available - 1 WHERE sku = '{HOT_SKU}' AND available >= 1;\n"
)
CLAIM_REDIS = (
    "local n = redis.call('GET', KEYS[1]) if n and tonumber(n) >= tonumber(ARGV[1]) then "
    "return redis.call('DECRBY', KEYS[1], ARGV[1]) end return -1"
)
CLAIM_ANY = "\\set sku random({first}, {last})\nSELECT * FROM claim(:sku, 1);\n"
READ = (
    "\\set sku random({first}, {last})\n"
    "SELECT available FROM stock WHERE sku = :sku AND location = 'main';\n"
)


def read_script(skus):
    return READ.format(first=SKU_FIRST, last=SKU_FIRST + skus - 1)


def claim_script(skus):
    return CLAIM_ANY.format(first=SKU_FIRST, last=SKU_FIRST + skus - 1)


def page_script(skus, count):
    """A category page: what can be sold of `count` random SKUs, in one request."""
    picks = "".join(
        f"\\set s{index} random({SKU_FIRST}, {SKU_FIRST + skus - 1})\n" for index in range(count)
    )
    asked = ", ".join(f":s{index}" for index in range(count))
    return picks + (
        f"SELECT sku, salable FROM availability WHERE sku IN ({asked}) AND channel = 'default';\n"
    )


def prepare_hot_holdfast(server):
    servers.psql(
        server,
        f"SELECT * FROM define_item('{HOT_SKU}');\n"
        f"SELECT * FROM receive('{HOT_SKU}', {PLENTY});\n",
    )


def prepare_many_holdfast(server, skus):
    """Defines and receives `skus` items through pipelines, the quickest way that clients have."""
    per_client = skus // LOAD_CLIENTS
    rounds = per_client // LOAD_BATCH
    if rounds * LOAD_BATCH * LOAD_CLIENTS != skus:
        raise ValueError(f"{skus} SKUs are not a multiple of {LOAD_BATCH * LOAD_CLIENTS}")
    lines = [
        f"\\set base {SKU_FIRST} + :client_id * {per_client} + :round * {LOAD_BATCH}",
        "\\set round :round + 1",
    ]
    lines += [f"\\set s{index} :base + {index}" for index in range(LOAD_BATCH)]
    lines.append("\\startpipeline")
    for index in range(LOAD_BATCH):
        lines.append(f"SELECT outcome FROM define_item(sku => :s{index});")
        lines.append(f"SELECT outcome FROM receive(sku => :s{index}, quantity => {PLENTY});")
    lines.append("\\endpipeline")
    pgbench(
        server, "\n".join(lines) + "\n", LOAD_CLIENTS, transactions=rounds, flags=["-D", "round=0"]
    )


def prepare_postgres(server, skus=0):
    servers.psql(
        server,
        f"""
        CREATE TABLE stock (sku text, location text, available bigint NOT NULL, PRIMARY KEY (sku,
        location)); INSERT INTO stock VALUES ('{HOT_SKU}', 'main', {PLENTY});
        INSERT INTO stock SELECT ({SKU_FIRST} + n)::text, 'main', {PLENTY} FROM generate_series(0,
        {skus} - 1) n; VACUUM ANALYZE stock; CHECKPOINT;""",
    )


def redis_cli(server, *words):
    return subprocess.run(
        ["redis-cli", "-p", str(server.port), *[str(word) for word in words]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()


def prepare_redis(server, keys=0):
    """Loads the counters; the claim command to benchmark."""
    redis_cli(server, "SET", HOT_SKU, PLENTY)
    if keys:
        redis_cli(
            server,
            "EVAL",
            "for i = 0, ARGV[1] - 1 do redis.call('SET', string.format('key:%012d', i), "
            "'123456789') end",
            0,
            keys,
        )
    digest = redis_cli(server, "SCRIPT", "LOAD", CLAIM_REDIS)
    return ["EVALSHA", digest, "1", HOT_SKU, "1"]


def best_postgres(directory, seconds):
    """The sync method that is faster here, for PostgreSQL at its best: (started server, name)."""
    rates = {}
    for method in ("fdatasync", "open_datasync"):
        with servers.scratch("postgres") as place, servers.Postgres(place, method) as server:
            prepare_postgres(server)
            rates[method] = pgbench(server, CLAIM_POSTGRES, 32, seconds)
    method = max(rates, key=rates.get)
    return servers.Postgres(directory, method), method

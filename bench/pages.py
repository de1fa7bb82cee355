"""B17: what can be sold of the 48 SKUs of a category page, asked for in one request, beside Redis'
MGET of 48 counters.

pgbench picks 48 SKUs, sends 48 parameters and reads 48 rows; redis-benchmark patches digits into a
command that is ready and skips over the answer. So beside the rates stands what each side costs in
processor time. The null server gives one row where a real answer has 48: its rate is the ceiling of
the asking, not of the answer.
"""

import contenders as peers
import rounds
import servers
from costed import Costed

PAGE = 48
CLIENTS = 32


def measure(run):
    run.report.table(
        "server", "pages/s (median)", "spread", "server, µs of processor per page", "client, µs"
    )
    script = peers.page_script(run.skus, PAGE)
    with run.holdfast() as ours, servers.NullServer("read") as null, servers.Redis(
        run.place
    ) as redis:
        run.durability("holdfast", "redis", "null server")
        peers.prepare_many_holdfast(ours, run.skus)
        peers.prepare_redis(redis, run.skus)
        mget = ["MGET", *["key:__rand_int__"] * PAGE]
        three = [
            Costed(peers.PgContender("holdfast", ours, script)),
            Costed(peers.RedisContender("redis", redis, mget, keys=run.skus)),
            Costed(peers.PgContender("null server", null, script)),
        ]
        rates = rounds.measure(three, CLIENTS, run.rounds, run.seconds)
    for one in three:
        run.report.add(
            one.name,
            *rounds.cells(rates, one.name),
            *one.costs(),
        )
    run.report.claim_ratio("Holdfast / Redis MGET", rounds.ratio(rates, "holdfast", "redis"), 1)
    run.report.claim_ratio("Holdfast / null server", rounds.ratio(rates, "holdfast", "null server"))

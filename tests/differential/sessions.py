"""What clients say by themselves, as recorded from psql, pgbench, psycopg 2 and 3, asyncpg, JDBC,
node-postgres, postgres.js, Knex, Sequelize, SQLAlchemy and TypeORM on PostgreSQL 15: message by
message, with Holdfast's columns in the place of the recorded table's. Their questions to the system
catalogue are left out."""

from wire import FLUSH, SYNC, bind, close, describe, execute, parse, query

from differential.conversations import INT2, INT4, VARCHAR, int2, int4

LOOK = "select sku,on_hand from stock where sku=$1 and location='main'"
ADD = "update stock set on_hand=on_hand+$1 where sku=$2 and location='main'"
TAKE = "update stock set on_hand=on_hand-1 where sku=$1 and location='main'"
OVERSELL = "update stock set on_hand=on_hand-999 where sku='W' and location='main'"


def whole(sql, *values, types=(), formats=(), results=(0,)):
    """How node-postgres, psycopg 3 and Knex send a statement."""
    return [
        parse(sql, types=types),
        bind(*values, formats=formats, results=results),
        describe("P"),
        execute(),
        SYNC,
    ]


def jdbc(sql, name="", rows_max=1):
    return [parse(sql, name), bind(name=name), execute(rows_max=rows_max)]


SESSIONS = {
    "node-postgres": [
        [query("select 1")],
        whole(LOOK, "W", formats=(0,)),
        [
            parse("select on_hand from stock where sku=$1", "ps1"),
            bind("W", name="ps1", formats=(0,), results=(0,)),
            describe("P"),
            execute(),
            SYNC,
        ],
        [bind("W", name="ps1", formats=(0,), results=(0,)), describe("P"), execute(), SYNC],
        whole("select on_hand from stock where sku=$1", "W", formats=(0,), results=(1,)),
        whole("insert into stock(sku,on_hand) values($1,$2)", "W", "-1", formats=(0, 0)),
        whole("insert into stock(sku,on_hand) values($1,$2)", "W", "1", formats=(0, 0)),
    ],
    "JDBC": [
        [*jdbc("SET extra_float_digits = 3"), SYNC],
        [*jdbc("SET application_name = 'PostgreSQL JDBC Driver'"), SYNC],
        [parse(""), bind(), describe("P"), execute(rows_max=1), SYNC],
        [
            parse(LOOK, "S_1", (VARCHAR,)),
            bind("W", name="S_1", formats=(0,)),
            describe("P"),
            execute(),
            SYNC,
        ],
        [bind("W", name="S_1", formats=(0,), results=(0, 1)), execute(), SYNC],
        [
            *jdbc("BEGIN", "S_4", 0),
            parse("select sku,location from stock where sku in ('W')"),
            bind(portal="C_2"),
            describe("P", "C_2"),
            execute("C_2", 6),
            SYNC,
        ],
        [close("P", "C_2"), *jdbc("COMMIT", "S_3"), SYNC],
        [
            bind(name="S_4"),
            execute(),
            parse(ADD, "S_5", (INT4, VARCHAR)),
            describe("S", "S_5"),
            SYNC,
        ],
        [
            frame
            for units in (1, 2, 3)
            for frame in (
                bind(int4(units), "W", name="S_5", formats=(1, 0)),
                describe("P"),
                execute(rows_max=1),
            )
        ]
        + [SYNC],
        [bind(name="S_3"), execute(rows_max=1), SYNC],
        [
            bind(name="S_4"),
            execute(),
            parse("SAVEPOINT JDBC_SAVEPOINT_0"),
            bind(),
            describe("P"),
            execute(rows_max=1),
            SYNC,
        ],
        [*jdbc("ROLLBACK TO SAVEPOINT JDBC_SAVEPOINT_0"), SYNC],
        [*jdbc("ROLLBACK", "S_6"), SYNC],
    ],
    "psycopg 3": [
        whole("BEGIN"),
        whole(LOOK, "W", types=(0,), formats=(0,)),
        [parse(ADD, "_pg3_0", (INT2, 0)), SYNC],
        [
            bind(int2(1), "W", name="_pg3_0", formats=(1, 0), results=(0,)),
            describe("P"),
            execute(),
            SYNC,
        ],
        whole(
            "select on_hand from stock where sku=$1", "W", types=(0,), formats=(0,), results=(1,)
        ),
        whole("COMMIT"),
        whole("BEGIN"),
        [
            frame
            for _ in range(3)
            for frame in whole(ADD, int2(1), "W", types=(INT2, 0), formats=(1, 0))[:-1]
        ]
        + [SYNC],
        whole('SAVEPOINT "_pg3_2"'),
        [query("select 1")],
        whole('RELEASE "_pg3_2"'),
        whole("COMMIT"),
        whole("BEGIN"),
        [query(OVERSELL)],
        whole("ROLLBACK"),
        whole("DEALLOCATE ALL"),
        [bind(name="_pg3_0"), SYNC],
    ],
    "psycopg 2": [
        [query("BEGIN")],
        [query("select on_hand from stock where sku='W'")],
        [query("COMMIT")],
        [query("BEGIN")],
        [query(OVERSELL)],
        [query("ROLLBACK")],
    ],
    "asyncpg": [
        [
            parse(LOOK, "__asyncpg_stmt_1__"),
            describe("S", "__asyncpg_stmt_1__"),
            FLUSH,
            bind("W", name="__asyncpg_stmt_1__", formats=(1,), results=(1,)),
            execute(),
            SYNC,
        ],
        [query("BEGIN;")],
        [
            parse("select sku,location from stock where sku in ('W')", "__asyncpg_stmt_3__"),
            describe("S", "__asyncpg_stmt_3__"),
            FLUSH,
            bind(
                name="__asyncpg_stmt_3__", portal="__asyncpg_portal_4__", formats=(1,), results=(1,)
            ),
            execute("__asyncpg_portal_4__", 7),
            SYNC,
        ],
        [execute("__asyncpg_portal_4__", 7), SYNC],
        [query("COMMIT;")],
        [
            parse("insert into items(sku,scale) values($1,$2)", "__asyncpg_stmt_5__"),
            describe("S", "__asyncpg_stmt_5__"),
            FLUSH,
            SYNC,
        ],
        [
            frame
            for sku in ("Y1", "Y2")
            for frame in (
                bind(sku, int4(5), name="__asyncpg_stmt_5__", formats=(1, 1), results=(1,)),
                execute(),
            )
        ]
        + [SYNC],
        [query(OVERSELL)],
        [query("CLOSE ALL;\nUNLISTEN *;\nRESET ALL;")],
    ],
    "postgres.js": [
        [
            parse(LOOK, "v5yxuv88ck2", (0,)),
            describe("S", "v5yxuv88ck2"),
            FLUSH,
            bind("W", name="v5yxuv88ck2"),
            execute(),
            SYNC,
        ],
        [query("begin ")],
        [
            parse(TAKE, "v5yxuv88ck4", (0,)),
            describe("S", "v5yxuv88ck4"),
            FLUSH,
            bind("W", name="v5yxuv88ck4"),
            execute(),
            SYNC,
        ],
        [
            parse("commit", "v5yxuv88ck5"),
            describe("S", "v5yxuv88ck5"),
            bind(name="v5yxuv88ck5"),
            execute(),
            SYNC,
        ],
        [
            parse(
                'insert into items ("sku","title")values($1,$2),($3,$4) on conflict do nothing',
                "v5yxuv88ck6",
                (0, 0, 0, 0),
            ),
            describe("S", "v5yxuv88ck6"),
            FLUSH,
            bind("W", "x", "Y3", "y", name="v5yxuv88ck6"),
            execute(),
            SYNC,
        ],
        [
            parse("select location from locations", "v5yxuv88ck7"),
            describe("S", "v5yxuv88ck7"),
            bind(name="v5yxuv88ck7"),
            execute(rows_max=7),
            FLUSH,
            execute(rows_max=7),
            FLUSH,
            SYNC,
        ],
    ],
    "Knex": [
        [query("select 1")],
        whole(
            'update "stock" set "on_hand" = "on_hand" + $1 where "sku" = $2 and "location" = $3',
            "1",
            "W",
            "main",
            formats=(0, 0, 0),
        ),
        [query("BEGIN;")],
        whole(
            'select "title" from "locations" where "location" = $1 limit $2',
            "main",
            "1",
            formats=(0, 0),
        ),
        [query("COMMIT;")],
    ],
    "Sequelize": [
        [
            query(
                "SET client_min_messages TO warning;SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE;"
            )
        ],
        [query("SELECT 1+1 AS result")],
        [query("START TRANSACTION;")],
        whole(
            'UPDATE "stock" SET "on_hand"="on_hand"- $1 WHERE "sku" = $2 AND "location" = $3',
            "1",
            "W",
            "main",
            formats=(0, 0, 0),
        ),
        [query("COMMIT;")],
        whole(
            'INSERT INTO "stock" ("sku","on_hand") VALUES ($1,$2) RETURNING "sku","on_hand";',
            "W",
            "1",
            formats=(0, 0),
        ),
    ],
    "SQLAlchemy": [
        [query("BEGIN")],
        [query("show transaction isolation level")],
        [query("show standard_conforming_strings")],
        [query("ROLLBACK")],
        [query("BEGIN")],
        [query("select 1")],
        [query("ROLLBACK")],
    ],
    "TypeORM": [
        whole(
            'SELECT "stock"."sku" AS "stock_sku", "stock"."on_hand" AS "stock_on_hand" '
            'FROM "stock" "stock" WHERE "stock"."sku" = $1',
            "W",
            formats=(0,),
        ),
        [query("START TRANSACTION")],
        whole('INSERT INTO "stock"("sku", "on_hand") VALUES ($1, $2)', "W", "1", formats=(0, 0)),
        [query("COMMIT")],
        [query("START TRANSACTION")],
        [query("select 1")],
        [query("COMMIT")],
    ],
    "pgbench": [
        [query("BEGIN;")],
        [query("UPDATE stock SET on_hand = on_hand + 1183 WHERE sku = 'W' AND location = 'main';")],
        [query("SELECT on_hand FROM stock WHERE sku = 'W';")],
        [query("END;")],
        [parse("BEGIN;", "P_0"), SYNC],
        [bind(name="P_0", results=(0,)), describe("P"), execute(), SYNC],
        [parse(ADD + ";", "P_1"), SYNC],
        [bind("5", "W", name="P_1", results=(0,)), describe("P"), execute(), SYNC],
        [query("END;")],
        [parse("select 1;", "P_2"), SYNC],
        [parse("select 2;", "P_3"), SYNC],
        [
            frame
            for name in ("P_2", "P_3")
            for frame in (bind(name=name, results=(0,)), describe("P"), execute())
        ]
        + [SYNC],
    ],
    "psql": [
        [parse("select sku from items where sku = 'W' limit 1 "), SYNC],
        [describe("S"), SYNC],
        [query("begin;")],
        [query(OVERSELL + ";")],
        [query("commit;")],
    ],
}

// libpq in pipeline mode against Holdfast: a hundred claims in one pipeline, of which the last ones
// are refused as rows, and an error in the middle of a pipeline, which skips to the next Sync and
// no further.
//
//   libpq_pipeline PORT SKU UNITS     claims UNITS + 10 times one unit
#include <libpq-fe.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

[[noreturn]] void die(const char* what, PGconn* connection) {
  std::fprintf(stderr, "%s: %s\n", what, PQerrorMessage(connection));
  std::exit(1);
}

void expect(bool truth, const char* what, PGconn* connection) {
  if (!truth) die(what, connection);
}

void send_claim(PGconn* connection, const char* sku) {
  const char* values[] = {sku, "1"};
  expect(PQsendQueryPrepared(connection, "claim_one", 2, values, nullptr, nullptr, 0) == 1, "send",
         connection);
}

// The next result of the pipeline that is one (not the null between two statements).
PGresult* next_result(PGconn* connection) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (PGresult* result = PQgetResult(connection)) return result;
  }
  die("no result", connection);
}

void expect_status(PGconn* connection, ExecStatusType wanted, const char* what) {
  PGresult* result = next_result(connection);
  if (PQresultStatus(result) != wanted) {
    std::fprintf(stderr, "%s: %s, wanted %s\n", what, PQresStatus(PQresultStatus(result)),
                 PQresStatus(wanted));
    die(what, connection);
  }
  PQclear(result);
}

void claim_until_sold_out(PGconn* connection, const char* sku, int units) {
  constexpr int too_many = 10;
  for (int index = 0; index < units + too_many; ++index) send_claim(connection, sku);
  expect(PQpipelineSync(connection) == 1, "sync", connection);
  for (int index = 0; index < units + too_many; ++index) {
    PGresult* result = next_result(connection);
    expect(PQresultStatus(result) == PGRES_TUPLES_OK, "claim", connection);
    const std::string granted = PQgetvalue(result, 0, PQfnumber(result, "granted"));
    const std::string outcome = PQgetvalue(result, 0, PQfnumber(result, "outcome"));
    expect(granted == (index < units ? "t" : "f"), "granted", connection);
    expect(outcome == (index < units ? "granted" : "short_of_stock"), "outcome", connection);
    PQclear(result);
  }
  expect_status(connection, PGRES_PIPELINE_SYNC, "sync after the claims");
}

// good, bad, skipped, Sync, good, Sync
void fail_in_the_middle(PGconn* connection, const char* sku) {
  send_claim(connection, sku);
  expect(PQsendQueryParams(connection, "SELECT * FROM nonsense", 0, nullptr, nullptr, nullptr,
                           nullptr, 0) == 1,
         "send", connection);
  send_claim(connection, sku);
  expect(PQpipelineSync(connection) == 1, "sync", connection);
  send_claim(connection, sku);
  expect(PQpipelineSync(connection) == 1, "sync", connection);
  expect_status(connection, PGRES_TUPLES_OK, "before the error");
  PGresult* error = next_result(connection);
  expect(PQresultStatus(error) == PGRES_FATAL_ERROR, "the error", connection);
  expect(std::string(PQresultErrorField(error, PG_DIAG_SQLSTATE)) == "42P01", "42P01", connection);
  PQclear(error);
  expect_status(connection, PGRES_PIPELINE_ABORTED, "behind the error");
  expect_status(connection, PGRES_PIPELINE_SYNC, "first sync");
  expect_status(connection, PGRES_TUPLES_OK, "after the sync");
  expect_status(connection, PGRES_PIPELINE_SYNC, "second sync");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string conninfo =
      std::string("host=127.0.0.1 user=holdfast dbname=holdfast port=") + argv[1];
  PGconn* connection = PQconnectdb(conninfo.c_str());
  expect(PQstatus(connection) == CONNECTION_OK, "connect", connection);
  PGresult* prepared =
      PQprepare(connection, "claim_one", "SELECT * FROM claim($1, $2)", 0, nullptr);
  expect(PQresultStatus(prepared) == PGRES_COMMAND_OK, "prepare", connection);
  PQclear(prepared);
  expect(PQenterPipelineMode(connection) == 1, "pipeline mode", connection);
  claim_until_sold_out(connection, argv[2], std::atoi(argv[3]));
  fail_in_the_middle(connection, argv[2]);
  expect(PQexitPipelineMode(connection) == 1, "leave pipeline mode", connection);
  PQfinish(connection);
  std::printf("ok\n");
  return 0;
}

// CLI11 reads both the flags and the file; this is the one list of names, defaults and help texts.
#include "node/options.h"

#include <CLI/CLI.hpp>

#include "node/version.h"

namespace holdfast {
namespace {

constexpr const char* data_dir_help = "Directory of the ledger; made when it is not there";

void describe_serve(CLI::App& serve, ServeOptions& options) {
  serve.set_config("--config", "holdfast.toml", "Read options from this file, by the same names");
  serve.add_option("--data-dir", options.data_dir, data_dir_help)->capture_default_str();
  serve
      .add_option("--pg-listen", options.pg_listen,
                  "Address for PostgreSQL clients, HOST:PORT; port 0 picks a free one")
      ->capture_default_str();
  serve.add_option("--journal", options.journal, "Where the ledger is written: file")
      ->capture_default_str();
  serve.add_option(
      "--password-file", options.password_file,
      "Users and their passwords, one user:password or user:verifier a line, mode 0600; "
      "a user in it needs the password even on loopback");
  serve.add_option("--max-connections", options.max_connections, "Connections at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  serve.add_option("--network-threads", options.network_threads, "0: as many as suit the machine")
      ->capture_default_str()
      ->check(CLI::Range(0, 64));
  serve
      .add_option("--in-flight-max", options.in_flight_max,
                  "Batches on their way to the disk at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 8));
  serve
      .add_option("--checkpoint-mib", options.checkpoint_mib,
                  "Write a checkpoint every so many MiB of journal")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  serve
      .add_option("--write-method", options.write_method,
                  "How batches are written: auto (measured choice), io_uring or threads")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "io_uring", "threads"}));
  serve.add_flag("--insecure-plaintext", options.insecure_plaintext,
                 "Serve other machines without TLS: passwords stay secret (SCRAM), data does not");
  serve.add_flag("--accept-clock", options.accept_clock,
                 "Start although the clock is more than 24 hours away from the newest entry");
  serve.add_option("--accept-loss-after", options.accept_loss_after,
                   "Start although acknowledged entries behind this seq are lost");
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Holdfast: the real-time inventory ledger that never oversells", "holdfast");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serve a ledger");
  describe_serve(*serve, line.serve);
  CLI::App* verify = app.add_subcommand(
      "verify", "Prove that every balance is the sum of its entries; changes nothing");
  verify->add_option("--data-dir", line.verify.data_dir, "Directory of the ledger")
      ->capture_default_str();
  CLI::App* version = app.add_subcommand("version", "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error);
    return line;
  }
  if (serve->parsed()) line.subcommand = Subcommand::serve;
  if (verify->parsed()) line.subcommand = Subcommand::verify;
  if (version->parsed()) line.subcommand = Subcommand::version;
  return line;
}

Status check_options(const ServeOptions& options, bool is_loopback) {
  if (options.journal != "file") {
    return fail(ErrorCode::not_supported, "--journal {}: this version writes to \"file\" only",
                options.journal);
  }
  if (is_loopback) return {};
  if (options.password_file.empty()) {
    return fail(ErrorCode::invalid_value,
                "--pg-listen {} can be reached from other machines: give --password-file as well",
                options.pg_listen);
  }
  if (!options.insecure_plaintext) {
    return fail(ErrorCode::invalid_value,
                "--pg-listen {} can be reached from other machines and this version has no TLS: "
                "put a TLS proxy in front, or accept it with --insecure-plaintext",
                options.pg_listen);
  }
  return {};
}

}  // namespace holdfast

// CLI11 reads the flags, and takes what the config file says for those that are not given; this is
// the one list of names, defaults and help texts.
#include "node/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>

#include "node/config_options.h"
#include "node/version.h"

namespace holdfast {
namespace {

constexpr int exit_usage = 2;
constexpr const char* default_config_file = "holdfast.toml";

// An option that is a whole number from `least` to `most`.
template <class Number>
void add_number(CLI::App& to, const char* name, Number& target, Number least, Number most,
                const char* help) {
  to.add_option(name, target, help)
      ->type_name(fmt::format("{} to {}", least, most))
      ->capture_default_str()
      ->check(CLI::Range(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most))
                  .description(""));
}

void describe_serve(CLI::App& serve, ServeOptions& options) {
  serve.fallthrough();  // --config may stand behind the command
  serve
      .add_option("--data-dir", options.data_dir,
                  "Directory of the ledger; made when it is not there")
      ->capture_default_str();
  serve
      .add_option("--pg-listen", options.pg_listen,
                  "Address for PostgreSQL clients, HOST:PORT; port 0 picks a free one")
      ->capture_default_str();
  serve.add_option("--journal", options.journal, "Where the ledger is written: file")
      ->capture_default_str();
  serve.add_option("--password-file", options.password_file,
                   "Users and their passwords, one user:password or user:verifier a line, mode "
                   "0600; with it, everybody needs a password, on this machine too");
  add_number<std::uint64_t>(serve, "--max-connections", options.max_connections, 1, 100'000,
                            "Connections at once");
  add_number(serve, "--network-threads", options.network_threads, 0u, 64u,
             "Threads that serve connections; 0: as many as suit the machine");
  add_number(serve, "--in-flight-max", options.in_flight_max, 1u, 8u,
             "Batches on their way to the disk at once");
  add_number<std::uint64_t>(serve, "--checkpoint-mib", options.checkpoint_mib, 1, 1'000'000,
                            "Write a checkpoint every so many MiB of journal");
  serve
      .add_option("--write-method", options.write_method,
                  "How batches are written; auto: io_uring where this machine allows it")
      ->type_name("auto, io_uring or threads")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "io_uring", "threads"}).description(""));
  serve.add_flag("--insecure-plaintext", options.insecure_plaintext,
                 "Serve other machines without TLS: passwords stay secret (SCRAM), data does not");
  serve.add_flag("--accept-clock", options.accept_clock,
                 "Start although the clock is more than 24 hours away from the newest entry");
  add_number<std::uint64_t>(serve, "--accept-loss-after", options.accept_loss_after, 0,
                            std::uint64_t{1} << 62,
                            "Start although acknowledged entries behind this seq are lost");
}

// CLI11 says only that a subcommand is required, not which there are.
bool is_unknown_command(std::string_view word) {
  constexpr std::array<std::string_view, 4> known = {"serve", "verify", "version", "help"};
  return !word.empty() && !word.starts_with('-') && std::ranges::find(known, word) == known.end();
}

// CLI11 names what it did not expect, values and all, last word first, and not what there is.
void say_what_is_unknown(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  std::vector<std::string> words = app.remaining();
  if (!chosen.empty()) std::ranges::copy(command.remaining(), std::back_inserter(words));
  const auto unknown =
      std::ranges::find_if(words, [](const auto& w) { return w.starts_with('-'); });
  std::string known;
  for (const CLI::Option* option : command.get_options()) known += " " + option->get_name();
  fmt::print(stderr, "{}: {} \"{}\"; there are{}\n", command.get_name(),
             unknown == words.end() ? "unexpected word" : "unknown option",
             unknown == words.end() ? words.front() : *unknown, known);
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Holdfast: the real-time inventory ledger that never oversells", "holdfast");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  std::string config = default_config_file;
  app.add_option("--config", config, "Read options of a command from its section of this file")
      ->type_name("")
      ->capture_default_str();
  CLI::App* serve = app.add_subcommand("serve", "Serve a ledger");
  describe_serve(*serve, line.serve);
  CLI::App* verify = app.add_subcommand(
      "verify", "Prove that every balance is the sum of its entries; changes nothing");
  verify->fallthrough();
  verify->add_option("--data-dir", line.verify.data_dir, "Directory of the ledger")
      ->capture_default_str();
  CLI::App* version = app.add_subcommand("version", "Print the version");
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (is_unknown_command(word)) {
    fmt::print(stderr, "unknown command \"{}\": there are serve, verify and version\n", word);
    line.exit_code = exit_usage;
    return line;
  }
  if (word == "help") {
    fmt::print("{}", app.help());
    return line;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    say_what_is_unknown(app);
    line.exit_code = exit_usage;
    return line;
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error) == 0 ? 0 : exit_usage;
    return line;
  }
  const bool is_given = app.count("--config") > 0;
  if (!version->parsed() && (is_given || std::filesystem::exists(config))) {
    if (const Status taken = take_config(app, config); !taken.has_value()) {
      fmt::print(stderr, "{}\n", taken.error().message);
      line.exit_code = exit_usage;
      return line;
    }
    line.serve.config_file = config;
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

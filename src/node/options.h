// What an operator can say: flags, and holdfast.toml with the same names. Everything has a default
// that needs no file.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace holdfast {

struct ServeOptions {
  std::string data_dir = "holdfast-data";
  std::string pg_listen = "127.0.0.1:5433";
  std::string journal = "file";
  std::string password_file;  // empty: loopback is trusted
  std::string config_file;    // the one that was read; empty: none
  std::uint64_t max_connections = 10'000;
  unsigned network_threads = 0;  // 0: as many as suit the machine
  unsigned in_flight_max = 4;    // batches on their way to the disk
  std::uint64_t checkpoint_mib = 256;
  std::string write_method = "auto";  // auto, io_uring, threads
  bool insecure_plaintext = false;
  bool accept_clock = false;
  std::uint64_t accept_loss_after = 0;
};

struct VerifyOptions {
  std::string data_dir = "holdfast-data";
};

enum class Subcommand { serve, verify, version, exit };

struct CommandLine {
  Subcommand subcommand = Subcommand::exit;
  int exit_code =
      0;  // with exit: --help was printed, or the arguments were wrong and it was said why
  ServeOptions serve;
  VerifyOptions verify;
};

CommandLine parse_command_line(int argc, char** argv);

// The whole of what is wrong with the options before anything is opened: a journal that this build
// does not have, a listener that other machines could reach without password and protection.
Status check_options(const ServeOptions& options, bool is_loopback);

}  // namespace holdfast

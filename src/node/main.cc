// holdfast: the command line.
#include <cstdio>

#include "node/options.h"
#include "node/serve.h"
#include "node/verify_command.h"
#include "node/version.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  const CommandLine line = parse_command_line(argc, argv);
  switch (line.subcommand) {
    case Subcommand::serve:
      return run_serve(line.serve);
    case Subcommand::verify:
      return run_verify(line.verify);
    case Subcommand::version:
      fmt::print("{}\n", version_text());
      return 0;
    case Subcommand::exit:
      break;
  }
  return line.exit_code;
}

// What a config file says, as the flags of the same names would have said it.
#pragma once

#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace holdfast {

// REQUIRES: the flags are parsed. One that was given wins over the file. A section is a subcommand
// of `app`. Errors begin with the file and the line: "holdfast.toml:3: unknown option …".
Status take_config(CLI::App& app, const std::string& path);

}  // namespace holdfast

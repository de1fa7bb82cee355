// The number comes from the build, so it stands in one place (CMakeLists.txt).
#include "node/version.h"

namespace holdfast {

std::string version_text() { return "holdfast " HOLDFAST_VERSION; }

}  // namespace holdfast

// flash_sale: one sale against one shop; its result as one line of JSON.
//
//   flash_sale --shop holdfast|cache|reread|search --conninfo TEXT [--buyers N] [--units N]
//              [--connections N] [--seconds N] [--refresh-ms N] [--hold-ms N] [--seed N]
//              [--peak-seconds N]
//
// flash_sale/demo.py starts the servers, runs it once per shop and prints the table.
#include <cstdio>
#include <cstdlib>
#include <map>

#include "sale.h"

namespace {

using namespace holdfast;

std::unique_ptr<Shop> make_shop(const std::string& name, Microseconds refresh, Microseconds hold) {
  if (name == "holdfast") return make_holdfast_shop(hold);
  if (name == "cache") return make_usual_shop(UsualStack::cache, refresh);
  if (name == "reread") return make_usual_shop(UsualStack::reread, refresh);
  if (name == "search") return make_usual_shop(UsualStack::search, refresh);
  std::fprintf(stderr, "unknown --shop %s\n", name.c_str());
  std::exit(2);
}

void print(const std::string& shop, const SaleReport& report) {
  std::printf(R"({"shop":"%s","sold":%lld,"oversold":%lld,"left":%lld,"held":%lld,"paid":%lld,)",
              shop.c_str(), report.books.sold, report.oversold, report.books.free,
              report.books.held, report.paid);
  std::printf(R"("abandoned":%lld,"refused":%lld,"broken":%lld,"second_chances":%lld,)",
              report.abandoned, report.refused, report.broken, report.second_chances);
  std::printf(R"("sale_s":%.2f,"p50_us":%lld,"p99_us":%lld,"peak_per_s":%.0f,"reasons":{)",
              report.sale_seconds, report.p50_us, report.p99_us, report.peak_per_second);
  const char* comma = "";
  for (const auto& [reason, count] : report.reasons) {
    std::printf(R"(%s"%s":%lld)", comma, reason.c_str(), count);
    comma = ",";
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> flags = {{"--shop", "holdfast"},  {"--refresh-ms", "200"},
                                              {"--hold-ms", "1000"},   {"--buyers", "10000"},
                                              {"--units", "100"},      {"--connections", "64"},
                                              {"--seconds", "4"},      {"--seed", "1"},
                                              {"--peak-seconds", "2"}, {"--conninfo", ""}};
  for (int index = 1; index < argc; index += 2) {
    if (!flags.contains(argv[index]) || index + 1 == argc) {
      std::fprintf(stderr, "unknown or unfinished argument %s\n", argv[index]);
      return 2;
    }
    flags[argv[index]] = argv[index + 1];
  }
  const auto number = [&](const char* flag) { return std::atoi(flags[flag].c_str()); };
  SaleOptions options;
  options.crowd = {number("--buyers"), std::atof(flags["--seconds"].c_str()),
                   static_cast<std::uint64_t>(number("--seed"))};
  options.units = number("--units");
  options.connections = number("--connections");
  options.peak_seconds = std::atof(flags["--peak-seconds"].c_str());
  const auto shop = make_shop(flags["--shop"], std::chrono::milliseconds(number("--refresh-ms")),
                              std::chrono::milliseconds(number("--hold-ms")));
  print(flags["--shop"], run_sale(*shop, flags["--conninfo"], options));
  return 0;
}

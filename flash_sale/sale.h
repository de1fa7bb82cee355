// Sale: lets a crowd loose on a shop, over real connections, and counts what happened.
//
//   arrives ──click──▶ refused ───────────────▶ waits ──second chance──▶ click …
//                └───▶ cart ──┬─ abandons
//                             └─ payment ──pay──▶ sold | too late
//
// Each connection serves one buyer's step at a time, like a pool of application workers; a buyer
// who is looking for a credit card occupies none. When all have come, those who were refused are
// asked again for as long as carts are being given back, so that no unit is left over because of an
// abandoned one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "buyers.h"
#include "shop.h"

namespace holdfast {

struct SaleOptions {
  Crowd crowd;
  int units = 100;
  int connections = 64;
  double peak_seconds = 2;  // how long the peak rate is measured; 0: not at all
};

struct SaleReport {
  Books books;
  long long oversold = 0;
  long long paid = 0, abandoned = 0, refused = 0, broken = 0, second_chances = 0;
  std::map<std::string, long long> reasons;  // of those who went home without, by their last answer
  double sale_seconds = 0;
  long long p50_us = 0, p99_us = 0;  // of the step that takes units
  double peak_per_second = 0;
};

SaleReport run_sale(Shop& shop, const std::string& conninfo, const SaleOptions& options);

}  // namespace holdfast

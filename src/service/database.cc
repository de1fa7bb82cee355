// One ledger's database: a name, an engine, the plans that its sessions share.
#include "service/database.h"

#include "service/session.h"

namespace holdfast {
namespace {

class LedgerDatabase final : public Database {
 public:
  LedgerDatabase(std::string name, Engine& engine) : name_(std::move(name)), engine_(engine) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  std::unique_ptr<Session> open_session(std::string_view principal) override {
    return std::make_unique<SqlSession>(name_, engine_, plans_, abandoned_, scans_, principal);
  }

 private:
  std::string name_;
  Engine& engine_;
  PlanCache plans_;
  AbandonedBlocks abandoned_;
  ScanPlaces scans_;
};

}  // namespace

std::unique_ptr<Database> make_database(std::string name, Engine& engine) {
  return std::make_unique<LedgerDatabase>(std::move(name), engine);
}

}  // namespace holdfast

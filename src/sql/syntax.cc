// Stack: a parse of n tokens takes at most n × stack_bytes_per_token. Up to short_tokens_max that
// is 1.5 MiB, which every thread of Holdfast has to spare; a longer statement gets a thread of its
// own whose stack is made for its tokens. The tree is freed there too, because freeing recurses as
// deep.
#include "sql/syntax.h"

#include <pg_query.h>
#include <pthread.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/check.h"
#include "sql/gate.h"

namespace holdfast {
namespace {

constexpr std::size_t short_tokens_max = 512;
constexpr std::size_t stack_bytes_base = 1024 * 1024;

struct FreeTree {
  void operator()(PgQuery__ParseResult* tree) const {
    pg_query__parse_result__free_unpacked(tree, nullptr);
  }
};

// Bison's own limit (YYMAXDEPTH) on right-nested input.
bool is_depth_limit(std::string_view message) { return message.starts_with("memory exhausted"); }

Error error_of(const PgQueryError& error) {
  if (is_depth_limit(error.message)) {
    return {.code = ErrorCode::limit_exceeded,
            .message = "statement is nested too deeply for the parser",
            .detail = {},
            .hint = {},
            .position = error.cursorpos};
  }
  return {.code = ErrorCode::syntax_error,
          .message = error.message,
          .detail = {},
          .hint = {},
          .position = error.cursorpos};
}

struct Parse {
  std::string text;  // NUL-terminated for the C library
  const SyntaxVisitor& visit;
  Status status;

  void run() {
    const PgQueryProtobufParseResult result = pg_query_parse_protobuf(text.c_str());
    if (result.error != nullptr) {
      status = fail(error_of(*result.error));
    } else {
      const std::unique_ptr<PgQuery__ParseResult, FreeTree> tree(pg_query__parse_result__unpack(
          nullptr, result.parse_tree.len,
          reinterpret_cast<const std::uint8_t*>(result.parse_tree.data)));
      CHECK(tree != nullptr, "libpg_query wrote a tree that it cannot read");
      status = visit({tree->stmts, tree->n_stmts});
    }
    pg_query_free_protobuf_parse_result(result);
  }
};

void* run_parse(void* parse) {
  static_cast<Parse*>(parse)->run();
  return nullptr;
}

Status run_on_large_stack(Parse& parse, std::size_t tokens) {
  pthread_attr_t attributes;
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, stack_bytes_base + tokens * stack_bytes_per_token) ==
        0);
  pthread_t thread{};
  // tidy: allow thread: pure computation, joined at once; only its stack is wanted
  const int failed = pthread_create(&thread, &attributes, run_parse, &parse);
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    return fail(ErrorCode::overloaded, "no memory to parse a statement of {} tokens", tokens);
  }
  CHECK(pthread_join(thread, nullptr) == 0);
  return {};
}

}  // namespace

Status parse_sql(std::string_view text, const SyntaxVisitor& visit) {
  ASSIGN(const GateReport gate, pass_gate(text));
  if (!gate.has_tokens) return visit({});
  Parse parse{.text = std::string(text), .visit = visit, .status = {}};
  if (gate.tokens <= short_tokens_max) {
    parse.run();
  } else {
    TRY(run_on_large_stack(parse, gate.tokens));
  }
  return std::move(parse.status);
}

}  // namespace holdfast

// The row of a command: an Answer as cells, and its refusal in words.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/answer.h"
#include "model/command.h"
#include "service/value.h"

namespace holdfast {

// Writes one row; `sources` are AnswerColumns (sql/functions.h). `scratch` is reused memory.
void write_answer_row(const Command& command, const Answer& answer,
                      std::span<const std::uint8_t> sources, RowSink& sink, std::string& scratch);

// Why it was refused, with the numbers: "SKU-1: requested 3, available 1"; what a partial grant
// left out; else nothing.
void append_message(std::string& out, const Command& command, const Answer& answer);

}  // namespace holdfast

// The row of a command: an Answer as cells.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/answer.h"
#include "model/command.h"
#include "service/value.h"
#include "sql/functions.h"

namespace holdfast {

// Writes one row; `sources` are AnswerColumns (sql/functions.h). `scratch` is reused memory.
void write_answer_row(const Command& command, const Answer& answer,
                      std::span<const std::uint8_t> sources, RowSink& sink, std::string& scratch);

// One cell of it; the column is one that a command has.
void write_answer_cell(const Command& command, const Answer& answer, AnswerColumn column,
                       RowSink& sink, std::string& scratch);

}  // namespace holdfast

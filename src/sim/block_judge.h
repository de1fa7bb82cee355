// Was a transaction whole or nothing? What its statements were answered is a promise that COMMIT
// keeps, all of it at one place in the order, or does not keep at all.
#pragma once

#include "sim/auditor.h"

namespace holdfast {

// REQUIRES: the journal is read as far as the end of the block was durable, or, of one whose end is
// unknown, recovered since.
void judge_block(const Auditor& auditor, const AuditedBlock& block, Verdict& verdict,
                 Probes& probes);

}  // namespace holdfast

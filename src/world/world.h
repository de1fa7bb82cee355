// World: every door to what is not computation: clock, randomness, disk, background work. The rest
// of Holdfast never calls the operating system for these, so a simulation can run the same code
// from one seed (src/sim), and `world/linux` is the only place that knows the real ones.
//
// Sockets are the exception: `net` uses Boost.Asio directly, and the simulation stops above it, at
// `service`.
#pragma once

#include "world/clock.h"
#include "world/disk.h"

namespace holdfast {

// Owned by the assembler (node, sim); everything else borrows it and is outlived by it.
struct World {
  Clock& clock;
  Random& random;
  Directory& disk;
  Background& background;
};

}  // namespace holdfast

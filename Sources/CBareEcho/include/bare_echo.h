#ifndef SWITCHBOARD_BARE_ECHO_H
#define SWITCHBOARD_BARE_ECHO_H

#include <stddef.h>
#include <stdint.h>

// The peer of `bench rpc`: a DEALER and a ROUTER of plain libzmq that send two frames back and forth, as fast as the
// library goes. One thread each, over the address given (tcp://127.0.0.1:* picks a port).
//
// Keeps `in_flight` messages under way for `seconds`, writes the round-trip times in nanoseconds into `latencies` (of the
// first `capacity` ones), and how many there were and how long it took into `count` and `elapsed`.
// Returns 0, or libzmq's errno.
int switchboard_bare_echo(
    const char *address, int in_flight, double seconds, size_t header_bytes, size_t payload_bytes,
    uint64_t *latencies, size_t capacity, size_t *count, double *elapsed);

#endif

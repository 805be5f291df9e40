#ifndef SWITCHBOARD_CZEROMQ_SHIM_H
#define SWITCHBOARD_CZEROMQ_SHIM_H

#include <errno.h>
#include <sys/eventfd.h>
#include <zmq.h>

// Macros that Swift does not import because they are expressions.
static const int switchboard_zmq_efsm = EFSM;
static const int switchboard_zmq_eterm = ETERM;

#endif

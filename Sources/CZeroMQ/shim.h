#ifndef SWITCHBOARD_CZEROMQ_SHIM_H
#define SWITCHBOARD_CZEROMQ_SHIM_H

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <zmq.h>

#endif

// What the Index target uses from C and C++: vector kernels and HNSW graphs.
#ifndef CHNSW_H
#define CHNSW_H

#include "chnsw_graph.h"
#include "chnsw_kernels.h"
#include "chnsw_pages.h"

#endif

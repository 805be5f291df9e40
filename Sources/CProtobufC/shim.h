// libprotobuf-c as Swift sees it.
#pragma once

#include <protobuf-c/protobuf-c.h>

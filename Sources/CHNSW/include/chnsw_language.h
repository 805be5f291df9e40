// What C++ has to be told of a C interface.
#ifndef CHNSW_LANGUAGE_H
#define CHNSW_LANGUAGE_H

#ifdef __cplusplus
#define CHNSW_NOEXCEPT noexcept
#else
#define CHNSW_NOEXCEPT
#endif

#endif

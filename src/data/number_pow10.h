#ifndef DATA_NUMBER_POW10_H
#define DATA_NUMBER_POW10_H

#include <stdint.h>

#define NUMBER_POW10_FIRST (-292)
#define NUMBER_POW10_LAST 324

/*
 * Row e - NUMBER_POW10_FIRST: g = floor(10^e / 2^r) + 1 with the one r for which
 * 2^125 <= g < 2^126, as its upper and lower 63 bits.  For number.c only.
 */
extern const uint64_t number_pow10[NUMBER_POW10_LAST - NUMBER_POW10_FIRST + 1][2];

#endif

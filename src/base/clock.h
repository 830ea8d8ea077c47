#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* All time comes from here.  Thread: any. */

int64_t clock_mono_us(void); /* never goes back; for intervals */
int64_t clock_wall_ms(void); /* ms since 1970; for records and logs only */

#endif

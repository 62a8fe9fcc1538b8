/* seldom - a mark for functions off the straight way.
 *
 * The compiler lays out the code around a call as if the call were not made, and makes
 * the function small rather than fast.  It is worth 18 instructions a request
 * (docs/performance.md), and jumps.  An attribute that gcc and clang know; without it the
 * program is the same.
 */
#ifndef MUXLAB_SELDOM_H
#define MUXLAB_SELDOM_H

#define SELDOM __attribute__((cold))

#endif

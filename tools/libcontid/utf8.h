/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Characters of UTF-8 in bytes of whatever
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef CONTID_UTF8_H
#define CONTID_UTF8_H

#include <stddef.h>

/*
 * Bytes of the UTF-8 character that begins @size bytes, 0 if there is none: no overlong form, no
 * surrogate, none that is cut.
 */
static inline size_t utf8_size(const unsigned char *s, size_t size)
{
	size_t n;

	if (!size)
		return 0;
	n = s[0] < 0x80 ? 1 :
	    s[0] < 0xc2 ? 0 :
	    s[0] < 0xe0 ? 2 :
	    s[0] < 0xf0 ? 3 :
	    s[0] < 0xf5 ? 4 :
			  0;
	if (!n || n > size)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

#endif /* CONTID_UTF8_H */

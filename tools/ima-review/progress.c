// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Progress on stderr
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "ima-review.h"

static bool wanted, asked, shown, terminal;
static int64_t last;

void ir_progress_on(bool always)
{
	terminal = isatty(STDERR_FILENO);
	asked = always;
	wanted = always || terminal;
}

void ir_progress(const char *what, uint64_t done, uint64_t total)
{
	struct timespec now;
	int64_t ms;

	if (!wanted)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
	if (ms - last < 200 && done != total)
		return;
	last = ms;
	fprintf(stderr, "%s%s: %s %" PRIu64, terminal ? "\r\033[K" : "", cli_name, what, done);
	if (total)
		fprintf(stderr, " of %" PRIu64 " (%d %%)", total,
			(int)((double)done / (double)total * 100));
	if (!terminal)
		fputc('\n', stderr);
	shown = true;
}

void ir_progress_end(void)
{
	if (shown && terminal)
		fputs("\r\033[K", stderr);
	shown = false;
	last = 0;
}

void ir_progress_memory(void)
{
	char line[128];
	FILE *file = asked ? fopen("/proc/self/status", "re") : NULL;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "VmHWM:", 6))
			fprintf(stderr, "%s: %s", cli_name, line);
	if (file)
		fclose(file);
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints the counters of the profiled kernel objects (flavour coverage) as KTAP diagnostics.
[ -d /sys/kernel/debug/gcov ] || mount -t debugfs none /sys/kernel/debug 2>/dev/null
cd /sys/kernel/debug/gcov 2>/dev/null || exit 0
find . -name '*.gcda' | while read -r f; do
	# the size of these files reads as 0, only cat gets them
	echo "# gcda ${f#./} $(base64 <"$f" | tr -d '\n')"
done

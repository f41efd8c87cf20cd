# SPDX-License-Identifier: GPL-2.0-or-later
# Counts the leaves of one KTAP stream. Prints "passed failed skipped", then one line per failure
# ("F name: why") and per skip ("S name # reason"). A parent counts only if no child explains it;
# a plan that is missing or not kept counts as a failure.
function closelevels(d, i) {
	for (i = d; i <= 40; i++) {
		if ((i in plan) && plan[i] > seen[i])
			failure("plan of " plan[i] ", only " seen[i] " reported")
		delete plan[i]
		seen[i] = leaves[i] = bad[i] = 0
	}
}
function failure(name) { failed++; out = out "F " name "\n" }
function sum(a, d, i, n) { for (i = d; i <= 40; i++) n += a[i]; return n }
{
	sub(/\r$/, "")
	depth = 0
	line = $0
	while (1) {
		if (line ~ /^ /) { match(line, /^ +/); depth += RLENGTH; line = substr(line, RLENGTH + 1) }
		# kselftest indents with "# "
		else if (line ~ /^# +((not )?ok [0-9]+( |$)|1\.\.[0-9]+$|K?TAP version)/) { depth += 2; sub(/^# */, "", line) }
		else break
	}
	if (depth > 39) depth = 39
}
line ~ /^1\.\.[0-9]+/ {
	split(line, a, /\.\.| /)
	plan[depth] = a[2]
	seen[depth] += 0
	plans++
	# all of it is skipped; the line of the parent is no result then
	if (a[2] == 0) { skipped++; leaves[depth]++; out = out "S whole file " line "\n" }
}
line ~ /^Bail out!/ { failure(line) }
line ~ /^(not )?ok( |$)/ {
	notok = line ~ /^not/
	name = line
	sub(/^(not )?ok *[0-9]* *-? */, "", name)
	# what the children left open is a failure of theirs
	before = failed
	kids = sum(leaves, depth + 1)
	kidsbad = sum(bad, depth + 1)
	closelevels(depth + 1)
	kidsbad += failed - before
	seen[depth]++
	leaves[depth]++
	if (notok || kidsbad)
		bad[depth]++
	if (kids) {
		if (notok && !kidsbad && name !~ /# *(SKIP|TODO|XFAIL)/)
			failure(name ": failed though its parts did not")
	} else if (name ~ /# *SKIP/) {
		skipped++
		out = out "S " name "\n"
	} else if (notok && name !~ /# *XFAIL/) {
		failure(name)
	} else
		passed++
}
END {
	if (!plans)
		failure("no plan")
	closelevels(0)
	printf "%d %d %d\n%s", passed, failed, skipped, out
}

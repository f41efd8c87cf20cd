# SPDX-License-Identifier: GPL-2.0-or-later
# The tools of build/tools on recorded logs, on the host. Source it first; it brings ktap.sh.
#
#	contid ARGS...           the program; plugin ARGS... the plugin of auditd
#	out FILE STATUS CMD...   CMD writes FILE and ends with STATUS: one result
#	valid FILE               each line of FILE is an object of the schema
# shellcheck shell=sh disable=SC2154 # of ktap.sh
TOP=$(cd "$(dirname "$0")/../.." && pwd)
LIB=$TOP/tests/lib
. "$LIB/ktap.sh"
TOOLS=${BUILD:-$TOP/build}/tools
# shellcheck disable=SC2034 # for the tests
RECORDED=$TOP/tests/contid/recorded.log
export LD_LIBRARY_PATH="$TOOLS" LC_ALL=C
D=$ktap_tmp

contid() { "$TOOLS/bin/contid" "$@"; }
plugin() { "$TOOLS/bin/contid-audisp" "$@"; }
out() {
	out_file=$1 out_want=$2
	shift 2
	out_rc=0
	"$@" >"$out_file" 2>"$D/err" || out_rc=$?
	is "status $out_want of: $(echo "$*" | sed "s|$TOP/||g")" "$out_want" "$out_rc"
	[ "$out_rc" = "$out_want" ] || diag "$(cat "$D/err")"
}
valid() {
	python3 - "$TOP/tools/libcontid/contid.event.1.schema.json" "$1" <<-'EOT'
		import json, sys, jsonschema
		schema = json.load(open(sys.argv[1]))
		kind = jsonschema.validators.validator_for(schema)
		kind.check_schema(schema)
		bad = n = 0
		for n, line in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
		    for error in kind(schema).iter_errors(json.loads(line)):
		        print(f"line {n}: {list(error.path)}: {error.message}")
		        bad += 1
		sys.exit(bad > 0 or n == 0)
	EOT
}

# SPDX-License-Identifier: GPL-2.0-or-later
# What IMA tests of the host have always checked (measurements, policy, TPM, violations, keys),
# with containers around that have policies of their own. The script that reads this says whether
# there is a TPM: tpm=yes or no.
# shellcheck shell=sh
. "$LIB/ktap.sh"
. "$LIB/audit.sh"
. "$LIB/ns.sh"
. "$LIB/tpm.sh"
plan 32

policy=$IMA_DIR/policy
f=/tmp/file
entries() { ima_list | grep -c " $1\$"; }
last_digest() { ima_list | awk -v f="$1" '$5 == f {d = $4} END {print d}'; }
sum() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }
violations() { cat "$IMA_DIR/violations"; }
# a shell says of every error of write() that it is one of I/O
write_policy() { printf '%s\n' "$1" | tee "$policy"; }

audit_start
a='' b=''
run ns_new a
run ns_activate "$a"
run ns_policy "$a" 'audit func=FILE_CHECK mask=MAY_READ fowner=54408'
run ns_new b
run ns_activate "$b"
run ns_policy "$b" 'dont_measure
dont_audit'

# the boot aggregate: PCRs 0 to 9
if [ "$tpm" = yes ]; then
	pcrs=
	for n in 0 1 2 3 4 5 6 7 8 9; do pcrs="$pcrs$(tpm_pcr sha256 $n)"; done
	printf %s "$pcrs" | perl -ne 'print pack("H*", $_)' >/tmp/pcrs
	want=$(sum /tmp/pcrs)
else
	want="sha256:$(printf '%064d' 0)"
fi
is "there is a TPM: $tpm" "$tpm" "$(if tpm_present; then echo yes; else echo no; fi)"
is "the boot aggregate is that of the PCRs" "10 $want boot_aggregate" \
	"$(ima_list | head -n 1 | cut -d' ' -f1,4,5)"

# policy
before=$(cat "$policy")
expect_errno "an unknown rule is refused" "Invalid argument" write_policy 'measure func=NO_SUCH_CHECK'
expect_errno "a good rule does not help a bad one" "Invalid argument" \
	sh -c "printf 'measure fowner=54408\nmeasure nonsense\n' | tee $policy"
is "neither is in force" "$before" "$(cat "$policy")"
exec 6>"$policy"
expect_errno "there is one writer at a time" "busy" write_policy 'measure fowner=54408'
exec 6>&-
expect "good rules are taken" write_policy 'measure func=FILE_CHECK mask=MAY_READ fowner=54408
measure func=KEY_CHECK keyrings=imans_test'
is "and shown" "$(printf '%s \n' 'measure func=FILE_CHECK mask=MAY_READ fowner=54408' \
	'measure func=KEY_CHECK keyrings=imans_test')" "$(cat "$policy")"

# measurements
count=$(cat "$IMA_DIR/runtime_measurements_count")
echo 1 >$f
chown 54408 $f
cat $f >/dev/null
is "a file that is read is measured" "1 $(sum $f)" "$(entries $f) $(last_digest $f)"
cat $f >/dev/null
is "once" 1 "$(entries $f)"
ns_in "$a" cat $f >/dev/null
ns_in "$b" cat $f >/dev/null
is "containers add nothing" 1 "$(entries $f)"
echo 2 >>$f
cat $f >/dev/null
is "changed it is measured again" "2 $(sum $f)" "$(entries $f) $(last_digest $f)"
ns_in "$a" sh -c "echo 3 >>$f"
ns_in "$b" cat $f >/dev/null
is "changed by a container, used in one with dont_measure" "3 $(sum $f)" "$(entries $f) $(last_digest $f)"
is "the count goes with the list" $((count + 3)) "$(cat "$IMA_DIR/runtime_measurements_count")"
is "which has as many lines" $((count + 3)) "$(ima_list | wc -l)"

# violations
violation() { # NAME CAUSE COMMAND...: one violation, one record of the host
	what=$1 cause=$2
	shift 2
	n=$(violations) m=$(ima_list | grep -c " sha256:0\{64\} $f\$")
	audit_clear
	"$@"
	is "$what: counted, listed" "$((n + 1)) $((m + 1))" "$(violations) $(ima_list | grep -c " sha256:0\{64\} $f\$")"
	is "$what: one record, of the host" "1 0" "$(audit_count "^type=INTEGRITY_PCR .* cause=$cause .*name=\"$f\"") $(audit_count '^type=INTEGRITY_PCR .* ima_ns=')"
}
tomtou="exec 7<$f; echo 4 >>$f"
writers="exec 7>>$f; cat $f >/dev/null"
violation "written while it is read" ToMToU sh -c "$tomtou"
violation "read while it is written" open_writers sh -c "$writers"
violation "written while it is read, in a container" ToMToU ns_in "$a" sh -c "$tomtou"
violation "read while it is written, in a container" open_writers ns_in "$a" sh -c "$writers"
violation "in one with dont_measure" ToMToU ns_in "$b" sh -c "$tomtou"

# keys
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 30 \
		-keyout /tmp/key.pem -outform DER -out "/tmp/$1.der" 2>/tmp/openssl
}
add_key="keyctl session - sh -c 'r=\$(keyctl newring imans_test @s) && keyctl padd asymmetric \"\" \$r' <"
key_entries() { ima_list | grep -c " ima-buf $(sum "/tmp/$1.der") imans_test $(od -An -v -tx1 "/tmp/$1.der" | tr -d ' \n')\$"; }
certificate host || diag "$(cat /tmp/openssl)"
certificate inside || diag "$(cat /tmp/openssl)"
expect "a key is added" sh -c "$add_key/tmp/host.der"
is "and measured" 1 "$(key_entries host)"
expect "a key is added in a container" ns_in "$a" sh -c "$add_key/tmp/inside.der"
is "and measured by the host" 1 "$(key_entries inside)"

# what a verifier sees
is "no list of a container has an entry" "0 0" \
	"$(ns_in "$a" cat /mnt/ima/runtime_measurements_count) $(ns_in "$b" cat /mnt/ima/runtime_measurements_count)"
if [ "$tpm" = yes ]; then
	expect "the PCR is that of the list" ima_matches_tpm sha256
	expect "evmctl agrees" evmctl ima_measurement --ignore-violations "$IMA_DIR/binary_runtime_measurements"
else
	is "no TPM has appeared" "" "$(ls /sys/class/tpm)"
	like "the list can be replayed" '^[0-9a-f]{40}$' "$(ima_replay sha1)"
fi

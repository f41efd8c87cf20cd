# SPDX-License-Identifier: GPL-2.0-or-later
# A made-up host for ima-review: a software TPM of its own and a folder that looks like securityfs.
# Source it with $0 in tests/review-host; KTAP comes from tests/overlay/lib.sh.
#
#	tpm_start [BANKS]        a fresh swtpm (sha1,sha256); TPM2TOOLS_TCTI leads to it
#	host_start [ALG,ALG...]  a list with a boot_aggregate, extended into the TPM
#	measure [-lack ALG]      lines for imalist on stdin: added to the list and the TPM
#	review ARGS...           ima-review, output kept in $D/review
#	verdict N STATE TEXT ARGS...   check N of `verify ARGS` has that state, TEXT is in the report
#	seal DIR                 manifest and checksum are made to fit changed evidence
#	flip FILE OFFSET         changes one bit
#	drop DIR FILE            the file is gone, and the manifest does not have it
# shellcheck shell=sh disable=SC2119,SC2120 # arguments have defaults
. "$(dirname "$0")/../overlay/lib.sh"
BUILD=${BUILD:-$TOP/build}
PATH=$BUILD/tools/bin:$D/bin:$PATH
export LD_LIBRARY_PATH="$BUILD/tools${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export TSS2_LOG=all+none
mkdir -p "$D/bin"
gcc -O1 -Wall -Wextra -o "$D/bin/imalist" "$TOP/tests/review-host/programs/imalist.c" -lcrypto
tpm_pid=''
finish() {
	[ -z "$tpm_pid" ] || kill "$tpm_pid" 2>/dev/null || true
	rm -rf "$D"
}
trap finish EXIT

tpm_start() {
	[ -z "$tpm_pid" ] || kill "$tpm_pid" 2>/dev/null || true
	rm -rf "$D/tpm"
	mkdir "$D/tpm"
	swtpm_setup --tpm2 --tpmstate "$D/tpm" --pcr-banks "${1:-sha1,sha256}" >"$D/swtpm.log" 2>&1 || {
		cat "$D/swtpm.log"
		return 1
	}
	swtpm socket --tpm2 --tpmstate "dir=$D/tpm" --flags startup-clear \
		--server "type=unixio,path=$D/tpm.sock" --ctrl "type=unixio,path=$D/tpm.sock.ctrl" >>"$D/swtpm.log" 2>&1 &
	tpm_pid=$!
	while [ ! -S "$D/tpm.sock" ]; do sleep 0.05; kill -0 "$tpm_pid"; done
	export TPM2TOOLS_TCTI="swtpm:path=$D/tpm.sock"
}
measure() { # [-lack ALG]
	imalist "$D/sys/integrity/ima" "$algs" "$@" >"$D/extends"
	[ "${extend:-yes}" = yes ] || return 0
	while read -r one; do
		case $one in
		10:*) tpm2_pcrextend "$one" >/dev/null ;;
		esac
	done <"$D/extends"
}
host_start() {
	algs=${1:-sha1,sha256}
	rm -rf "$D/sys"
	mkdir -p "$D/sys/integrity/ima"
	tpm2_pcrread -o "$D/pcrs" sha256:0,1,2,3,4,5,6,7,8,9 >/dev/null
	echo "ng boot_aggregate $(sha256sum <"$D/pcrs" | cut -d' ' -f1)" | measure
}
collect() { # DIR ARGS...
	folder=$1
	shift
	rm -rf "$folder"
	ima-review collect -o "$folder" --securityfs "$D/sys" --state "$D/state" "$@"
}
review() { ima-review "$@" >"$D/review" 2>&1; }
# verdict N STATE TEXT ARGS...
verdict() {
	want_n=$1 want_state=$2 want_text=$3
	shift 3
	ima-review verify "$@" >"$D/review" 2>&1 || true
	cat "$D/review"
	grep -qE "^${want_n:- } .{16} $want_state" "$D/review" || { echo "check $want_n is not: $want_state"; return 1; }
	grep -qF -- "$want_text" "$D/review" || { echo "nothing says: $want_text"; return 1; }
}
status() { # WANT ARGS...
	want=$1
	shift
	got=0
	"$@" || got=$?
	[ "$got" = "$want" ] || { echo "status $got, expected $want"; return 1; }
}
seal() { # DIR
	(
		cd "$1"
		for f in *; do
			case $f in manifest.*) continue ;; esac
			sum=$(sha256sum <"$f" | cut -d' ' -f1)
			sed -i "s/\(\"$f\": *\"\)[0-9a-f]*\"/\1$sum\"/" manifest.json
		done
		sha256sum manifest.json >manifest.sha256
	)
}
copy() { rm -rf "$2" && cp -a "$1" "$2"; }
flip() { # FILE OFFSET
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	printf '%b' "$(printf '\\0%o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
drop() { # DIR FILE: as if it had never been collected
	rm -f "$1/$2"
	sed -i "/\"$2\":/d" "$1/manifest.json"
	sed -zi 's/,\n  }/\n  }/' "$1/manifest.json"
	seal "$1"
}

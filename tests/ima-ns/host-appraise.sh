# SPDX-License-Identifier: GPL-2.0-or-later
# What the scenarios that appraise on the host share. Which rule a file falls under is told by its
# owner. With own_policy() left out all of it holds on the base as well, but for one thing: there
# two writers that close at the same moment each take the other for the last, and the label is lost.
#
#	outcome COMMAND...       what it prints, then operation and cause of each INTEGRITY_DATA record,
#	                         and ima_ns= if it had one, which none of the host has
#	new FILE [OWNER]         a file in place of the one there was
#	label FILE [HASH [BYTES]]  labels it with the hash of its content
#	ima FILE                 its label in hex, none if there is none
#	hash FILE [HASH [BYTES]] what label would write
#	content FILE             prints it, appraised or not, if $UNSEEN comes first in the policy
#	own_policy PID RULES     activates the container's IMA namespace, loads rules
#	key_new NAME             a key pair, NAME.pem and NAME.der; key_add NAME lets IMA trust it
#	sign FILE NAME           evmctl signs the file
#	modsig FILE NAME         appends a signature to it as modules have one
# shellcheck shell=sh
. "$LIB/ktap.sh"
. "$LIB/audit.sh"
. "$LIB/ns.sh"
. "$LIB/tpm.sh"

policy=$IMA_DIR/policy

outcome() {
	audit_clear
	outcome_text=$("$@" 2>&1)
	audit_grep '^type=INTEGRITY_DATA ' |
		sed -e 's/.* op=\([^ ]*\) cause=\([^ ]*\) .*\( ima_ns=.*\)/\1 \2\3/;t' \
			-e 's/.* op=\([^ ]*\) cause=\([^ ]*\) .*/\1 \2/' |
		{ printf %s "$outcome_text"; while read -r outcome_line; do printf ' %s' "$outcome_line"; done; }
}
new() {
	rm -f "$1"
	# another content each time, so that nothing fits by accident
	echo "$1 $(cat /proc/sys/kernel/random/uuid)" >"$1"
	chown "${2:-0}" "$1"
}
# whatever the rules say of the file: the first ones let user 1 read it
UNSEEN='dont_appraise uid=1
dont_measure uid=1
dont_hash uid=1'
content() { setpriv --reuid=1 --clear-groups cat "$1"; }
hash() { echo "0x${3:-0404}$(content "$1" | "${2:-sha256}sum" | cut -d' ' -f1)"; }
label() { setfattr -n security.ima -v "$(hash "$@")" "$1"; }
ima() {
	getfattr --absolute-names -n security.ima -e hex "$1" 2>/dev/null | sed -n 's/^security.ima=//p' | grep . || echo none
}
own_policy() { ns_activate "$1" && ns_policy "$1" "$2"; }

key_new() {
	openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$1" -days 30 -keyout "$1.pem" \
		-outform DER -out "$1.der" 2>"$ktap_tmp/openssl" || diag "$(cat "$ktap_tmp/openssl")"
	openssl x509 -inform DER -in "$1.der" -out "$1.crt"
}
key_add() {
	ima_ring=$(keyctl search @u keyring _ima 2>/dev/null || keyctl newring _ima @u) &&
		keyctl padd asymmetric '' "$ima_ring" <"$1.der"
}
key_id() { # last four bytes of the hash of the public key
	openssl rsa -in "$1.pem" -RSAPublicKey_out -outform DER 2>/dev/null | sha1sum | cut -c 33-40
}
sign() {
	content "$1" >"$ktap_tmp/content"
	evmctl ima_sign --hashalgo sha256 --key "$2.pem" "$ktap_tmp/content" >"$ktap_tmp/evmctl" 2>&1 || diag "$(cat "$ktap_tmp/evmctl")"
	setfattr -n security.ima -v "$(ima "$ktap_tmp/content")" "$1"
}
# what follows is struct module_signature: kind 2 is PKCS#7, then the length
modsig() {
	openssl cms -sign -binary -noattr -nocerts -nosmimecap -keyid -md sha256 -outform DER \
		-signer "$2.crt" -inkey "$2.pem" -in "$1" -out "$1.p7s" || return 1
	{
		cat "$1.p7s"
		printf '\0\0\2\0\0\0\0\0'
		printf '%08x' "$(stat -c %s "$1.p7s")" | sed 's/../\\x&/g' | { read -r len; /usr/bin/printf "$len"; }
		printf '~Module signature appended~\n'
	} >>"$1"
}

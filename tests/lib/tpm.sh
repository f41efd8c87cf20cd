# SPDX-License-Identifier: GPL-2.0-or-later
# The TPM of the guest and the measurement list of the host; imareplay(.c) does the hashing.
#
#	tpm_present                   true if the kernel has found the TPM
#	tpm_pcr BANK PCR              value of a PCR, lower case hex (/sys/class/tpm/tpm0/pcr-BANK/PCR)
#	ima_list                      the host's measurement list as text
#	ima_replay BANK [PCR]         what PCR (10) must hold after the entries of the host's list
#	ima_matches_tpm [BANK] [PCR]  true if both agree; waits for extends under way
# shellcheck shell=sh

IMA_DIR=${IMA_DIR:-/sys/kernel/security/integrity/ima}

tpm_present() { [ -d /sys/class/tpm/tpm0 ]; }
tpm_pcr() { tr 'A-F' 'a-f' <"/sys/class/tpm/tpm0/pcr-$1/$2"; }
ima_list() { cat "$IMA_DIR/ascii_runtime_measurements"; }
ima_replay() { imareplay "$1" "${2:-10}" <"$IMA_DIR/binary_runtime_measurements_$1" 2>/dev/null; }
ima_matches_tpm() {
	for ima_try in 1 2 3 4 5; do
		[ "$(ima_replay "${1:-sha256}" "${2:-10}")" != "$(tpm_pcr "${1:-sha256}" "${2:-10}")" ] || return 0
		sleep 0.2
	done
	return 1
}

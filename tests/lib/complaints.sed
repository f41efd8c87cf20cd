# SPDX-License-Identifier: GPL-2.0-or-later
# Of dmesg's lines: what lockdep, RCU and the check for sleeping print, which stops nothing. Level,
# time and process (or processor) may be before them.
s/^<[0-9]*>//
s/^\[[^]]*\]\( \{0,1\}\[[^]]*\]\)\{0,1\} //
/^\[\{0,1\} *\(BUG\|WARNING\): /p
/^INFO: trying to register/p

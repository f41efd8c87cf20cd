# The base: its series, the version of the last make refresh, the blob of each patched file.
BASE_SERIES := 6.12
BASE_VERSION := 6.12.117

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Audit container identifiers - the numbers of their interface
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _UAPI_LINUX_AUDIT_CONTID_H
#define _UAPI_LINUX_AUDIT_CONTID_H

#include <linux/types.h>

/**
 * DOC: audit container identifiers
 *
 * Record types lie in the block of audit events, because stock tools take a
 * record numbered below 1300 as a complete event, and far above the last one
 * in use. 1377 to 1379 are reserved for this feature.
 */

/* Command: who sent the last signal to auditd, with the sender's chain. */
#define AUDIT_SIGNAL_INFO2	1021

#define AUDIT_CONTAINER_OP	1370	/* A task was labelled, or an id ended */
#define AUDIT_CONTAINER_ID	1371	/* Ids a record of the event belongs to */
#define AUDIT_NS_INFO		1372	/* Namespaces of the event's task */
#define AUDIT_NS_INIT		1373	/* A namespace was made */
#define AUDIT_NS_DEL		1374	/* A namespace ended */
#define AUDIT_NS_SET		1375	/* The task entered a namespace */
#define AUDIT_CONTAINER_CAP	1376	/* The right to label was passed on */

/* Rule field: 8 bytes, native endian, in the string buffer of the rule. */
#define AUDIT_CONTID		27

/* In the feature bitmap of struct audit_status. */
#define AUDIT_FEATURE_BITMAP_CONTAINERID	0x00000080

/* No id. Reading a file shows it as 18446744073709551615. */
#define AUDIT_CID_UNSET		((__u64)-1)

#endif /* _UAPI_LINUX_AUDIT_CONTID_H */

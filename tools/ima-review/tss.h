/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TPM software stack, loaded on first use: a host that only audits needs none of it
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef IR_TSS_H
#define IR_TSS_H

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#define IR_TSS_MU(F)                                                                               \
	F(Tss2_MU_TPMS_ATTEST_Unmarshal)                                                           \
	F(Tss2_MU_TPMT_SIGNATURE_Unmarshal)                                                        \
	F(Tss2_MU_TPMT_SIGNATURE_Marshal)                                                          \
	F(Tss2_MU_TPM2B_PUBLIC_Unmarshal)                                                          \
	F(Tss2_MU_TPM2B_PUBLIC_Marshal)                                                            \
	F(Tss2_MU_TPMT_PUBLIC_Marshal)
#define IR_TSS_RC(F) F(Tss2_RC_Decode)
#define IR_TSS_LOADER(F)                                                                           \
	F(Tss2_TctiLdr_Initialize)                                                                 \
	F(Tss2_TctiLdr_Finalize)
#define IR_TSS_ESYS(F)                                                                             \
	F(Esys_Initialize)                                                                         \
	F(Esys_Finalize)                                                                           \
	F(Esys_Free)                                                                               \
	F(Esys_GetCapability)                                                                      \
	F(Esys_TR_FromTPMPublic)                                                                   \
	F(Esys_TR_SetAuth)                                                                         \
	F(Esys_TR_Close)                                                                           \
	F(Esys_ReadPublic)                                                                         \
	F(Esys_CreatePrimary)                                                                      \
	F(Esys_EvictControl)                                                                       \
	F(Esys_FlushContext)                                                                       \
	F(Esys_Quote)                                                                              \
	F(Esys_PCR_Read)

struct ir_tss {
#define MEMBER(NAME) __typeof__(&NAME) NAME;
	IR_TSS_MU(MEMBER)
	IR_TSS_RC(MEMBER)
	IR_TSS_LOADER(MEMBER)
	IR_TSS_ESYS(MEMBER)
#undef MEMBER
};

/* What decodes structures. NULL, and why. */
const struct ir_tss *ir_tss_mu(char **error);
/* All of it. */
const struct ir_tss *ir_tss_all(char **error);

#endif /* IR_TSS_H */

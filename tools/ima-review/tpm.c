// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TPM of this machine: a signing key, quotes, PCRs
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "ima-review.h"
#include "tss.h"

#define READ_AT_ONCE 8 /* PCRs that a TPM gives in one answer */
#define QUOTED	     ((1u << IR_PCRS) - 1)

struct ir_tpm {
	const struct ir_tss *tss;
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
};

static int failed(const struct ir_tpm *tpm, const char *what, TSS2_RC rc, char **error)
{
	*error = ir_text("TPM: %s: %s", what, tpm->tss->Tss2_RC_Decode(rc));
	return -EIO;
}

int ir_tpm_open(const char *tcti, struct ir_tpm **out, char **error)
{
	static const char *const devices[] = { "/dev/tpmrm0", "/dev/tpm0" };
	const struct ir_tss *tss = ir_tss_all(error);
	struct ir_tpm *tpm;
	TSS2_RC rc;

	*out = NULL;
	if (!tss)
		return -ENOSYS;
	tpm = ir_alloc(sizeof(*tpm));
	tpm->tss = tss;
	rc = tss->Tss2_TctiLdr_Initialize(tcti, &tpm->tcti);
	if (!rc)
		rc = tss->Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
	if (!rc) {
		*out = tpm;
		return 0;
	}
	for (size_t i = 0; !tcti && i < sizeof(devices) / sizeof(*devices); i++) {
		if (access(devices[i], R_OK | W_OK) && errno == EACCES) {
			*error = ir_text("%s: permission denied (EACCES); run as root or as a "
					 "member of group tss",
					 devices[i]);
			ir_tpm_close(tpm);
			return -EACCES;
		}
	}
	*error = ir_text("TPM %s: cannot be reached: %s; check /dev/tpmrm0, or say which with "
			 "--tcti",
			 tcti ? tcti : "(default)", tss->Tss2_RC_Decode(rc));
	ir_tpm_close(tpm);
	return -ENODEV;
}

void ir_tpm_close(struct ir_tpm *tpm)
{
	if (!tpm)
		return;
	if (tpm->esys)
		tpm->tss->Esys_Finalize(&tpm->esys);
	if (tpm->tcti)
		tpm->tss->Tss2_TctiLdr_Finalize(&tpm->tcti);
	free(tpm);
}

static int has_handle(struct ir_tpm *tpm, uint32_t handle, bool *has, char **error)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	TSS2_RC rc;

	rc = tpm->tss->Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					  TPM2_CAP_HANDLES, handle, 1, &more, &data);
	if (rc)
		return failed(tpm, "list of handles", rc, error);
	*has = data->data.handles.count && data->data.handles.handle[0] == handle;
	tpm->tss->Esys_Free(data);
	return 0;
}

/* -ENOENT without a word in @error: nothing is there */
static int key_load(struct ir_tpm *tpm, uint32_t handle, ESYS_TR *key, char **error)
{
	bool has = false;
	int err = has_handle(tpm, handle, &has, error);
	TSS2_RC rc;

	if (err)
		return err;
	if (!has)
		return -ENOENT;
	rc = tpm->tss->Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
					     ESYS_TR_NONE, key);
	return rc ? failed(tpm, "key", rc, error) : 0;
}

int ir_tpm_key(struct ir_tpm *tpm, uint32_t handle, uint8_t **public, size_t *size, char **error)
{
	TPM2B_PUBLIC *area = NULL;
	struct ir_key parsed;
	ESYS_TR key = ESYS_TR_NONE;
	uint8_t bytes[sizeof(TPM2B_PUBLIC)];
	size_t offset = 0;
	TSS2_RC rc;
	int err;

	*error = NULL;
	err = key_load(tpm, handle, &key, error);
	if (err == -ENOENT)
		*error = ir_text("TPM handle 0x%08x: nothing is there; run 'ima-review enroll'",
				 handle);
	if (err)
		return err;
	rc = tpm->tss->Esys_ReadPublic(tpm->esys, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				       &area, NULL, NULL);
	if (!rc)
		rc = tpm->tss->Tss2_MU_TPM2B_PUBLIC_Marshal(area, bytes, sizeof(bytes), &offset);
	tpm->tss->Esys_Free(area);
	tpm->tss->Esys_TR_Close(tpm->esys, &key);
	if (rc)
		return failed(tpm, "public part of the key", rc, error);
	err = ir_key_public(bytes, offset, &parsed);
	if (err || !parsed.restricted) {
		if (!err)
			ir_key_free(&parsed);
		*error = ir_text("TPM handle 0x%08x: holds no restricted signing key; choose "
				 "another with --handle",
				 handle);
		return -EBADF;
	}
	ir_key_free(&parsed);
	*public = ir_alloc(offset);
	memcpy(*public, bytes, offset);
	*size = offset;
	return 0;
}

/* Restricted: it signs nothing that only looks like a quote. */
static TPM2B_PUBLIC template_of(bool ecc)
{
	TPM2B_PUBLIC public = {
		.publicArea = {
			.type = ecc ? TPM2_ALG_ECC : TPM2_ALG_RSA,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
					    TPMA_OBJECT_SENSITIVEDATAORIGIN |
					    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED |
					    TPMA_OBJECT_SIGN_ENCRYPT,
		},
	};
	TPMU_PUBLIC_PARMS *parms = &public.publicArea.parameters;

	if (ecc) {
		parms->eccDetail.symmetric.algorithm = TPM2_ALG_NULL;
		parms->eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
		parms->eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
		parms->eccDetail.curveID = TPM2_ECC_NIST_P256;
		parms->eccDetail.kdf.scheme = TPM2_ALG_NULL;
	} else {
		parms->rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
		parms->rsaDetail.scheme.scheme = TPM2_ALG_RSASSA;
		parms->rsaDetail.scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
		parms->rsaDetail.keyBits = 2048;
	}
	return public;
}

static TSS2_RC key_make(struct ir_tpm *tpm, bool ecc, ESYS_TR *key)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION pcrs;
	const TPM2B_PUBLIC public = template_of(ecc);

	return tpm->tss->Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
					    ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &public,
					    &outside, &pcrs, key, NULL, NULL, NULL, NULL);
}

int ir_tpm_enroll(struct ir_tpm *tpm, uint32_t handle, const char *algorithm, const char *auth,
		  size_t auth_size, char **error)
{
	const bool may_ecc = !algorithm || !strcmp(algorithm, "ecc");
	const bool may_rsa = !algorithm || !strcmp(algorithm, "rsa");
	ESYS_TR key = ESYS_TR_NONE, kept = ESYS_TR_NONE;
	TPM2B_AUTH value = { 0 };
	TSS2_RC rc = TPM2_RC_FAILURE;

	*error = NULL;
	if (auth_size > sizeof(value.buffer)) {
		*error = ir_copy("owner's password: longer than a TPM takes");
		return -EINVAL;
	}
	if (auth_size) {
		value.size = (UINT16)auth_size;
		memcpy(value.buffer, auth, auth_size);
		rc = tpm->tss->Esys_TR_SetAuth(tpm->esys, ESYS_TR_RH_OWNER, &value);
		if (rc)
			return failed(tpm, "owner's password", rc, error);
	}
	if (may_ecc)
		rc = key_make(tpm, true, &key);
	/* no ECC, no such curve, no such scheme: whatever it is, RSA may still work */
	if (rc && may_rsa)
		rc = key_make(tpm, false, &key);
	if (rc)
		return failed(tpm, "making a signing key below the owner", rc, error);
	rc = tpm->tss->Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD,
					 ESYS_TR_NONE, ESYS_TR_NONE, handle, &kept);
	tpm->tss->Esys_FlushContext(tpm->esys, key);
	if (rc)
		return failed(tpm, "making the key persistent", rc, error);
	tpm->tss->Esys_TR_Close(tpm->esys, &kept);
	return 0;
}

int ir_tpm_banks(struct ir_tpm *tpm, struct ir_pcrs *selection, char **error)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	TSS2_RC rc;

	*error = NULL;
	*selection = (struct ir_pcrs){ 0 };
	rc = tpm->tss->Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					  TPM2_CAP_PCRS, 0, 1, &more, &data);
	if (rc)
		return failed(tpm, "list of banks", rc, error);
	for (UINT32 i = 0; i < data->data.assignedPCR.count && i < IR_BANKS; i++) {
		const TPMS_PCR_SELECTION *s = &data->data.assignedPCR.pcrSelections[i];
		uint32_t has = 0;

		for (int j = 0; j < s->sizeofSelect && j < 3; j++)
			has |= (uint32_t)s->pcrSelect[j] << 8 * j;
		if ((has & QUOTED) != QUOTED)
			continue;
		selection->banks[selection->n].alg = s->hash;
		selection->banks[selection->n].selected = QUOTED;
		selection->n++;
	}
	tpm->tss->Esys_Free(data);
	if (selection->n)
		return 0;
	*error = ir_copy("TPM: no bank has PCRs 0 to 10; allocate one with tpm2_pcrallocate");
	return -ENODEV;
}

static void select_into(TPMS_PCR_SELECTION *to, uint16_t alg, uint32_t selected)
{
	to->hash = alg;
	to->sizeofSelect = 3;
	for (int j = 0; j < 3; j++)
		to->pcrSelect[j] = (BYTE)(selected >> 8 * j);
}

int ir_tpm_quote(struct ir_tpm *tpm, uint32_t handle, const struct ir_pcrs *selection,
		 const uint8_t *nonce, size_t nonce_size, uint8_t **message, size_t *size,
		 uint8_t **signature, size_t *signature_size, char **error)
{
	static const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL };
	TPML_PCR_SELECTION pcrs = { .count = (UINT32)selection->n };
	TPM2B_DATA data = { .size = (UINT16)nonce_size };
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *sig = NULL;
	ESYS_TR key = ESYS_TR_NONE;
	uint8_t bytes[sizeof(TPMT_SIGNATURE)];
	size_t offset = 0;
	TSS2_RC rc;
	int err;

	*error = NULL;
	if (nonce_size > sizeof(data.buffer))
		return -EINVAL;
	memcpy(data.buffer, nonce, nonce_size);
	for (size_t i = 0; i < selection->n; i++)
		select_into(&pcrs.pcrSelections[i], selection->banks[i].alg,
			    selection->banks[i].selected);
	err = key_load(tpm, handle, &key, error);
	if (err)
		return err;
	rc = tpm->tss->Esys_Quote(tpm->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
				  &data, &scheme, &pcrs, &attest, &sig);
	tpm->tss->Esys_TR_Close(tpm->esys, &key);
	if (!rc)
		rc = tpm->tss->Tss2_MU_TPMT_SIGNATURE_Marshal(sig, bytes, sizeof(bytes), &offset);
	if (rc) {
		err = failed(tpm, "quote", rc, error);
	} else {
		*message = ir_alloc(attest->size);
		memcpy(*message, attest->attestationData, attest->size);
		*size = attest->size;
		*signature = ir_alloc(offset);
		memcpy(*signature, bytes, offset);
		*signature_size = offset;
	}
	tpm->tss->Esys_Free(attest);
	tpm->tss->Esys_Free(sig);
	return err;
}

/* What the TPM gave of what was asked, which may be less. */
static uint32_t take(struct ir_bank_pcrs *bank, uint32_t asked, const TPML_PCR_SELECTION *given,
		     const TPML_DIGEST *values)
{
	uint32_t got = 0, n = 0;

	for (UINT32 i = 0; i < given->count && i < TPM2_NUM_PCR_BANKS; i++) {
		const TPMS_PCR_SELECTION *s = &given->pcrSelections[i];

		for (int pcr = 0; pcr < 24; pcr++) {
			if (pcr / 8 >= s->sizeofSelect || !(s->pcrSelect[pcr / 8] >> pcr % 8 & 1))
				continue;
			if (s->hash == bank->alg && (asked >> pcr & 1) && n < values->count &&
			    n < READ_AT_ONCE && values->digests[n].size <= IR_DIGEST_MAX) {
				bank->size[pcr] = values->digests[n].size;
				memcpy(bank->value[pcr], values->digests[n].buffer,
				       values->digests[n].size);
				got |= 1u << pcr;
			}
			n++;
		}
	}
	return got;
}

static int read_bank(struct ir_tpm *tpm, struct ir_bank_pcrs *bank, char **error)
{
	uint32_t left = bank->selected;

	while (left) {
		TPML_PCR_SELECTION ask = { .count = 1 }, *given = NULL;
		TPML_DIGEST *values = NULL;
		uint32_t some = 0, got;
		UINT32 update;
		int n = 0;
		TSS2_RC rc;

		for (int pcr = 0; pcr < 24 && n < READ_AT_ONCE; pcr++) {
			if (left >> pcr & 1) {
				some |= 1u << pcr;
				n++;
			}
		}
		select_into(&ask.pcrSelections[0], bank->alg, some);
		rc = tpm->tss->Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					     &ask, &update, &given, &values);
		if (rc)
			return failed(tpm, "reading PCRs", rc, error);
		got = take(bank, some, given, values);
		tpm->tss->Esys_Free(given);
		tpm->tss->Esys_Free(values);
		if (!got) {
			*error = ir_text("TPM: reading PCRs: bank 0x%04x gives none", bank->alg);
			return -EIO;
		}
		left &= ~got;
	}
	return 0;
}

int ir_tpm_read(struct ir_tpm *tpm, struct ir_pcrs *pcrs, char **error)
{
	*error = NULL;
	for (size_t i = 0; i < pcrs->n; i++) {
		int rc = read_bank(tpm, &pcrs->banks[i], error);

		if (rc)
			return rc;
	}
	return 0;
}

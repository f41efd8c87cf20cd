// SPDX-License-Identifier: GPL-2.0
/*
 * IMA namespaces - digests that BPF programs of the host ask for
 *
 * Copyright (C) 2026 Overlay Team
 *
 * flavours: debug
 *
 * bpf_ima_inode_hash() tells what the host's policy has collected, never what a
 * container's has; bpf_ima_file_hash() calculates where nothing is known. The
 * program stands on bprm_committed_creds, behind the evaluation of the exec.
 * It needs CONFIG_BPF_LSM, bpf in the list of security modules, and BTF.
 */

#include "common.h"
#include <linux/bpf.h>
#include <linux/btf.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define OWNER		54323
#define HOST_RULE	"measure func=BPRM_CHECK mask=MAY_EXEC fowner=54323\n"
#define HASH_ALGO_SHA256	4

/* what the program leaves behind: value 0 of its array */
struct last_exec {
	__u64 count;
	__s64 inode_ret;
	__s64 file_ret;
	__u8 inode_hash[32];
	__u8 file_hash[32];
};

static struct {
	const char *data;
	const char *strings;
	const struct btf_header *hdr;
} btf;

static const char *btf_name(unsigned int off)
{
	return btf.strings + off;
}

/* bytes that follow the type itself */
static size_t btf_tail(const struct btf_type *t)
{
	size_t vlen = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
		return sizeof(__u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return vlen * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return vlen * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	case BTF_KIND_ENUM64:
		return vlen * sizeof(struct btf_enum64);
	default:
		return 0;
	}
}

static long btf_open(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;
	size_t n = 0;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	data = malloc(st.st_size);
	if (!data)
		return -ENOMEM;
	while (n < (size_t)st.st_size) {
		len = read(fd, data + n, st.st_size - n);
		if (len <= 0)
			return -EIO;
		n += len;
	}
	close(fd);
	btf.hdr = (const void *)data;
	btf.data = data + btf.hdr->hdr_len + btf.hdr->type_off;
	btf.strings = data + btf.hdr->hdr_len + btf.hdr->str_off;
	return btf.hdr->magic == BTF_MAGIC ? 0 : -EINVAL;
}

/* id of a type, or -ENOENT */
static long btf_find(unsigned int kind, const char *name,
		     const struct btf_type **found)
{
	const char *p = btf.data, *end = p + btf.hdr->type_len;
	long id;

	for (id = 1; p < end; id++) {
		const struct btf_type *t = (const void *)p;

		if (BTF_INFO_KIND(t->info) == kind &&
		    !strcmp(btf_name(t->name_off), name)) {
			if (found)
				*found = t;
			return id;
		}
		p += sizeof(*t) + btf_tail(t);
	}
	return -ENOENT;
}

/* byte offset of a member, or -ENOENT */
static long btf_offset(const char *structure, const char *member)
{
	const struct btf_member *m;
	const struct btf_type *t;
	unsigned int i;

	if (btf_find(BTF_KIND_STRUCT, structure, &t) < 0)
		return -ENOENT;
	m = (const void *)(t + 1);
	for (i = 0; i < BTF_INFO_VLEN(t->info); i++, m++)
		if (!strcmp(btf_name(m->name_off), member))
			return (BTF_INFO_KFLAG(t->info) ?
				BTF_MEMBER_BIT_OFFSET(m->offset) :
				m->offset) / 8;
	return -ENOENT;
}

static long bpf(int cmd, union bpf_attr *attr)
{
	long ret = syscall(__NR_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

#define INSN(_code, _dst, _src, _off, _imm) \
	((struct bpf_insn){ .code = (_code), .dst_reg = (_dst), \
			    .src_reg = (_src), .off = (_off), .imm = (_imm) })
#define MOV(_dst, _src)		INSN(BPF_ALU64 | BPF_MOV | BPF_X, _dst, _src, 0, 0)
#define MOV_IMM(_dst, _imm)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, _dst, 0, 0, _imm)
#define ADD_IMM(_dst, _imm)	INSN(BPF_ALU64 | BPF_ADD | BPF_K, _dst, 0, 0, _imm)
#define LOAD(_dst, _src, _off)	INSN(BPF_LDX | BPF_MEM | BPF_DW, _dst, _src, _off, 0)
#define STORE(_dst, _off, _src)	INSN(BPF_STX | BPF_MEM | BPF_DW, _dst, _src, _off, 0)
#define CALL(_helper)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, _helper)
#define EXIT()			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* attached while the returned descriptor is open; -errno */
static long attach(int map)
{
	static char log[65536];
	long hook = btf_find(BTF_KIND_FUNC, "bpf_lsm_bprm_committed_creds", NULL);
	long file = btf_offset("linux_binprm", "file");
	long inode = btf_offset("file", "f_inode");
	struct bpf_insn insns[] = {
		/* r6: the file, r7: the value of the map */
		LOAD(BPF_REG_6, BPF_REG_1, 0),
		LOAD(BPF_REG_6, BPF_REG_6, file),
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_7, BPF_PSEUDO_MAP_VALUE,
		     0, map),
		INSN(0, 0, 0, 0, 0),
		LOAD(BPF_REG_1, BPF_REG_6, inode),
		MOV(BPF_REG_2, BPF_REG_7),
		ADD_IMM(BPF_REG_2, offsetof(struct last_exec, inode_hash)),
		MOV_IMM(BPF_REG_3, 32),
		CALL(BPF_FUNC_ima_inode_hash),
		STORE(BPF_REG_7, offsetof(struct last_exec, inode_ret), BPF_REG_0),
		MOV(BPF_REG_1, BPF_REG_6),
		MOV(BPF_REG_2, BPF_REG_7),
		ADD_IMM(BPF_REG_2, offsetof(struct last_exec, file_hash)),
		MOV_IMM(BPF_REG_3, 32),
		CALL(BPF_FUNC_ima_file_hash),
		STORE(BPF_REG_7, offsetof(struct last_exec, file_ret), BPF_REG_0),
		LOAD(BPF_REG_1, BPF_REG_7, 0),
		ADD_IMM(BPF_REG_1, 1),
		STORE(BPF_REG_7, 0, BPF_REG_1),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.prog_flags = BPF_F_SLEEPABLE,
		.insns = (unsigned long)insns,
		.insn_cnt = ARRAY_SIZE(insns),
		.license = (unsigned long)"GPL",
		.log_buf = (unsigned long)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	long prog, link;

	if (hook < 0 || file < 0 || inode < 0)
		return -ENOENT;
	attr.attach_btf_id = hook;
	prog = bpf(BPF_PROG_LOAD, &attr);
	if (prog < 0) {
		printf("# %s\n", log);
		return prog;
	}
	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.prog_fd = prog;
	link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
	close(prog);
	return link;
}

static long make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(__u32),
		.value_size = sizeof(struct last_exec),
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static long read_map(int map, struct last_exec *value)
{
	__u32 key = 0;
	union bpf_attr attr = {
		.map_fd = map,
		.key = (unsigned long)&key,
		.value = (unsigned long)value,
	};

	return bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

FIXTURE(bpf)
{
	struct container *c;
	int map;
	int link;
	struct last_exec got;
};

FIXTURE_SETUP(bpf)
{
	SETUP_WORKDIR();
	ASSERT_LE(0, ct_cat(NULL, HOST_POLICY));
	if (!strstr(ct_out(NULL), "fowner=54323"))
		ASSERT_EQ(0, ct_load(NULL, HOST_POLICY, HOST_RULE));
	ASSERT_EQ(0, make_prog(PROG, "1"));
	self->c = ct_active(NULL, (struct ct_opts){}, RULE_EXEC);
	ASSERT_NE(NULL, self->c);
	ASSERT_EQ(0, btf_open());
	self->map = make_map();
	ASSERT_LE(0, self->map);
	self->link = attach(self->map);
	ASSERT_LE(0, self->link);
}

FIXTURE_TEARDOWN(bpf)
{
	close(self->link);
	close(self->map);
	ct_end(self->c);
}

/* runs PROG and reads what the program was told; @want: the digest PROG has now */
#define EXEC(_c, _want) do {						\
	struct last_exec before;					\
									\
	ASSERT_EQ(0, file_sha256_hex(PROG, _want));			\
	ASSERT_EQ(0, read_map(self->map, &before));			\
	ASSERT_EQ(0, ct_exec(_c, PROG));				\
	ASSERT_EQ(0, read_map(self->map, &self->got));			\
	ASSERT_EQ(before.count + 1, self->got.count);			\
} while (0)

static const char *hex_of(const unsigned char *hash)
{
	static char hex[SHA256_HEX + 1];
	int i;

	for (i = 0; i < SHA256_HEX / 2; i++)
		sprintf(hex + 2 * i, "%02x", hash[i]);
	return hex;
}

#define EXPECT_HASH(_want, _kind) do {					\
	EXPECT_EQ(HASH_ALGO_SHA256, self->got._kind ## _ret);		\
	EXPECT_STREQ(_want, hex_of(self->got._kind ## _hash));		\
} while (0)

TEST_F(bpf, what_the_host_measured_is_told)
{
	char want[SHA256_HEX + 1];

	ASSERT_EQ(0, chown(PROG, OWNER, OWNER));
	EXEC(NULL, want);
	EXPECT_HASH(want, inode);
	EXPECT_HASH(want, file);
}

TEST_F(bpf, what_the_host_measured_in_a_container_is_told)
{
	char want[SHA256_HEX + 1];

	ASSERT_EQ(0, chown(PROG, OWNER, OWNER));
	EXEC(self->c, want);
	EXPECT_HASH(want, inode);
	EXPECT_HASH(want, file);
}

/* the record of the container shows that its policy had the digest collected */
TEST_F(bpf, what_only_a_container_knows_is_not)
{
	char want[SHA256_HEX + 1];

	ASSERT_EQ(0, audit_open());
	ASSERT_EQ(0, audit_clear());
	EXEC(self->c, want);
	EXPECT_COUNT(1, audit_count_file(self->c, PROG));
	EXPECT_EQ(-EOPNOTSUPP, self->got.inode_ret);
	EXPECT_HASH(want, file);
	audit_close();
}

TEST_F(bpf, a_changed_file_has_its_new_digest)
{
	char first[SHA256_HEX + 1], want[SHA256_HEX + 1];

	ASSERT_EQ(0, chown(PROG, OWNER, OWNER));
	EXEC(NULL, first);
	ASSERT_EQ(0, make_prog(PROG, "2"));
	EXEC(self->c, want);
	ASSERT_STRNE(first, want);
	EXPECT_HASH(want, inode);
	EXPECT_HASH(want, file);
}

TEST_F(bpf, a_change_is_seen_where_only_a_container_knew_the_file)
{
	char first[SHA256_HEX + 1], want[SHA256_HEX + 1];

	EXEC(self->c, first);
	ASSERT_EQ(0, ct_append(NULL, PROG));
	EXEC(self->c, want);
	ASSERT_STRNE(first, want);
	EXPECT_EQ(-EOPNOTSUPP, self->got.inode_ret);
	EXPECT_HASH(want, file);
}

TEST_HARNESS_MAIN

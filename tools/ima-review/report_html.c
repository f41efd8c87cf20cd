// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as one HTML file: no script, nothing fetched from anywhere
 *
 * On a narrow screen each row of a table becomes a block of named lines; roles keep it a table for
 * those who hear it.
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <string.h>

#include "report.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;"
	"--band:#f6f8fa;--good:#116329;--bad:#a40e26;--note:#7a4b00}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--paper:#0d1117;"
	"--line:#3d444d;--band:#161b22;--good:#56d364;--bad:#ff9492;--note:#e3b341}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:76rem;color:var(--ink);"
	"background:var(--paper);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}\n"
	".verdict{font-size:1.1rem;font-weight:600;padding:.75rem 1rem;margin:0 0 1rem;"
	"border-left:.4rem solid;background:var(--band)}\n"
	".good{color:var(--good)}.bad{color:var(--bad)}.note{color:var(--note)}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}\n"
	"dt{color:var(--soft)}dd{margin:0}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
	"caption{text-align:left;color:var(--soft);padding:0 0 .5rem}\n"
	"th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
	"border-bottom:1px solid var(--line)}\n"
	"thead th{background:var(--band);white-space:nowrap}\n"
	"td.good,td.bad,td.note{overflow-wrap:normal}\n"
	"td.n{text-align:right;font-variant-numeric:tabular-nums}\n"
	"code{font-family:ui-monospace,monospace;font-size:.85rem}\n"
	"ul{margin:.25rem 0 0;padding-left:1.2rem}\n"
	"nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}\n"
	"a{color:inherit}\n"
	"@media (max-width:44rem){thead{position:absolute;width:1px;height:1px;overflow:hidden;"
	"clip-path:inset(50%)}\n"
	"table,tbody,tr,td,th,caption{display:block;width:auto}\n"
	"tr{border-bottom:1px solid var(--line);padding:.5rem 0}\n"
	"tbody td,tbody th{border:0;padding:.1rem 0;text-align:left!important}\n"
	"td[data-name]::before{content:attr(data-name) \": \";color:var(--soft)}\n"
	"dl{grid-template-columns:1fr}dd{margin:0 0 .4rem}}\n"
	"@media print{body{max-width:none}}\n";

/* Text between tags and in attributes; bytes were made UTF-8 before. */
static void put(FILE *to, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			fputc(*text, to);
		}
	}
}

/* Whatever it is: first printable, then HTML. */
static void put_bytes(FILE *to, const char *bytes)
{
	IR_FREE char *text = ir_escape(bytes, strlen(bytes));

	put(to, text);
}

static void fact(FILE *to, const char *name, const char *value)
{
	fprintf(to, "<dt>%s</dt><dd>", name);
	put_bytes(to, value);
	fputs("</dd>\n", to);
}

static void table_begin(FILE *to, const char *caption, const char *const *titles, size_t n)
{
	fputs("<table role=\"table\"><caption>", to);
	put(to, caption);
	fputs("</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">", to);
	for (size_t i = 0; i < n; i++)
		fprintf(to, "<th scope=\"col\" role=\"columnheader\">%s</th>", titles[i]);
	fputs("</tr></thead>\n<tbody role=\"rowgroup\">\n", to);
}

static void table_end(FILE *to)
{
	fputs("</tbody></table>\n", to);
}

static void row_begin(FILE *to)
{
	fputs("<tr role=\"row\">", to);
}

static void row_end(FILE *to)
{
	fputs("</tr>\n", to);
}

static void cell_begin(FILE *to, const char *title, const char *class)
{
	fprintf(to, "<td role=\"cell\" data-name=\"%s\"%s%s%s>", title, class ? " class=\"" : "",
		class ? class : "", class ? "\"" : "");
}

static void cell(FILE *to, const char *title, const char *text)
{
	cell_begin(to, title, NULL);
	put(to, text);
	fputs("</td>", to);
}

static void code(FILE *to, const char *title, const char *text)
{
	cell_begin(to, title, NULL);
	fputs("<code>", to);
	put(to, text);
	fputs("</code></td>", to);
}

static void count(FILE *to, const char *title, uint64_t n)
{
	cell_begin(to, title, "n");
	fprintf(to, "%" PRIu64 "</td>", n);
}

/* the first cell of a row, which names it */
static void head(FILE *to, const char *text)
{
	fputs("<th scope=\"row\" role=\"rowheader\">", to);
	put(to, text);
	fputs("</th>", to);
}

static const char *class_of(enum ir_state state)
{
	return state == IR_HOLDS ? "good" : state == IR_FAILED ? "bad" : "note";
}

static void put_head(const struct ir_review *r, FILE *to)
{
	const struct ir_manifest *m = &r->manifest;
	IR_FREE char *sentence = ir_sentence(r);
	const char *class = ir_review_status(r)				? "bad" :
			    r->pinned && !r->unquoted && !r->violations ? "good" :
									  "note";

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; img-src data:\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<title>Measurements of ",
	      to);
	put_bytes(to, m->host);
	fputs("</title>\n<style>\n", to);
	fputs(style, to);
	fputs("</style></head>\n<body>\n<main>\n<h1>Measurements of ", to);
	put_bytes(to, m->host);
	fprintf(to, "</h1>\n<p class=\"verdict %s\">", class);
	put(to, sentence);
	fputs("</p>\n<dl>\n", to);
	fact(to, "Boot", m->boot);
	fact(to, "Kernel", m->kernel);
	fact(to, "Collected", m->time);
	fact(to, "Key", r->key_name ? r->key_name : "none");
	fact(to, "By", m->tool);
	fputs("</dl>\n<nav aria-label=\"Contents\"><ul><li><a href=\"#checks\">Checks</a></li>"
	      "<li><a href=\"#proof\">What is proven</a></li>"
	      "<li><a href=\"#containers\">Containers</a></li>"
	      "<li><a href=\"#measurements\">Measurements</a></li></ul></nav>\n",
	      to);
}

static void put_checks(const struct ir_review *r, FILE *to)
{
	static const char *const titles[] = { "Check", "State", "Result" };

	fputs("<h2 id=\"checks\">Checks</h2>\n", to);
	table_begin(to, "Each check by itself, in order", titles, 3);
	for (int i = 0; i < IR_CHECKS; i++) {
		const struct ir_check *c = &r->checks[i];
		IR_FREE char *title = i ? ir_text("%d %s", i, ir_check_titles[i]) :
					  ir_copy(ir_check_titles[i]);

		row_begin(to);
		head(to, title);
		cell_begin(to, "State", class_of(c->state));
		fprintf(to, "%s</td>", ir_state_words[c->state]);
		cell_begin(to, "Result", NULL);
		put(to, c->text);
		if (c->n_findings)
			fputs("<ul>", to);
		for (size_t j = 0; j < c->n_findings; j++) {
			fputs("<li>", to);
			put(to, c->findings[j]);
			fputs("</li>", to);
		}
		if (c->more)
			fprintf(to, "<li>and %" PRIu64 " more</li>", c->more);
		if (c->n_findings)
			fputs("</ul>", to);
		fputs("</td>", to);
		row_end(to);
	}
	table_end(to);
}

static void put_statements(const struct ir_review *r, FILE *to)
{
	static const char *const titles[] = { "Statement", "State of this run", "Detail" };
	struct ir_statement *s;
	size_t n = ir_statements(r, &s);

	fputs("<h2 id=\"proof\">What is proven</h2>\n", to);
	table_begin(to, "What may be said after these checks, and what may not", titles, 3);
	for (size_t i = 0; i < n; i++) {
		row_begin(to);
		head(to, s[i].claim);
		cell_begin(to, "State of this run", strcmp(s[i].state, "proven") ? "note" : "good");
		fprintf(to, "%s</td>", s[i].state);
		cell(to, "Detail", s[i].detail);
		row_end(to);
	}
	table_end(to);
	ir_statements_free(s, n);
}

static void put_banks(const struct ir_review *r, FILE *to)
{
	static const char *const titles[] = { "Bank", "PCR 10 replayed", "Note" };

	fputs("<h2>PCR 10</h2>\n", to);
	table_begin(to,
		    r->covered_known ? "After the entries that the quote covers" :
				       "After all entries",
		    titles, 3);
	for (size_t i = 0; i < r->n_banks; i++) {
		const struct ir_bank *bank = &r->banks[i];
		IR_FREE char *value = NULL;

		if (!bank->hash)
			continue;
		value = ir_hex(r->covered_known ? bank->pcr_covered : bank->pcr, bank->hash->size);
		row_begin(to);
		head(to, bank->hash->name);
		code(to, "PCR 10 replayed", value);
		cell(to, "Note",
		     bank->padded  ? "the kernel lacks the hash: SHA-1 and zeros" :
		     !bank->quoted ? "not quoted" :
				     "quoted");
		row_end(to);
	}
	table_end(to);
}

static void put_nodes(const struct ir_review *r, const uint32_t *sorted, uint64_t contid,
		      const char *name, unsigned int depth, FILE *to)
{
	size_t i = ir_nodes_of(r, sorted, contid);
	bool any = false;

	for (;; i++) {
		static const struct ir_node none;
		const struct ir_node *node = i < r->who.n_nodes && r->who.nodes[sorted[i]].contid ==
									   contid ?
						     &r->who.nodes[sorted[i]] :
						     &none;
		char imans[24];

		if (node == &none && any)
			return;
		any = true;
		row_begin(to);
		fprintf(to, "<th scope=\"row\" role=\"rowheader\" style=\"padding-left:%u.6rem\">",
			depth < 12 ? depth : 12);
		put(to, name);
		fputs("</th>", to);
		code(to, "IMA namespace", ir_imans_text(node->imans, imans));
		count(to, "own list", node->count[IR_HOW_LIST]);
		count(to, "records", node->count[IR_HOW_RECORD]);
		count(to, "matches", node->count[IR_HOW_MATCH]);
		count(to, "unattributed", node->count[IR_HOW_NONE]);
		count(to, "violations", node->violations);
		row_end(to);
		if (node == &none)
			return;
	}
}

static void put_containers(const struct ir_review *r, FILE *to)
{
	static const char *const titles[] = { "Container", "IMA namespace", "Own list",	 "Records",
					      "Matches",   "Unattributed",  "Violations" };
	IR_FREE uint32_t *sorted = ir_nodes_sorted(r);
	IR_FREE struct ir_tree_row *rows = NULL;
	size_t n;

	rows = ir_tree(r, &n);
	fputs("<h2 id=\"containers\">Containers</h2>\n", to);
	table_begin(to,
		    "Containers by chain; a match is the same content, not proof of the same act",
		    titles, 7);
	put_nodes(r, sorted, CONTID_UNSET, "no container", 0, to);
	for (size_t i = 0; i < n; i++) {
		const struct ir_container *c = rows[i].container;
		IR_FREE char *own = c->name ? ir_escape(c->name, strlen(c->name)) : ir_copy("");
		IR_FREE char *name = ir_text("%" PRIu64 "%s%s", c->contid, *own ? " " : "", own);

		put_nodes(r, sorted, c->contid, name, rows[i].depth, to);
	}
	table_end(to);
}

static void put_namespaces(const struct ir_review *r, FILE *to)
{
	static const char *const titles[] = { "IMA namespace", "Entries", "Proven", "Anchors",
					      "State" };

	if (!r->n_namespaces)
		return;
	fputs("<h2>IMA namespaces</h2>\n", to);
	table_begin(to, "Lists of their own", titles, 5);
	for (size_t i = 0; i < r->n_namespaces; i++) {
		const struct ir_namespace *ns = &r->namespaces[i];
		char imans[24];

		row_begin(to);
		head(to, ir_imans_text(ns->id, imans));
		count(to, "Entries", ns->entries);
		count(to, "Proven", ns->proven);
		count(to, "Anchors", ns->anchors);
		cell(to, "State", ns->note ? ns->note : "-");
		row_end(to);
	}
	table_end(to);
}

struct rows {
	struct ir_review *r;
	FILE *to;
};

static void measurement_begin(FILE *to, const struct ir_entry *entry, const char *state)
{
	IR_FREE char *digest = ir_digest_text(entry), *path = ir_path_text(entry);
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, entry->number);
	row_begin(to);
	head(to, number);
	cell_begin(to, "State",
		   !strcmp(state, "proven") || !strcmp(state, "anchored")  ? "good" :
		   !strcmp(state, "broken") || !strcmp(state, "violation") ? "bad" :
									     "note");
	fprintf(to, "%s</td>", state);
	code(to, "Path", path);
	code(to, "Digest", digest);
	cell_begin(to, "Container", NULL);
}

static void measurement_end(FILE *to, enum ir_how how)
{
	fprintf(to, " (%s)</td>", ir_how_names[how]);
	row_end(to);
}

static void put_who(FILE *to, uint64_t contid, uint64_t imans)
{
	char contid_buf[24], imans_buf[24];

	fprintf(to, "%s in %s", ir_contid_text(contid, contid_buf),
		ir_imans_text(imans, imans_buf));
}

static int put_entry(const struct ir_shown *shown, void *data)
{
	const struct rows *rows = data;

	measurement_begin(rows->to, shown->entry, shown->state);
	for (size_t i = 0; i < shown->n; i++) {
		const struct ir_node *node = &rows->r->who.nodes[shown->matches[i].node];

		if (i)
			fputs(", ", rows->to);
		put_who(rows->to, node->contid, node->imans);
	}
	if (!shown->n)
		fputs("host", rows->to);
	measurement_end(rows->to, shown->how);
	return ferror(rows->to) ? -EIO : 0;
}

static int put_own_entry(const struct ir_namespace *ns, const struct ir_entry *entry, void *data)
{
	const struct rows *rows = data;

	measurement_begin(rows->to, entry, ir_own_state(ns, entry));
	put_who(rows->to, ns->contid, ns->id);
	measurement_end(rows->to, IR_HOW_LIST);
	return ferror(rows->to) ? -EIO : 0;
}

int ir_report_html(struct ir_review *r, FILE *to)
{
	static const char *const titles[] = { "Entry", "State", "Path", "Digest", "Container" };
	struct rows rows = { r, to };
	int rc;

	put_head(r, to);
	put_checks(r, to);
	put_statements(r, to);
	put_banks(r, to);
	put_containers(r, to);
	put_namespaces(r, to);
	fputs("<h2 id=\"measurements\">Measurements</h2>\n", to);
	table_begin(to, "The host's list, then those of namespaces", titles, 5);
	rc = ir_review_entries(r, put_entry, &rows);
	if (!rc)
		rc = ir_review_namespace_entries(r, put_own_entry, &rows);
	table_end(to);
	fputs("</main>\n</body></html>\n", to);
	return rc;
}

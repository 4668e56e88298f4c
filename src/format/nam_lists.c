/* SPDX-License-Identifier: MIT
 * nam_lists.c - the lists of weights of a capture, taken out of its text before the parser sees it.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_lists.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands for list i: this plus i. Of a file that has such a number of its own, the parser sees the whole. */
static const json_int_t mark = 4000000000000000;

/* More lists than any file of sense holds are left to the parser. */
enum { MAX_LISTS = 512 };

/* ---- numbers ---------------------------------------------------------------------------------------------------------------- */

static bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

/* The digits at p into the first 19 significant ones of *m; *dropped counts those that no longer fit. */
static const char *digits(const char *p, const char *end, uint64_t *m, int *dropped)
{
    for (; is_digit(p, end); p++) {
        if (*m < (uint64_t)1000000000000000000)
            *m = 10 * *m + (uint64_t)(*p - '0');
        else
            ++*dropped;
    }
    return p;
}

/* A JSON number as +-m * 10^exponent, m cut to 19 digits; NULL if there is none. */
static const char *scan(const char *p, const char *end, bool *negative, uint64_t *m, int *exponent)
{
    int dropped = 0, power = 0;
    *negative = p < end && *p == '-';
    p += *negative;
    if (!is_digit(p, end) || (*p == '0' && is_digit(p + 1, end))) return NULL;
    *m = 0;
    p = digits(p, end, m, &dropped);
    *exponent = dropped;
    if (p < end && *p == '.') {
        if (!is_digit(++p, end)) return NULL;
        const char *first = p;
        dropped = 0;
        p = digits(p, end, m, &dropped);
        if (p - first > 10000) return NULL;
        *exponent -= (int)(p - first) - dropped;
    }
    if (p == end || (*p != 'e' && *p != 'E')) return p;
    bool minus = ++p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (!is_digit(p, end)) return NULL;
    for (; is_digit(p, end); p++)
        if (power < 10000) power = 10 * power + (*p - '0');
    *exponent += minus ? -power : power;
    return p;
}

/* m * 10^exponent, no more than three roundings off. */
static double scaled(uint64_t m, int exponent)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double x = (double)m;
    for (; exponent < -22; exponent += 22) x /= 1e22;
    for (; exponent > 22; exponent -= 22) x *= 1e22;
    return exponent < 0 ? x / tens[-exponent] : x * tens[exponent];
}

/* Whether some double within eight steps of x would round to another float32 than x does. */
static bool is_between(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t below = bits & 0x1fffffff, half = 0x10000000; /* what float32 does not keep */
    return below > half - 8 && below < half + 8;
}

/* What the parser itself makes of the number, slowly and exactly, whatever the locale. */
static bool read_exactly(const char *text, size_t size, double *x)
{
    json_t *value = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    bool good = json_is_number(value);
    *x = json_number_value(value);
    json_decref(value);
    return good;
}

bool wn_nam_number(const char **text, const char *end, float *out)
{
    const char *start = *text;
    bool negative;
    uint64_t m;
    int exponent;
    const char *p = scan(start, end, &negative, &m, &exponent);
    if (!p) return false;
    double x = 0.0;
    bool common = exponent >= -44 && exponent <= 22;
    if (m && common) x = scaled(m, exponent);
    if (m && (!common || x < 1e-30 || x > 3e38 || is_between(x))) {
        if (!read_exactly(start, (size_t)(p - start), &x)) return false;
        x = fabs(x);
    }
    if (!(x <= (double)FLT_MAX)) return false;
    *out = negative ? -(float)x : (float)x;
    *text = p;
    return true;
}

/* ---- lists ------------------------------------------------------------------------------------------------------------------ */

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    return p;
}

static struct wn_nam_list *new_list(struct wn_nam_lists *lists)
{
    struct wn_nam_list *grown = realloc(lists->all, ((size_t)lists->n + 1) * sizeof *grown);
    if (!grown) return NULL;
    lists->all = grown;
    grown[lists->n] = (struct wn_nam_list){0};
    return &grown[lists->n++];
}

static bool append(struct wn_nam_list *list, size_t *room, float value)
{
    if (list->n == *room) {
        size_t more = *room ? 2 * *room : 16;
        float *grown = realloc(list->values, more * sizeof *grown);
        if (!grown) return false;
        list->values = grown;
        *room = more;
    }
    list->values[list->n++] = value;
    return true;
}

/* The numbers after '['. The text after ']', or NULL: *failed says whether memory did. */
static const char *read_list(struct wn_nam_list *list, const char *p, const char *end, bool *failed)
{
    size_t room = 0;
    p = skip_space(p, end);
    if (p < end && *p == ']') return NULL; /* an empty one is left to the parser */
    for (;;) {
        float value;
        if (!wn_nam_number(&p, end, &value)) return NULL;
        if ((*failed = !append(list, &room, value))) return NULL;
        p = skip_space(p, end);
        if (p == end || (*p != ',' && *p != ']')) return NULL;
        if (*p++ == ']') return p;
        p = skip_space(p, end);
    }
}

/* The text after the string that begins at p, or the end. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        if (*p == '\\' && p + 1 < end) p++;
    return p < end ? p + 1 : end;
}

/* Where the list after the key at p begins, past '['; NULL if it is no such key. */
static const char *list_after(const char *p, const char *end)
{
    static const char key[] = "\"weights\"";
    if ((size_t)(end - p) < sizeof key || memcmp(p, key, sizeof key - 1) != 0) return NULL;
    p = skip_space(p + sizeof key - 1, end);
    if (p == end || *p != ':') return NULL;
    p = skip_space(p + 1, end);
    return p < end && *p == '[' ? p + 1 : NULL;
}

/* Takes a list that begins at `from`; the text after it, or NULL. */
static const char *take(struct wn_nam_lists *out, const char *from, const char *end, bool *failed)
{
    struct wn_nam_list *list = new_list(out);
    *failed = !list;
    const char *after = list ? read_list(list, from, end, failed) : NULL;
    if (after || !list) return after;
    free(list->values);
    out->n--;
    return NULL;
}

bool wn_nam_lists_take(struct wn_nam_lists *out, const char *text, size_t size)
{
    const char *p = text, *end = text + size;
    bool failed = false;
    *out = (struct wn_nam_lists){.text = malloc(2 * size + 32)}; /* what stands for a list may be longer than it */
    char *to = out->text;
    if (!to) return false;
    while (p < end && !failed) {
        if (*p != '"') {
            *to++ = *p++;
            continue;
        }
        const char *string_end = skip_string(p, end), *list = list_after(p, end);
        const char *after = list && out->n < MAX_LISTS ? take(out, list, end, &failed) : NULL;
        memcpy(to, p, (size_t)(string_end - p));
        to += string_end - p;
        p = string_end;
        if (!after) continue;
        to += sprintf(to, ":%lld", (long long)mark + out->n - 1);
        p = after;
    }
    out->size = (size_t)(to - out->text);
    *to = '\0';
    return !failed;
}

void wn_nam_lists_free(struct wn_nam_lists *lists)
{
    for (int i = 0; i < lists->n; i++) free(lists->all[i].values);
    free(lists->all);
    free(lists->text);
    *lists = (struct wn_nam_lists){0};
}

struct wn_nam_list *wn_nam_lists_find(const struct wn_nam_lists *lists, const json_t *value)
{
    bool taken = lists->text && json_is_integer(value); /* else the parser has the lists themselves */
    json_int_t i = taken ? json_integer_value(value) - mark : -1;
    return i >= 0 && i < lists->n ? &lists->all[i] : NULL;
}

struct wn_nam_list *wn_nam_lists_add(struct wn_nam_lists *lists, wn_json *r, const json_t *array)
{
    size_t n = json_array_size(array);
    struct wn_nam_list *list = new_list(lists);
    if (list) list->values = malloc((n + 1) * sizeof *list->values);
    if (!list || !list->values) {
        wn_json_memory(r);
        return NULL;
    }
    list->used = true;
    for (; list->n < n; list->n++) {
        const json_t *value = json_array_get(array, list->n);
        size_t before = wn_json_enter(r, "weights", (int)list->n);
        double x = wn_json_as_number(r, value, "", 0.0, -(double)FLT_MAX, (double)FLT_MAX);
        wn_json_leave(r, before);
        if (r->status) return NULL;
        list->values[list->n] = (float)x;
    }
    return list;
}

static json_t *list_out(const float *values, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < n; i++)
        if (json_array_append_new(list, json_real((double)values[i]))) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

/* The list in `value`, or the value itself where it is neither a list taken out nor one of numbers. */
static json_t *restore_list(const struct wn_nam_lists *lists, json_t *value)
{
    struct wn_nam_list *taken = wn_nam_lists_find(lists, value);
    if (taken) taken->used = true;
    if (taken) return list_out(taken->values, taken->n);
    size_t n = json_array_size(value);
    float *values = calloc(n + 1, sizeof *values);
    if (!values) return NULL;
    bool numbers = json_is_array(value);
    for (size_t i = 0; i < n && numbers; i++) {
        numbers = json_is_number(json_array_get(value, i));
        values[i] = (float)json_number_value(json_array_get(value, i));
        numbers = numbers && isfinite(values[i]);
    }
    json_t *list = numbers ? list_out(values, n) : json_incref(value);
    free(values);
    return list;
}

/* Restore the lists of the networks in `value`, a deep copy, which stand in configs and in lists and objects there. */
static bool restore(const struct wn_nam_lists *lists, json_t *value)
{
    const char *key;
    json_t *inner;
    size_t i;
    bool good = true;
    json_array_foreach (value, i, inner) good = good && restore(lists, inner);
    if (!json_is_object(value)) return good;
    json_t *weights = json_object_get(value, "weights");
    if (weights) good = good && !json_object_set_new(value, "weights", restore_list(lists, weights));
    json_object_foreach (value, key, inner)
        if (strcmp(key, "metadata") != 0 && strcmp(key, "weights") != 0) good = good && restore(lists, inner);
    return good;
}

json_t *wn_nam_lists_restore(const struct wn_nam_lists *lists, const json_t *root)
{
    json_t *copy = json_deep_copy(root);
    if (copy && restore(lists, copy)) return copy;
    json_decref(copy);
    return NULL;
}

/* Places in the text that could be taken for a list's. */
static int count_marks(const char *text)
{
    char beginning[32];
    int n = 0;
    snprintf(beginning, sizeof beginning, "%lld", (long long)mark / 1000); /* what all MAX_LISTS begin with */
    for (const char *p = text; (p = strstr(p, beginning)); p++) n++;
    return n;
}

bool wn_nam_lists_all_used(const struct wn_nam_lists *lists)
{
    for (int i = 0; i < lists->n; i++)
        if (!lists->all[i].used) return false;
    return count_marks(lists->text) == lists->n;
}

/* ---- the size of what is left ------------------------------------------------------------------------------------ */

/* Every value but the first of a list or an object follows a comma; texts and names, lists, objects and their members cost
 * memory of their own. What stands within texts counts, too, which does no harm. */
size_t wn_nam_tree(const char *text, size_t size)
{
    static const unsigned short cost[256] = {[','] = 48, ['"'] = 40, [':'] = 40, ['['] = 100, ['{'] = 250};
    size_t bytes = 0;
    for (size_t i = 0; i < size; i++) bytes += cost[(unsigned char)text[i]];
    return bytes;
}

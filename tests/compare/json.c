#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct reader {
    const char *at;
    const char *error;
};

static struct json *read_value(struct reader *r, int depth);

static void skip_space(struct reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static struct json *fail(struct reader *r, const char *reason)
{
    if (r->error == NULL)
        r->error = reason;
    return NULL;
}

static struct json *new_value(struct reader *r, enum json_type type)
{
    struct json *value = calloc(1, sizeof *value);

    if (value == NULL)
        return fail(r, "out of memory");
    value->type = type;
    return value;
}

static char *put_utf8(char *out, unsigned long code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else if (code >= 0xD800 && code < 0xE000) {
        *out++ = '?';
    } else {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* One escape sequence; r->at stands behind the backslash. NULL when it is none. */
static char *read_escape(struct reader *r, char *out)
{
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    const char *name = *r->at == '\0' ? NULL : strchr(names, *r->at);

    if (name != NULL) {
        *out++ = bytes[name - names];
        r->at++;
        return out;
    }
    if (*r->at != 'u' || strspn(r->at + 1, "0123456789abcdefABCDEF") < 4)
        return NULL;
    char digits[5] = { 0 };
    memcpy(digits, r->at + 1, 4);
    r->at += 5;
    return put_utf8(out, strtoul(digits, NULL, 16));
}

static char *read_string(struct reader *r)
{
    const char *end = r->at + 1;

    while (*end != '"' && *end != '\0')
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    char *text = malloc((size_t)(end - r->at));
    if (text == NULL || *end == '\0') {
        free(text);
        fail(r, "a string without an end");
        return NULL;
    }
    char *out = text;
    r->at++;
    while (r->at < end && out != NULL) {
        if (*r->at == '\\') {
            r->at++;
            out = read_escape(r, out);
        } else {
            *out++ = *r->at++;
        }
    }
    if (out == NULL) {
        free(text);
        fail(r, "an unknown escape in a string");
        return NULL;
    }
    *out = '\0';
    r->at = end + 1;
    return text;
}

/* Members of an object, or elements of an array, up to the closing bracket. */
static struct json *read_children(struct reader *r, struct json *parent, int depth)
{
    char close = parent->type == JSON_OBJECT ? '}' : ']';
    struct json **tail = &parent->child;

    r->at++;
    skip_space(r);
    while (*r->at != close) {
        char *key = NULL;

        if (parent->child != NULL) {
            if (*r->at != ',')
                return fail(r, "a comma or a closing bracket is missing");
            r->at++;
            skip_space(r);
        }
        if (parent->type == JSON_OBJECT) {
            if (*r->at != '"' || (key = read_string(r)) == NULL)
                return fail(r, "a key is missing");
            skip_space(r);
            if (*r->at != ':') {
                free(key);
                return fail(r, "a colon is missing");
            }
            r->at++;
        }
        struct json *value = read_value(r, depth + 1);
        if (value == NULL) {
            free(key);
            return NULL;
        }
        value->key = key;
        *tail = value;
        tail = &value->next;
        skip_space(r);
    }
    r->at++;
    return parent;
}

static struct json *read_word(struct reader *r)
{
    static const struct { const char *word; enum json_type type; double number; }
        words[] = { { "true", JSON_BOOL, 1 }, { "false", JSON_BOOL, 0 },
                    { "null", JSON_NULL, 0 } };

    for (int i = 0; i < 3; i++) {
        size_t length = strlen(words[i].word);

        if (strncmp(r->at, words[i].word, length) == 0) {
            struct json *value = new_value(r, words[i].type);

            r->at += length;
            if (value != NULL)
                value->number = words[i].number;
            return value;
        }
    }
    return fail(r, "not a value");
}

static struct json *read_number(struct reader *r)
{
    char *end;
    double number = strtod(r->at, &end);
    struct json *value = new_value(r, JSON_NUMBER);

    if (value == NULL || end == r->at) {
        free(value);
        return fail(r, "not a number");
    }
    value->number = number;
    r->at = end;
    return value;
}

static struct json *read_value(struct reader *r, int depth)
{
    if (depth > DEPTH_MAX)
        return fail(r, "nested too deeply");
    skip_space(r);
    if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9'))
        return read_number(r);
    if (*r->at != '"' && *r->at != '{' && *r->at != '[')
        return read_word(r);

    enum json_type type = *r->at == '"' ? JSON_STRING
                        : *r->at == '{' ? JSON_OBJECT : JSON_ARRAY;
    struct json *value = new_value(r, type);
    if (value == NULL)
        return NULL;
    if (type == JSON_STRING ? (value->text = read_string(r)) == NULL
                            : read_children(r, value, depth) == NULL) {
        json_free(value);
        return NULL;
    }
    return value;
}

struct json *json_parse(const char *text, const char **error)
{
    struct reader r = { text, NULL };
    struct json *value = read_value(&r, 0);

    skip_space(&r);
    if (value != NULL && *r.at != '\0') {
        json_free(value);
        value = fail(&r, "something follows the value");
    }
    *error = r.error;
    return value;
}

void json_free(struct json *value)
{
    while (value != NULL) {
        struct json *next = value->next;

        json_free(value->child);
        free(value->text);
        free(value->key);
        free(value);
        value = next;
    }
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (object == NULL || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *m = object->child; m != NULL; m = m->next)
        if (strcmp(m->key, key) == 0)
            return m;
    return NULL;
}

double json_number(const struct json *value)
{
    return value != NULL && value->type == JSON_NUMBER ? value->number : NAN;
}

const char *json_text(const struct json *value)
{
    return value != NULL && value->type == JSON_STRING ? value->text : NULL;
}

int json_true(const struct json *value)
{
    return value != NULL && value->type == JSON_BOOL && value->number != 0;
}

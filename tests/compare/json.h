/*
 * json: reads one JSON text (RFC 8259) into a tree.
 *
 *     struct json *root = json_parse(text, &error);
 *     double rate = json_number(json_get(root, "rate"));
 *     json_free(root);
 *
 * Every question may be asked of NULL or of a value of another type; the answer is
 * then "nothing" (NULL, NAN, 0), so a reader asks without checking at each step.
 * Strings are kept as UTF-8; \u escapes of surrogates become '?'.
 */
#ifndef COMPARE_JSON_H
#define COMPARE_JSON_H

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY,
                 JSON_OBJECT };

struct json {
    enum json_type type;
    double number;              /* of a number; 0 or 1 of a boolean */
    char *text;                 /* of a string */
    char *key;                  /* in an object */
    struct json *child, *next;  /* first element or member; the one after this */
};

/* The tree, to be freed with json_free; NULL and a reason when it is not JSON or
 * nested deeper than 32. */
struct json *json_parse(const char *text, const char **error);
void json_free(struct json *value);

const struct json *json_get(const struct json *object, const char *key);
double json_number(const struct json *value);        /* NAN if it is none */
const char *json_text(const struct json *value);     /* NULL if it is none */
int json_true(const struct json *value);

#endif

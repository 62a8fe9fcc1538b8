#define _GNU_SOURCE
/*
 * results_file: results.json out and in, results.csv out. The samples are the truth;
 * the "summary" in the JSON (medians and ranges) is there for other programs to use,
 * and is computed anew when a file is read back.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/text.h"
#include "json.h"
#include "results.h"

/* The texts of struct results, in the order in which they are written. */
static const struct { const char *key; size_t offset, size; } texts[] = {
#define TEXT(NAME) \
    { #NAME, offsetof(struct results, NAME), sizeof ((struct results *)0)->NAME }
    TEXT(date), TEXT(command), TEXT(host), TEXT(kernel), TEXT(cpu), TEXT(cpus),
    TEXT(compiler), TEXT(flags),
#undef TEXT
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static void write_number(FILE *out, double number)
{
    if (isnan(number) || isinf(number))
        fputs("null", out);
    else
        fprintf(out, "%.10g", number);
}

static void write_curve(FILE *out, const char *key, const struct curve *curve)
{
    if (curve == NULL)
        return;
    fprintf(out, ", \"%s\": [", key);
    for (int i = 0; i < curve->n; i++)
        fprintf(out, "%s[%.6g,%.10g]", i == 0 ? "" : ",", curve->upper_us[i],
                curve->count[i]);
    putc(']', out);
}

static void write_sample(FILE *out, const struct results *r, const struct sample *s)
{
    fprintf(out, "    {\"experiment\": %d, \"part\": %d, \"x\": %.10g, \"server\": ",
            s->experiment, s->part, s->x);
    json_string(out, r->servers[s->server].name);
    fprintf(out, ", \"round\": %d, \"outcome\": \"%s\", \"reason\": ", s->round,
            outcome_names[s->outcome]);
    json_string(out, s->reason);
    for (int f = 0; f < FIELDS; f++) {
        fprintf(out, ", \"%s\": ", field_names[f]);
        write_number(out, s->field[f]);
    }
    write_curve(out, "histogram", s->curve);
    write_curve(out, "sent_histogram", s->sent_curve);
    putc('}', out);
}

/* One line for each situation and server: its measures as [median, min, max]. */
static void write_summary(FILE *out, const struct results *r)
{
    const char *comma = "";

    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if (s->round != 0)
            continue;
        fprintf(out, "%s\n    {\"experiment\": %d, \"part\": %d, \"x\": %.10g, "
                "\"server\": ", comma, s->experiment, s->part, s->x);
        json_string(out, r->servers[s->server].name);
        for (int m = 0; m < MEASURES; m++) {
            struct spread v = results_spread(r, s->experiment, s->part, s->x,
                                             s->server, (enum measure)m);
            if (v.n > 0)
                fprintf(out, ", \"%s\": [%.10g, %.10g, %.10g]", measures[m].key,
                        v.median, v.min, v.max);
        }
        putc('}', out);
        comma = ",";
    }
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);

    if (file == NULL)
        fprintf(stderr, "compare: cannot open %s: %s\n", path, strerror(errno));
    return file;
}

int close_written(FILE *out, const char *path)
{
    int bad = ferror(out);

    if (fclose(out) == 0 && !bad)
        return 0;
    fprintf(stderr, "compare: cannot write %s: %s\n", path, strerror(errno));
    return -1;
}

int results_write_json(const struct results *r, const char *path)
{
    FILE *out = open_file(path, "w");

    if (out == NULL)
        return -1;
    fputs("{\n", out);
    for (int i = 0; i < TEXTS; i++) {
        fprintf(out, "  \"%s\": ", texts[i].key);
        json_string(out, (const char *)r + texts[i].offset);
        fputs(",\n", out);
    }
    fprintf(out, "  \"quick\": %s,\n  \"rounds\": %d,\n  \"seed\": %ld,\n"
            "  \"descriptors\": %ld,\n  \"seconds\": ", r->quick ? "true" : "false",
            r->rounds, r->seed, r->descriptors);
    write_number(out, r->seconds);
    fputs(",\n  \"other_cpus\": ", out);
    write_number(out, r->other_cpus);
    fputs(",\n  \"servers\": [", out);
    for (int i = 0; i < r->server_count; i++) {
        const struct server *server = &r->servers[i];

        fprintf(out, "%s\n    {\"name\": ", i == 0 ? "" : ",");
        json_string(out, server->name);
        fputs(", \"label\": ", out);
        json_string(out, server->label);
        fputs(", \"mechanism\": ", out);
        json_string(out, server->mechanism);
        fputs(", \"command\": ", out);
        json_string(out, server->command);
        fprintf(out, ", \"standard\": %s}", server->standard ? "true" : "false");
    }
    fputs("\n  ],\n  \"summary\": [", out);
    write_summary(out, r);
    fputs("\n  ],\n  \"samples\": [\n", out);
    for (int i = 0; i < r->sample_count; i++) {
        write_sample(out, r, &r->samples[i]);
        fputs(i + 1 < r->sample_count ? ",\n" : "\n", out);
    }
    fputs("  ]\n}\n", out);
    return close_written(out, path);
}

int results_write_csv(const struct results *r, const char *path)
{
    FILE *out = open_file(path, "w");

    if (out == NULL)
        return -1;
    fprintf(out, "experiment,part,x,server,round,outcome,%s", measures[CPU_US].key);
    for (int f = 0; f < FIELDS; f++)
        fprintf(out, ",%s", field_names[f]);
    putc('\n', out);
    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];
        double cpu_us = sample_measure(s, CPU_US);

        fprintf(out, "%d,%d,%.10g,%s,%d,%s,", s->experiment, s->part, s->x,
                r->servers[s->server].name, s->round, outcome_names[s->outcome]);
        if (!isnan(cpu_us))
            fprintf(out, "%.10g", cpu_us);
        for (int f = 0; f < FIELDS; f++) {
            putc(',', out);
            if (!isnan(s->field[f]))
                fprintf(out, "%.10g", s->field[f]);
        }
        putc('\n', out);
    }
    return close_written(out, path);
}

static void copy_text(char *to, size_t size, const struct json *value)
{
    const char *text = json_text(value);

    snprintf(to, size, "%s", text == NULL ? "" : text);
}

static int read_int(const struct json *object, const char *key, int low, int high)
{
    double number = json_number(json_get(object, key));

    return number >= low && number <= high ? (int)number : -1;
}

struct curve *curve_read(const struct json *list)
{
    struct curve *curve = list == NULL || list->child == NULL
                        ? NULL : calloc(1, sizeof *curve);

    if (curve == NULL)
        return NULL;
    for (const struct json *b = list->child; b != NULL && curve->n < CURVE_MAX;
         b = b->next) {
        curve->upper_us[curve->n] = json_number(b->child);
        curve->count[curve->n++] = json_number(b->child ? b->child->next : NULL);
    }
    return curve;
}

static int server_by_name(const struct results *r, const char *name)
{
    for (int i = 0; name != NULL && i < r->server_count; i++)
        if (strcmp(r->servers[i].name, name) == 0)
            return i;
    return -1;
}

static int read_sample(struct results *r, const struct json *from)
{
    struct sample *s = results_add(r);
    const char *outcome = json_text(json_get(from, "outcome"));

    s->experiment = read_int(from, "experiment", 1, EXPERIMENTS);
    s->part = read_int(from, "part", 0, 9);
    s->round = read_int(from, "round", 0, ROUNDS_MAX - 1);
    s->server = server_by_name(r, json_text(json_get(from, "server")));
    s->x = json_number(json_get(from, "x"));
    if (s->experiment < 0 || s->part < 0 || s->round < 0 || s->server < 0
        || isnan(s->x) || outcome == NULL)
        return -1;
    while (s->outcome < FAULTY && strcmp(outcome, outcome_names[s->outcome]) != 0)
        s->outcome++;
    copy_text(s->reason, sizeof s->reason, json_get(from, "reason"));
    for (int f = 0; f < FIELDS; f++)
        s->field[f] = json_number(json_get(from, field_names[f]));
    s->curve = curve_read(json_get(from, "histogram"));
    s->sent_curve = curve_read(json_get(from, "sent_histogram"));
    return 0;
}

static int read_results(struct results *r, const struct json *root)
{
    const struct json *servers = json_get(root, "servers");
    const struct json *samples = json_get(root, "samples");

    for (int i = 0; i < TEXTS; i++)
        copy_text((char *)r + texts[i].offset, texts[i].size,
                  json_get(root, texts[i].key));
    r->quick = json_true(json_get(root, "quick"));
    r->rounds = read_int(root, "rounds", 1, ROUNDS_MAX);
    r->seed = read_int(root, "seed", 0, 1 << 30);
    r->descriptors = read_int(root, "descriptors", 0, 1 << 30);
    r->seconds = json_number(json_get(root, "seconds"));
    r->other_cpus = json_number(json_get(root, "other_cpus"));
    if (servers == NULL || samples == NULL || r->rounds < 1)
        return -1;
    for (const struct json *s = servers->child;
         s != NULL && r->server_count < SERVERS_MAX; s = s->next) {
        struct server *server = &r->servers[r->server_count++];

        copy_text(server->name, sizeof server->name, json_get(s, "name"));
        copy_text(server->label, sizeof server->label, json_get(s, "label"));
        copy_text(server->mechanism, sizeof server->mechanism,
                  json_get(s, "mechanism"));
        copy_text(server->command, sizeof server->command, json_get(s, "command"));
        server->standard = json_true(json_get(s, "standard"));
    }
    for (const struct json *s = samples->child; s != NULL; s = s->next)
        if (read_sample(r, s) == -1)
            return -1;
    return 0;
}

int results_read_json(struct results *r, const char *path)
{
    FILE *in = open_file(path, "r");
    char *text = NULL;
    size_t length = 0;

    if (in == NULL)
        return -1;
    ssize_t got = getdelim(&text, &length, '\0', in);
    fclose(in);

    const char *error = "the file is empty";
    struct json *root = got > 0 ? json_parse(text, &error) : NULL;
    int done = -1;
    if (root == NULL)
        fprintf(stderr, "compare: %s is not JSON: %s\n", path, error);
    else if ((done = read_results(r, root)) == -1)
        fprintf(stderr, "compare: %s is not a results.json of compare: something in "
                "it is missing or impossible\n", path);
    json_free(root);
    free(text);
    return done;
}

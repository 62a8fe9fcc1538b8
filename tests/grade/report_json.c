#define _GNU_SOURCE
#include "report.h"

#include "../lib/text.h"

static const char *verdict_name(enum verdict v)
{
    static const char *const names[] = { "not tried", "passed", "failed", "not judged",
                                         "not possible here" };

    return names[v];
}

static void print_field(FILE *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(out, ", \"%s\": ", name);
    json_string(out, text);
}

static void print_check(FILE *out, const char *name, const struct sheet *s)
{
    fprintf(out, "      {\"check\": \"%s\", \"verdict\": \"%s\"", name,
            verdict_name(s->verdict));
    print_field(out, "cause", s->cause);
    if (s->verdict == FAILED) {
        print_field(out, "did", s->did);
        print_field(out, "expected", s->expected);
    }
    print_field(out, "seen", s->seen);
    print_field(out, "kernel", s->kernel);
    fputc('}', out);
}

void report_json(FILE *out, const struct options *o, const struct result *r)
{
    int points = 0, of = 0, first = 1;

    fputs("{\n  \"command\": ", out);
    json_string(out, o->command);
    fprintf(out, ",\n  \"service\": \"%s\",\n  \"seed\": %llu,\n  \"stages\": [",
            service_names[o->service], (unsigned long long)o->seed);
    for (int stage = 0; stage < STAGES; stage++) {
        const struct check *checks = stage_checks(&stages[stage], o->service);
        struct outcome s = report_stage(o, r, stage);

        if (o->only && o->only != stage + 1)
            continue;
        if (s.verdict != NOT_JUDGED) {
            points += s.points;
            of += s.of;
        }
        fprintf(out, "%s\n    {\"stage\": %d, \"name\": \"%s\", \"verdict\": \"%s\", "
                     "\"points\": %d, \"of\": %d, \"checks\": [", first ? "" : ",",
                stage + 1, stages[stage].name, verdict_name(s.verdict), s.points, s.of);
        first = 0;
        for (int i = 0; i < r->counts[stage]; i++) {
            fputs(i ? ",\n" : "\n", out);
            print_check(out, checks[i].name, &r->sheets[stage][i]);
        }
        fputs("]}", out);
    }
    fputs("\n  ],\n  \"notes\": [", out);
    for (int i = 0; i < r->note_count; i++) {
        fputs(i ? ", " : "", out);
        json_string(out, r->notes[i]);
    }
    fprintf(out, "],\n  \"points\": %d,\n  \"of\": %d\n}\n", points, of);
}

/* docs/facts.md, and the same as JSON. */
#define _GNU_SOURCE
#include "fact.h"

#include "../lib/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = { "true", "false", "it depends" };

    return words[verdict];
}

void write_wrapped(const char *lead, int indent, const char *text)
{
    int column = printf("%s", lead);
    bool fresh = column == 0;       /* no blank before the first word of a line */

    for (int length; *text; text += length, text += strspn(text, " ")) {
        length = (int)strcspn(text, " ");
        if (!fresh && column + 1 + length > 96) {
            column = printf("\n%*s", indent, "") - 1;
            fresh = true;
        }
        column += printf("%s%.*s", fresh ? "" : " ", length, text);
        fresh = false;
    }
    putchar('\n');
}

/* The link to a heading: as the readers of Markdown make it. */
static void write_anchor(const char *name)
{
    putchar('#');
    for (; *name; name++)
        if (*name != '/')
            putchar(*name);
}

static int count_facts(void)
{
    int count = 0;

    for (const struct theme *const *t = themes; *t; t++)
        for (const struct fact *const *f = (*t)->facts; *f; f++)
            count++;
    return count;
}

void write_answer(char *text, size_t size, const struct fact *f, const char *mark)
{
    static const char *const words[] = { "True.", "False.", "It depends" };

    snprintf(text, size, "%s%s%s %s", mark, words[f->verdict], mark, f->answer);
}

static void write_questions(void)
{
    printf("| question | in short | why, and how it was tried |\n| --- | --- | --- |\n");
    for (const struct theme *const *t = themes; *t; t++)
        for (const struct fact *const *f = (*t)->facts; *f; f++)
            if ((*f)->question) {
                printf("| %s | %s | [%s](", (*f)->question, (*f)->reply, (*f)->name);
                write_anchor((*f)->name);
                printf(") |\n");
            }
}

static void write_contents(const struct theme *theme)
{
    printf("\n## %s\n\n| claim | verdict | fact |\n| --- | --- | --- |\n", theme->title);
    for (const struct fact *const *f = theme->facts; *f; f++) {
        printf("| %s | %s | [%s](", (*f)->claim, verdict_word((*f)->verdict), (*f)->name);
        write_anchor((*f)->name);
        printf(") |\n");
    }
}

static void write_note(const char *lead, const char *text)
{
    if (text) {
        putchar('\n');
        write_wrapped(lead, 0, text);
    }
}

static void write_fact(const struct theme *theme, const struct fact *f,
                       const struct outcome *o)
{
    char text[1000];

    printf("\n### %s\n\n", f->name);
    snprintf(text, sizeof text, "\"%s\"", f->claim);
    write_wrapped(">", 2, text);
    write_answer(text, sizeof text, f, "**");
    putchar('\n');
    write_wrapped("", 0, text);
    printf("\nSeen:\n\n");
    for (int i = 0; i < o->count; i++)
        printf("- %s%s%s\n", o->sights[i].promised ? "" : "here: ",
               o->sights[i].holds ? "" : "(otherwise than expected) ", o->sights[i].text);
    if (o->status == SKIPPED)
        printf("- here: not tried: %s\n", o->reason);
    printf("\n| documented | read on | the code |\n| --- | --- | --- |\n");
    printf("| %s | %s | [%s.c](../tests/facts/%s.c); `build/tests/facts --only %s` |\n",
           f->documented, f->see, theme->name, theme->name, f->name);
    write_note("*Often taught otherwise:*", f->taught);
    write_note("*Met in public:*", f->met);
}

void write_page(const struct outcome *o)
{
    struct utsname machine;

    uname(&machine);
    printf("# Facts\n\n"
           "Much is told about select, poll and epoll, and some of it is wrong. Here the "
           "kernel\nanswers: each of these %d claims is a short function in `tests/facts/` "
           "that tries it.\n`make facts` tries them all on your machine, in some "
           "seconds.\n\n", count_facts());
    printf("What stands under \"Seen\" was printed by that function. A line that begins with\n"
           "\"here\" is what this kernel does; no standard and no man page promises it, and "
           "another\nkernel may do something else. The other lines are promised: `make "
           "test` fails if they\nare not seen. This page is made by `tests/facts/run "
           "--remake`.\n\n");
    printf("Machine: %s %s, %s\n", machine.sysname, machine.release, machine.machine);
    printf("\n## The questions asked most\n\n");
    write_questions();
    for (const struct theme *const *t = themes; *t; t++) {
        write_contents(*t);
        for (const struct fact *const *f = (*t)->facts; *f; f++)
            write_fact(*t, *f, o++);
    }
}

static void write_member(FILE *file, const char *name, const char *text)
{
    fprintf(file, ", \"%s\": ", name);
    json_string(file, text ? text : "");
}

bool write_json(const char *name, const struct outcome *o)
{
    static const char *const statuses[] = { "as said", "otherwise here", "skipped", "wrong" };
    FILE *file = fopen(name, "w");
    const char *between = "";

    if (!file)
        return false;
    fprintf(file, "[");
    for (const struct theme *const *t = themes; *t; t++)
        for (const struct fact *const *f = (*t)->facts; *f; f++, o++) {
            fprintf(file, "%s\n{\"name\": ", between);
            between = ",";
            json_string(file, (*f)->name);
            write_member(file, "claim", (*f)->claim);
            write_member(file, "verdict", verdict_word((*f)->verdict));
            write_member(file, "answer", (*f)->answer);
            write_member(file, "documented", (*f)->documented);
            write_member(file, "status", statuses[o->status]);
            write_member(file, "reason", o->reason);
            fprintf(file, ",\n \"seen\": [");
            for (int i = 0; i < o->count; i++) {
                fprintf(file, "%s{\"promised\": %s, \"holds\": %s", i ? ",\n          " : "",
                        o->sights[i].promised ? "true" : "false",
                        o->sights[i].holds ? "true" : "false");
                write_member(file, "text", o->sights[i].text);
                fprintf(file, "}");
            }
            fprintf(file, "]}");
        }
    fprintf(file, "\n]\n");
    return fclose(file) == 0;
}

#include "svg.h"

#include <math.h>
#include <string.h>

#include "../lib/text.h"
#include "format.h"

/* The largest of 1, 2, 5 times a power of ten that is not above `value`. */
static double round_step(double value)
{
    double power = pow(10, floor(log10(value))), digit = value / power;

    return power * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
}

static double linear_step(const struct axis *a)
{
    double step = round_step((a->high - a->low) / 3);

    return (a->high - a->low) / step > 6 ? step * 2 : step;
}

void axis_fit(struct axis *a)
{
    if (a->scale == LOG) {
        if (!(a->low > 0))
            a->low = 1;
        a->low = pow(10, floor(log10(a->low) + 1e-9));
        a->high = a->high > a->low ? pow(10, ceil(log10(a->high) - 1e-9)) : a->low * 10;
        if (a->high <= a->low)
            a->high = a->low * 10;
    } else if (a->scale == LINEAR) {
        a->low = 0;
        if (!(a->high > 0))
            a->high = 1;
        double step = linear_step(a);
        a->high = ceil(a->high / step - 1e-9) * step;
    }
}

static double position(const struct axis *a, double value)
{
    switch (a->scale) {
    case LOG: return log10(value > 0 ? value : a->low);
    case NINES: return -log10(1 - value);
    case LINEAR: break;
    }
    return value;
}

double axis_at(const struct axis *a, double value)
{
    double low = position(a, a->low), high = position(a, a->high);

    return a->from + (a->to - a->from) * (position(a, value) - low) / (high - low);
}

int axis_ticks(const struct axis *a, double ticks[TICKS_MAX])
{
    int n = 0;

    if (a->scale == LOG) {
        for (double t = a->low; t <= a->high * 1.001 && n < TICKS_MAX; t *= 10)
            ticks[n++] = t;
    } else if (a->scale == NINES) {
        static const double nines[] = { 0.5, 0.9, 0.99, 0.999, 0.9999 };

        for (int i = 0; i < 5 && nines[i] <= a->high + 1e-9; i++)
            ticks[n++] = nines[i];
    } else {
        double step = linear_step(a);

        for (int i = 0; i * step <= a->high * 1.001 && n < TICKS_MAX; i++)
            ticks[n++] = i * step;
    }
    return n;
}

void axis_draw_x(FILE *out, const struct axis *a, const char *name, double bottom)
{
    double ticks[TICKS_MAX];
    int n = axis_ticks(a, ticks);
    char text[FORMAT_MAX];

    for (int i = 0; i < n; i++) {
        double x = axis_at(a, ticks[i]);

        if (a->scale == NINES)
            snprintf(text, sizeof text, "%.4g %%", ticks[i] * 100);
        else
            snprintf(text, sizeof text, ticks[i] < 1 && ticks[i] > 0 ? "%g" : "%.0f",
                     ticks[i]);
        if (a->scale != NINES && ticks[i] >= 1000)
            format_value(text, ticks[i]);
        fprintf(out, "<path class=\"tick\" d=\"M%.1f %.1fv4\"/>"
                "<text class=\"n\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s"
                "</text>\n", x, bottom, x, bottom + 17, text);
    }
    fprintf(out, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>", a->from, bottom,
            a->to);
    if (name == NULL)
        return;
    fprintf(out, "<text class=\"n\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
            (a->from + a->to) / 2, bottom + 35);
    html_text(out, name);
    fputs(a->scale == LOG ? " (logarithmic)</text>\n" : "</text>\n", out);
}

void axis_draw_y(FILE *out, const struct axis *a, bool latency)
{
    double ticks[TICKS_MAX];
    int n = axis_ticks(a, ticks);
    char text[FORMAT_MAX];

    for (int i = 0; i < n; i++) {
        double y = axis_at(a, ticks[i]);

        if (latency)
            snprintf(text, sizeof text, ticks[i] >= 1e6 ? "%g s" : ticks[i] >= 1000
                     ? "%g ms" : "%g µs", ticks[i] / (ticks[i] >= 1e6 ? 1e6
                     : ticks[i] >= 1000 ? 1000 : 1));
        else if (ticks[i] >= 1000)
            format_value(text, ticks[i]);
        else
            snprintf(text, sizeof text, "%g", ticks[i]);
        if (i > 0)
            fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", PLOT_LEFT, y,
                    PLOT_RIGHT);
        fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s"
                "</text>\n", PLOT_LEFT - 6, y + 4, text);
    }
}

void shape_draw(FILE *out, int server, double x, double y)
{
    switch (server % 4) {
    case 0:     /* a disc */
        fprintf(out, "M%.1f %.1fa4 4 0 1 0 8 0a4 4 0 1 0-8 0z", x - 4, y);
        break;
    case 1:     /* a square */
        fprintf(out, "M%.1f %.1fh7v7h-7z", x - 3.5, y - 3.5);
        break;
    case 2:     /* a triangle */
        fprintf(out, "M%.1f %.1fl4.6 8h-9.2z", x, y - 5.2);
        break;
    default:    /* a diamond */
        fprintf(out, "M%.1f %.1fl4.9 4.9l-4.9 4.9l-4.9-4.9z", x, y - 4.9);
    }
}

void mark_attributes(FILE *out, const struct results *r, const struct source *source)
{
    fprintf(out, " data-e=\"%d\" data-p=\"%d\" data-x=\"%.10g\" data-s=\"",
            source->experiment, source->part, source->x);
    html_text(out, r->servers[source->server].name);
    fprintf(out, "\" data-m=\"%s\" data-v=\"%.10g\"", measures[source->measure].key,
            source->value);
}

void mark_draw(FILE *out, const struct results *r, const struct source *source,
               double x, double y, bool hollow, const char *text)
{
    fprintf(out, "<path class=\"mark%s s%d\"", hollow ? " hollow" : "", source->server);
    mark_attributes(out, r, source);
    fputs(" d=\"", out);
    shape_draw(out, source->server, x, y);
    fputs("\"><title>", out);
    html_text(out, text);
    fputs("</title></path>\n", out);
}

static void sort_by_height(struct label *labels, int count)
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && labels[k].y < labels[k - 1].y; k--) {
            struct label swap = labels[k];

            labels[k] = labels[k - 1];
            labels[k - 1] = swap;
        }
}

static void labels_place(struct label *labels, int count, double top, double bottom)
{
    const double gap = 14;

    sort_by_height(labels, count);
    for (int i = 0; i < count; i++)
        labels[i].at = labels[i].y;
    for (int pass = 0; pass < 200; pass++)      /* each pass halves an overlap */
        for (int i = 0; i + 1 < count; i++) {
            double lack = gap - (labels[i + 1].at - labels[i].at);

            if (lack > 0) {
                labels[i].at -= lack / 2;
                labels[i + 1].at += lack / 2;
            }
        }
    for (int i = 0; i < count; i++)
        if (labels[i].at < top + i * gap)
            labels[i].at = top + i * gap;
    for (int i = count - 1; i >= 0; i--)
        if (labels[i].at > bottom - (count - 1 - i) * gap)
            labels[i].at = bottom - (count - 1 - i) * gap;
}

void labels_draw(FILE *out, struct label *labels, int count, double top, double bottom)
{
    labels_place(labels, count, top, bottom);
    for (int i = 0; i < count; i++) {
        const struct label *l = &labels[i];

        if (fabs(l->at - l->y) > 2)
            fprintf(out, "<path class=\"leader s%d\" d=\"M%.1f %.1fL%.1f %.1f\"/>",
                    l->server, l->x + 5, l->y, l->x + 12, l->at);
        fprintf(out, "<text class=\"name s%d\" x=\"%.1f\" y=\"%.1f\">", l->server,
                l->x + 14, l->at + 4);
        html_text(out, l->text);
        fputs("</text>\n", out);
    }
}

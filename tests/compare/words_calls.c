/* words_calls: of experiments 5 to 8, which are about calls and about latency. */
#include <math.h>

#include "format.h"
#include "phrase.h"
#include "plan.h"

void bill_headline(FILE *out, const struct results *r)
{
    fputs("Active clients share the waits. 1,000 requests of one client take these: ",
          out);
    phrase_measures(out, r, BILL, 0, largest_point(r, BILL, 0), WAITS_1000);
    fputs("; of 100 clients: ", out);
    phrase_measures(out, r, BILL, 1, largest_point(r, BILL, 1), WAITS_1000);
    fputs(".", out);
}

void bill_details(FILE *out, const struct results *r)
{
    double x0 = largest_point(r, BILL, 0), x1 = largest_point(r, BILL, 1);

    fputs("All calls for 1,000 requests, one client: ", out);
    phrase_measures(out, r, BILL, 0, x0, CALLS_1000);
    fputs("; 100 clients: ", out);
    phrase_measures(out, r, BILL, 1, x1, CALLS_1000);
    fputs(". Of the latter found nothing to do (would block): ", out);
    phrase_measures(out, r, BILL, 1, x1, AGAIN_1000);
    fputs(".", out);
}

void churn_headline(FILE *out, const struct results *r)
{
    struct contest c = epoll_contest(r, CHURN, largest_point(r, CHURN, 0));

    if (c.verdict == UNKNOWN) {
        fputs("There is no pair of epoll and another to compare.", out);
        return;
    }
    fputs(c.verdict == MORE ? "Telling the kernel of each connection has its price: "
          : c.verdict == SAME ? "The price of epoll_ctl is within the spread here: "
          : "The price of epoll_ctl does not show here; something else weighs more: ",
          out);
    phrase_contest(out, r, &c);
    fputs(".", out);
}

void churn_details(FILE *out, const struct results *r)
{
    double x = largest_point(r, CHURN, 0);

    fputs("A connection with one request in it costs the server's CPU: ", out);
    phrase_measures(out, r, CHURN, 0, x, CPU_US);
    fputs(". epoll_ctl calls for 1,000 connections: ", out);
    phrase_measures(out, r, CHURN, 0, x, INTEREST_1000);
    fputs(".", out);
}

void stall_headline(FILE *out, const struct results *r)
{
    double x = largest_point(r, STALL, 0);
    int known = 0, hidden = 0;

    for (int s = 0; s < r->server_count; s++) {
        double sent = results_spread(r, STALL, 0, x, s, LATS_P99).median;
        double due = results_spread(r, STALL, 0, x, s, LAT_P99).median;

        known += due > 0;
        hidden += due > 3 * sent;
    }
    fputs("99 % of the requests were answered within ", out);
    phrase_latency_range(out, r, STALL, 0, x, LATS_P99);
    fputs(", counted from when they were sent, but within ", out);
    phrase_latency_range(out, r, STALL, 0, x, LAT_P99);
    fputs(", counted from when they were due: ", out);
    fputs(hidden == known ? "the first hides the stall." : hidden > 0
          ? "the first hides the stall, though not with every server here."
          : "that the first hides the stall does not show here.", out);
}

void stall_details(FILE *out, const struct results *r)
{
    double x = largest_point(r, STALL, 0);

    fputs("From when they were sent: ", out);
    phrase_measures(out, r, STALL, 0, x, LATS_P99);
    fputs("; from when they were due: ", out);
    phrase_measures(out, r, STALL, 0, x, LAT_P99);
    fputs(".", out);
}

void fairness_headline(FILE *out, const struct results *r)
{
    double x = largest_point(r, FAIRNESS, 1), worst = 0;

    for (int s = 0; s < r->server_count; s++) {
        double v = results_spread(r, FAIRNESS, 1, x, s, LAT_P99).median;

        worst = fmax(worst, v);
    }
    fputs("Alone, 99 % of the pinger's requests are answered within ", out);
    phrase_latency_range(out, r, FAIRNESS, 0, x, LAT_P99);
    fputs("; beside the flooder within ", out);
    phrase_latency_range(out, r, FAIRNESS, 1, x, LAT_P99);
    fputs(worst < 10000 ? ": nobody starves." : ": somebody starves.", out);
}

void fairness_details(FILE *out, const struct results *r)
{
    double x = largest_point(r, FAIRNESS, 1), most = 0;
    char text[FORMAT_MAX];

    fputs("Alone: ", out);
    phrase_measures(out, r, FAIRNESS, 0, x, LAT_P99);
    fputs("; beside the flooder: ", out);
    phrase_measures(out, r, FAIRNESS, 1, x, LAT_P99);
    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].experiment == FAIRNESS)
            most = fmax(most, r->samples[i].field[FLOOD_RATE]);
    fprintf(out, ". The flooder got up to %s replies a second.",
            format_count(text, most));
}

// The page's own account of itself, as one line a check in <pre id="verdict">. Put at the
// end of a copy of the page by tests/page/run, with results.json in <script id="results">.
"use strict";
(() => {
    const lines = [];
    const check = (name, wrong) => lines.push(wrong.length === 0 ? "ok page/" + name
        : "FAIL page/" + name + ": " + wrong.length + " wrong: " + wrong.slice(0, 3).join("; "));
    const results = JSON.parse(document.getElementById("results").textContent);
    const key = (e, p, x, server, measure) => [e, p, x, server, measure].join("|");
    const all = (selector, within) => [...(within || document).querySelectorAll(selector)];

    // Every median of the summary, by what it is of.
    const medians = new Map();
    for (const row of results.summary)
        for (const [name, value] of Object.entries(row))
            if (Array.isArray(value))
                medians.set(key(row.experiment, row.part, row.x, row.server, name), value);
    const keyOf = (node) => key(node.dataset.e, node.dataset.p, node.dataset.x,
                                node.dataset.s, node.dataset.m);

    // No mark and no cell says a number that is not in results.json.
    const astray = (nodes) => nodes.filter((node) => {
        const median = medians.get(keyOf(node));
        return median === undefined || Math.abs(median[0] - node.dataset.v) > 1e-6;
    }).map(keyOf);
    check("marks-true", astray(all("svg .mark[data-v]")));
    check("cells-true", astray(all("td[data-v]")));
    check("cells-read", all("td[data-v]").filter((cell) => {
        const text = cell.firstChild.textContent, number = parseFloat(text.replace(/,/g, ""));
        const scale = text.endsWith("ms") ? 1000 : text.endsWith(" s") ? 1e6 : 1;
        return Math.abs(number * scale - cell.dataset.v) > 0.006 * Math.abs(cell.dataset.v) + 0.0006;
    }).map((cell) => keyOf(cell) + " reads " + cell.firstChild.textContent));

    // And none is missing. What a chart shows: experiment, parts, measures, largest x.
    const bill = ["waits_1000", "interest_1000", "accepts_1000", "reads_1000", "writes_1000", "again_1000"];
    const due = ["p50_us", "p90_us", "p99_us", "p999_us"], sent = due.map((m) => "sent_" + m);
    const charts = {
        "1a": [1, [0], ["cpu_us"], 1024], "1b": [1, [0], ["cpu_us"]],
        "2a": [2, [0], ["cpu_us"]], "2b": [2, [0], ["events_per_wait"]],
        "3a": [3, [0], ["cpu_us"]], "3b": [3, [0], ["events_per_wait"]],
        "4a": [4, [0, 1], ["cpu_us"]], "4b": [4, [0, 1], ["scanned"]],
        "5a": [5, [0], bill], "5b": [5, [1], bill],
        "6a": [6, [0], ["cpu_us"]], "6b": [6, [0], bill],
        "7a": [7, [0], sent], "7b": [7, [0], due], "8a": [8, [0], due], "8b": [8, [1], due],
    };
    const missing = [], tabled = new Set(all("td[data-v]").map(keyOf)), untabled = [];
    let marks = 0;
    for (const [id, [e, parts, names, most]] of Object.entries(charts)) {
        const drawn = new Set(all("#chart-" + id + " .mark[data-v]").map(keyOf));
        let wanted = 0;
        for (const row of results.summary) {
            if (row.experiment !== e || !parts.includes(row.part) || row.x > (most || Infinity))
                continue;
            for (const name of names) {
                const k = key(e, row.part, row.x, row.server, name);
                if (row[name] === undefined || (names === bill && row[name][0] === 0))
                    continue;
                wanted++;
                if (!drawn.has(k))
                    missing.push(id + " lacks " + k);
                if (!tabled.has(k))
                    untabled.push(k);
            }
        }
        marks += wanted;
        if (drawn.size !== wanted)
            missing.push(id + " has " + drawn.size + " marks for " + wanted + " values");
    }
    check("marks-complete", marks === 0 ? ["no values at all"] : missing);
    check("tables-complete", untabled);

    // Who uses no mouse, no colours, no wide screen.
    const byId = (id) => document.getElementById(id);
    check("charts-named", all("svg.chart").filter((svg) => svg.getAttribute("role") !== "img" ||
        !svg.getAttribute("aria-labelledby").split(" ").every((id) => byId(id) && byId(id).textContent)
        || svg.tabIndex !== 0).map((svg) => svg.id));
    const levels = all("h1, h2, h3").map((h) => +h.tagName[1]);
    check("headings", levels[0] !== 1 || levels.some((l, i) => i > 0 && l > levels[i - 1] + 1)
        ? ["order " + levels.join("")] : []);
    check("ids", all("[id]").map((n) => n.id).filter((id, i, ids) => ids.indexOf(id) !== i));
    check("links", all("a").map((a) => a.getAttribute("href"))
        .filter((href) => !href.startsWith("#") || !byId(href.slice(1))));
    check("language", document.documentElement.lang === "en" ? [] : ["no lang"]);
    const chart = document.querySelector("svg.chart");
    chart.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    check("keyboard", /\d/.test(chart.nextElementSibling.textContent) ? []
        : ["the arrow key showed no value"]);

    // Colours against the paper: text 4.5 to 1, in this theme.
    const rgb = (css) => css.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255)
        .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const light = (css) => { const [r, g, b] = rgb(css); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const paper = light(getComputedStyle(document.documentElement).backgroundColor);
    const contrast = (css) => (Math.max(light(css), paper) + 0.05) / (Math.min(light(css), paper) + 0.05);
    check("contrast", all(".chart text").map((n) => getComputedStyle(n).fill)
        .concat(all("p, td, th, dd, dt, summary, li").map((n) => getComputedStyle(n).color))
        .filter((css) => contrast(css) < 4.5));
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    check("theme", dark === (paper < 0.2) ? [] : ["paper of the other theme"]);

    for (const details of all("details"))
        details.open = true;
    const width = document.documentElement.clientWidth;
    check("no-overflow", document.documentElement.scrollWidth <= width ? [] : all("body *")
        .filter((n) => n.getBoundingClientRect().right > width + 1)
        .map((n) => n.tagName + "." + n.getAttribute("class")));
    lines.push("note " + (dark ? "dark" : "light") + " " + innerWidth + " wide, " + marks + " values");

    const verdict = document.createElement("pre");
    verdict.id = "verdict";
    verdict.textContent = "\n" + lines.join("\n") + "\nend\n";
    document.body.append(verdict);
})();

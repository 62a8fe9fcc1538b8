// Steps through a copy of the page by key, slider and link, as a reader does, and writes a line
// a check into <pre id="verdict">. Put at the end of the copy by tests/replay/run.
"use strict";
addEventListener("load", () => {
    const lines = [];
    const check = (name, wrong) => lines.push(wrong.length === 0 ? "ok replay/" + name
        : "FAIL replay/" + name + ": " + wrong.length + " wrong: " + wrong.slice(0, 3).join("; "));
    const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
    const press = (key) => dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
    const shown = () => all(".step").filter((s) => s.getClientRects().length > 0).map((s) => s.id);
    const width = document.documentElement.clientWidth;
    const sections = all("section");
    const said = [], places = [], wide = [], live = document.getElementById("live");

    sections.forEach((section, i) => {
        press(String(i + 1));
        for (let step = 0; step <= +section.dataset.steps; step++) {
            const id = section.id + "/" + step;
            if (shown().join() !== id || location.hash !== "#" + id)
                places.push(id + " was due, " + shown().join() + " is shown at " + location.hash);
            if (live.textContent.length < 10 || live.textContent.length > 700)
                said.push(id + " says '" + live.textContent + "'");
            if (document.documentElement.scrollWidth > width)
                wide.push(id + " is " + document.documentElement.scrollWidth + " wide, of " + width);
            press("ArrowRight");
        }
        if (shown().join() !== section.id + "/" + section.dataset.steps)
            places.push("an arrow left " + section.id);
    });
    check("steps-by-key", sections.length === 6 ? places : ["not six scripts"]);
    check("steps-announced", said);
    check("no-overflow", wide);

    const ends = [];
    press("2");
    for (const [key, step] of [["End", sections[1].dataset.steps], ["Home", 0], ["ArrowLeft", 0],
                               ["PageDown", 1]]) {
        press(key);
        if (shown().join() !== "bites/" + step)
            ends.push(key + " leads to " + shown().join());
    }
    const slider = document.getElementById("slider");
    slider.value = 3;
    slider.dispatchEvent(new Event("input"));
    if (shown().join() !== "bites/3")
        ends.push("the slider leads to " + shown().join());
    check("home-end-slider", ends);

    const lanes = () => all(".now .lane").filter((l) => l.getClientRects().length > 0).length;
    const counts = [lanes()];
    for (let i = 0; i < 4; i++) {
        press("L");
        counts.push(lanes());
    }
    check("lanes-hidden", counts.join() === "4,3,2,1,4" ? [] : ["shown: " + counts.join()]);

    check("ids", all("[id]").map((n) => n.id).filter((id, i, ids) => ids.indexOf(id) !== i));
    check("links", all("a").map((a) => a.getAttribute("href"))
        .filter((href) => !href.startsWith("#") || !document.getElementById(href.slice(1))));
    check("alone", all("[src], link[href]").map((n) => n.outerHTML)
        .filter((html) => !html.includes('href="data:,"')));

    // Text against what is behind it: 4.5 to 1.
    const rgb = (css) => css.match(/[\d.]+/g).map(Number);
    const light = (css) => {
        const [r, g, b] = rgb(css).slice(0, 3).map((c) => c / 255)
            .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
        const css = node ? getComputedStyle(node).backgroundColor : "rgb(255, 255, 255)";
        return rgb(css)[3] === 0 ? behind(node.parentElement) : css;
    };
    const faint = [];
    for (const place of ["bites/2", "bites/3", "slow/7", "idle/3"]) {
        press(String(sections.findIndex((s) => place.startsWith(s.id)) + 1));
        for (let i = +place.split("/")[1]; i > 0; i--)
            press("ArrowRight");
        for (const node of all(".now *, .bar *").filter((n) => n.getClientRects().length > 0
                && [...n.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim()))) {
            const a = light(getComputedStyle(node).color), b = light(behind(node));
            if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5)
                faint.push(place + " " + node.tagName + "." + node.className + " " +
                           node.textContent.slice(0, 20));
        }
    }
    check("contrast", faint);
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    lines.push("note " + (dark ? "dark" : "light") + " " + innerWidth);

    const verdict = document.createElement("pre");
    verdict.id = "verdict";
    verdict.textContent = "\n" + lines.join("\n") + "\nend\n";
    document.body.append(verdict);
});

// One step at a time: keys, slider, swipe, links.  Without this all steps stand below each other.
"use strict";
(() => {
    const root = document.documentElement;
    const sections = [...document.querySelectorAll("section")];
    const [slider, place, live] = ["slider", "place", "live"].map((id) => document.getElementById(id));
    const toggles = [...document.querySelectorAll("[data-toggle]")];
    let script = 0, step = 0, hidden = new Set();

    const last = () => +sections[script].dataset.steps;
    const at = () => document.getElementById(sections[script].id + "/" + step);

    // Where the hash leads, as script and step; the first question where it leads nowhere.
    const read = () => {
        const [name, number] = decodeURIComponent(location.hash.slice(1)).split("/");
        script = Math.max(0, sections.findIndex((s) => s.id === name));
        step = Math.min(Math.max(0, parseInt(number, 10) || 0), last());
    };
    const show = () => {
        for (const now of document.querySelectorAll(".now"))
            now.classList.remove("now");
        sections[script].classList.add("now");
        at().classList.add("now");
        slider.max = last();
        slider.value = step;
        slider.setAttribute("aria-valuetext", "step " + step + " of " + last());
        place.textContent = step === 0 ? "question" : step === last() ? "answer"
            : step + " of " + (last() - 1);
        live.textContent = at().dataset.say;
        for (const link of document.querySelectorAll("nav a"))
            link.toggleAttribute("aria-current", link.hash.startsWith("#" + sections[script].id + "/"));
        document.title = sections[script].querySelector("h2").textContent + " \u2013 four servers";
    };
    const go = (s, to) => {
        if (s < 0 || s >= sections.length)
            return;
        script = s;
        step = Math.min(Math.max(0, to), last());
        history.replaceState(null, "", "#" + sections[script].id + "/" + step);
        show();
    };
    const hide = () => {
        for (let i = 0; i < toggles.length; i++) {
            root.classList.toggle("hide" + i, hidden.has(i));
            toggles[i].setAttribute("aria-pressed", String(!hidden.has(i)));
        }
        root.style.setProperty("--lanes", toggles.length - hidden.size);
    };
    const toggle = (i) => {
        if (!hidden.delete(i) && hidden.size < toggles.length - 1)
            hidden.add(i);
        hide();
    };
    // L hides the first lane that is shown; where that is the last one, all are shown again.
    const hideNext = () => {
        if (hidden.size === toggles.length - 1)
            hidden = new Set();
        else
            hidden.add(toggles.findIndex((_, i) => !hidden.has(i)));
        hide();
    };

    addEventListener("keydown", (event) => {
        const moves = { ArrowRight: step + 1, ArrowLeft: step - 1, PageDown: step + 1,
                        PageUp: step - 1, Home: 0, End: last() };
        if (event.ctrlKey || event.altKey || event.metaKey)
            return;
        if (event.key in moves)
            go(script, moves[event.key]);
        else if (event.key >= "1" && event.key <= String(sections.length))
            go(event.key - 1, 0);
        else if (event.key === "l" || event.key === "L")
            hideNext();
        else
            return;
        event.preventDefault();
    });
    slider.addEventListener("input", () => go(script, +slider.value));
    document.getElementById("back").addEventListener("click", () => go(script, step - 1));
    document.getElementById("on").addEventListener("click", () => go(script, step + 1));
    for (const button of toggles)
        button.addEventListener("click", () => toggle(+button.dataset.toggle));

    let from = null;
    addEventListener("touchstart", (event) => {
        const inBar = event.target.closest(".bar, pre");
        from = event.touches.length === 1 && !inBar ? event.touches[0] : null;
    }, { passive: true });
    addEventListener("touchend", (event) => {
        const to = event.changedTouches[0];
        if (from === null)
            return;
        const dx = to.clientX - from.clientX, dy = to.clientY - from.clientY;
        if (Math.abs(dx) > 50 && Math.abs(dx) > 2 * Math.abs(dy))
            go(script, step + (dx < 0 ? 1 : -1));
    }, { passive: true });
    addEventListener("hashchange", () => { read(); show(); });

    root.classList.add("js");
    document.querySelector(".bar").hidden = false;
    read();
    hide();
    show();
})();

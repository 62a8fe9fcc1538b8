// Niceties; the page says everything without them. Point at a mark, or focus a chart
// and walk its marks with the arrow keys: its exact value is written below the chart.
"use strict";
for (const chart of document.querySelectorAll("svg.chart")) {
    const marks = [...chart.querySelectorAll(".mark[data-v]")];
    if (marks.length === 0)
        continue;
    const readout = document.createElement("output");
    let on = -1;
    readout.className = "readout";
    chart.after(readout);
    for (const mark of marks) {         // else the browser shows it a second time
        mark.says = mark.querySelector("title").textContent;
        mark.querySelector("title").remove();
    }
    const show = (index) => {
        if (index === on)
            return;
        if (on >= 0)
            marks[on].classList.remove("on");
        on = index;
        readout.textContent = on < 0 ? "" : marks[on].says;
        if (on >= 0)
            marks[on].classList.add("on");
    };
    const nearest = (event) => {
        let best = -1, least = 60 * 60;
        marks.forEach((mark, i) => {
            const box = mark.getBoundingClientRect();
            const dx = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
            const dy = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
            if (dx * dx + dy * dy < least) {
                least = dx * dx + dy * dy;
                best = i;
            }
        });
        return best;
    };
    chart.tabIndex = 0;
    chart.addEventListener("pointermove", (event) => show(nearest(event)));
    chart.addEventListener("pointerdown", (event) => show(nearest(event)));
    chart.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse" && document.activeElement !== chart)
            show(-1);
    });
    chart.addEventListener("blur", () => show(-1));
    chart.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1,
                       ArrowUp: -1 }[event.key];
        if (event.key === "Escape")
            show(-1);
        if (step === undefined)
            return;
        event.preventDefault();
        show((Math.max(on, step > 0 ? -1 : 0) + step + marks.length) % marks.length);
    });
}
addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details"))
        details.open = true;
});

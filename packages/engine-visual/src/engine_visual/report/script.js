// Shows the point of a curve that is nearest to the mouse. Each point is [x, y, step, value].
for (const svg of document.querySelectorAll("svg[data-points]")) {
  const points = JSON.parse(svg.dataset.points);
  const make = (tag, kind) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    element.setAttribute("class", kind);
    element.setAttribute("visibility", "hidden");
    return svg.appendChild(element);
  };
  const dot = make("circle", "pointer");
  const label = make("text", "value");
  dot.setAttribute("r", 3.5);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const near = points.reduce((a, b) => (Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a));
    const right = near[0] < svg.viewBox.baseVal.width / 2;
    dot.setAttribute("cx", near[0]);
    dot.setAttribute("cy", near[1]);
    label.setAttribute("x", near[0] + (right ? 8 : -8));
    label.setAttribute("y", Math.max(16, near[1] - 8));
    label.setAttribute("text-anchor", right ? "start" : "end");
    label.textContent = `${near[3]} at ${near[2]}`;
    for (const element of [dot, label]) element.setAttribute("visibility", "visible");
  });
  svg.addEventListener("pointerleave", () => {
    for (const element of [dot, label]) element.setAttribute("visibility", "hidden");
  });
}

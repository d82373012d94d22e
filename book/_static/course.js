/* What the theme and the widgets leave out for people who come with a keyboard or a screen reader,
   and one bridge: the widget manager speaks to MathJax 2, the pages carry MathJax 3. */
window.__jupyter_widgets_assets_path__ = new URL(
  "../vendor/npm/@jupyter-widgets/html-manager/dist/",
  document.currentScript.src
).href;

document.addEventListener("DOMContentLoaded", () => {
  if (window.MathJax && !window.MathJax.Hub) {
    window.MathJax.Hub = {
      Queue: ([, , element]) =>
        window.MathJax.startup.promise.then(() => window.MathJax.typesetPromise([element])),
    };
  }

  // Sphinx marks citations with roles that do not go together.
  for (const element of document.querySelectorAll(".citation-list, .citation[role]")) {
    element.removeAttribute("role");
  }

  // The visible words ("Show the solution") name a fold better than the label that hides them.
  for (const fold of document.querySelectorAll("summary[aria-label]")) {
    fold.removeAttribute("aria-label");
  }

  // A box that scrolls must be reachable without a mouse.
  const reach = () => {
    for (const box of document.querySelectorAll(
      "pre, .cell_output, .output.text_html, .pst-scrollable-table-container, mjx-container"
    )) {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      if (scrolls) box.tabIndex = 0;
    }
  };
  reach();
  window.addEventListener("load", reach);
  window.addEventListener("resize", reach);
});

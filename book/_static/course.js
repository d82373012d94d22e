/* What the theme and the widgets leave out for people who come with a keyboard or a screen reader,
   and one bridge: the widget manager speaks to MathJax 2, the pages carry MathJax 3. */
(() => {
  // The widget manager finds its fonts below the folder that require.js names for it.
  const paths = { "@jupyter-widgets": new URL("../vendor/npm/@jupyter-widgets", document.currentScript.src).href };
  if (window.requirejs) window.requirejs.config({ paths });
  else window.require = { paths };
})();

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
  for (const fold of document.querySelectorAll("main summary[aria-label]")) {
    fold.removeAttribute("aria-label");
  }
  // The sidebar's folds have no words at all.
  for (const fold of document.querySelectorAll(".bd-sidebar-primary summary")) {
    const page = fold.closest("li").querySelector("a").textContent.trim();
    fold.setAttribute("aria-label", `Pages under ${page}`);
  }

  // The handle of a slider is the thing that is focused, and its name stands beside it.
  const name = () => {
    for (const handle of document.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".widget-slider, .jupyter-widgets")?.querySelector(".widget-label");
      handle.setAttribute("aria-label", label?.textContent.trim() || "value");
    }
  };
  // Widgets are drawn after the page.
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });

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

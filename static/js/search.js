/* The search over everything: the arrows go through what was found, Enter opens it, Escape goes back to the field. */
(() => {
  const step = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector("[data-search]");
    const links = [...document.querySelectorAll("#search-results a")];
    const at = links.indexOf(event.target);
    if (!field || (event.target !== field && at < 0)) return;
    if (step[event.key] && links.length) {
      event.preventDefault();
      const next = at + step[event.key];
      (next < 0 ? field : links[Math.min(next, links.length - 1)]).focus();
    }
    if (event.key === "Escape" && at >= 0) {
      event.preventDefault();
      field.focus();
    }
  });
})();

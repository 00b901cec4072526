/* Keys on a list: / searches, j and k move, x chooses, Enter opens (the focus is on the row's link). Choosing the whole page. */
(() => {
  const rows = () => [...document.querySelectorAll("[data-list] tbody tr, [data-list] [data-row]")].filter((row) => link(row));
  const link = (row) => row.querySelector(".row-link") || row.querySelector("h2 a");
  const boxes = (list) => [...list.querySelectorAll(".select-cell input")];
  const writes = (element) => element.closest("select, textarea, [contenteditable], input:not([type=checkbox])");

  const move = (step) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    if (next) link(next).focus();
    return Boolean(next);
  };
  const choose = () => {
    const box = document.activeElement.closest("[data-list] tr")?.querySelector(".select-cell input");
    box?.click();
    return Boolean(box);
  };
  const search = () => {
    const field = document.querySelector("[data-list] #q");
    field?.focus();
    field?.select();
    return Boolean(field);
  };
  const keys = { "/": search, j: () => move(1), k: () => move(-1), x: choose };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (writes(event.target) || document.querySelector("dialog[open]")) return;
    if (keys[event.key]?.()) event.preventDefault();
  });

  const count = (list) => {
    const all = boxes(list);
    const chosen = all.filter((box) => box.checked).length;
    const page = list.querySelector("[data-select-page]");
    if (page) {
      page.checked = chosen > 0 && chosen === all.length;
      page.indeterminate = chosen > 0 && chosen < all.length;
    }
    const said = list.querySelector("[data-chosen-count]");
    if (said) said.textContent = `${chosen} chosen:`;
  };
  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-list]");
    if (!list) return;
    if (event.target.matches("[data-select-page]")) boxes(list).forEach((box) => (box.checked = event.target.checked));
    if (event.target.closest(".table")) count(list);
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-list]").forEach((list) => boxes(list).some((box) => box.checked) && count(list)));
})();

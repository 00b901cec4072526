/* <button data-copy="text" data-copied="Copied" data-refused="Select and copy">: copies, says so in its own words for two seconds. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const word = button.querySelector("[data-copy-text]");
  const before = word.dataset.before ?? (word.dataset.before = word.textContent);
  let done = true;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    /* Without https there is no clipboard API. */
    const area = Object.assign(document.createElement("textarea"), { value: button.dataset.copy, readOnly: true, className: "sr-only" });
    button.after(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  word.textContent = done ? button.dataset.copied : button.dataset.refused;
  word.setAttribute("role", "status");
  setTimeout(() => { word.textContent = before; word.removeAttribute("role"); }, 2000);
});

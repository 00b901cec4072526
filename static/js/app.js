/* What every page shares: toasts for answers that did not come, one submit for one click, menus, dialogs, Ctrl-K. */
(() => {
  const toasts = document.getElementById("toasts");
  const template = document.getElementById("toast-template");

  const say = (text) => {
    if (!toasts || !template || [...toasts.querySelectorAll(".toast-text")].some((t) => t.textContent === text)) return;
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.querySelector(".toast-text").textContent = text;
    toasts.append(toast);
  };

  /* A way back that ends is there until it ends: after that, pressing it would do nothing. */
  const countDown = (toast, end) => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) return toast.remove();
    toast.querySelector("[data-toast-seconds]").textContent = `(${left} s)`;
    setTimeout(countDown, 1000, toast, end);
  };

  /* Good news leaves by itself, unless it is being read or offers a way back; bad news stays until closed. */
  const leave = (toast) => {
    if (toast.dataset.timed || toast.matches(".toast-bad")) return;
    toast.dataset.timed = "1";
    if (toast.dataset.seconds) return countDown(toast, performance.now() + toast.dataset.seconds * 1000);
    const wait = toast.querySelector("form") ? 20000 : 8000;
    const go = () => (toast.matches(":hover, :focus-within") ? setTimeout(go, 2000) : toast.remove());
    setTimeout(go, wait);
  };
  if (toasts) {
    toasts.querySelectorAll("[data-toast]").forEach(leave);
    new MutationObserver((seen) => seen.forEach((m) => m.addedNodes.forEach((n) => n.matches?.("[data-toast]") && leave(n))))
      .observe(toasts, { childList: true });
  }

  /* htmx: no answer, or an answer that is an error. A part that asks by itself stays silent; it says so in its own place. */
  const own = (event) => event.target.closest?.("[data-join], [data-quiet]");
  document.addEventListener("htmx:responseError", (event) => {
    const { status, responseText } = event.detail.xhr;
    if (status === 401 || status === 419) return location.reload();
    /* A card that is not there any more (the student was withdrawn) must not go on showing its button. */
    if (status === 404 && event.target.matches?.("[data-join]")) return location.reload();
    if (own(event)) return;
    const plain = (event.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    say(plain && responseText.length < 200 ? responseText : toasts.dataset.refused);
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) =>
    document.addEventListener(name, (event) => own(event) || say(toasts.dataset.unreachable)));

  /* A plain form is sent once: its button turns busy and a second click goes nowhere. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-delete], [data-hx-post]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  });

  document.addEventListener("click", (event) => {
    event.target.closest("[data-close-toast]")?.closest("[data-toast]").remove();
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
    /* Browsers that do not know command/commandfor yet. */
    const button = event.target.closest("button[commandfor]");
    if (button && !("command" in HTMLButtonElement.prototype)) {
      const dialog = document.getElementById(button.getAttribute("commandfor"));
      if (button.getAttribute("command") === "show-modal") dialog?.showModal();
      if (button.getAttribute("command") === "close") dialog?.close();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details[data-menu][open]");
      menu?.removeAttribute("open");
      if (menu?.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
    const search = document.querySelector("[data-search]");
    if (search && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  /* After a refused form the summary is read first. */
  const focusSummary = (root) => root.querySelector?.("[data-focus]")?.focus();
  focusSummary(document);
  document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.target));

  /* Who searches without seeing the list hears how many there are now. */
  const found = document.getElementById("found");
  document.addEventListener("htmx:afterSettle", (event) => {
    const count = event.target.querySelector?.(".pager p, [data-found]");
    if (found && count && event.detail.requestConfig?.elt?.closest("[role=search]")) found.textContent = count.textContent;
  });
})();

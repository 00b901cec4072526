/* The join card's clock. It ticks against the server's time, measured with performance.now(): what the device's clock says does
   not matter. It asks the server (event "ask", see hx-trigger) when a named instant passes, when the page is seen again and when
   the connection is back; never merely to redraw. */
(() => {
  const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR, NBSP = "\u00a0";
  const cards = new Map(); // id → { stamp, base, asked }
  const plainTitle = document.title;
  let timer;

  /* base + performance.now() = the server's time. Every answer arrives a little late, so of many the largest base is the truest;
     one that differs by more than half a minute means that a clock was set or the device slept, and wins. */
  const rebase = (card, arrivedAt) => {
    const stamp = Number(card.dataset.serverNow);
    const known = cards.get(card.id) ?? { asked: -Infinity };
    if (known.stamp === stamp) return known;
    const base = stamp - arrivedAt;
    if (known.base === undefined || base > known.base || known.base - base > MINUTE / 2) known.base = base;
    known.stamp = stamp;
    cards.set(card.id, known);
    return known;
  };

  const ask = (card, soon = 0) => {
    const known = cards.get(card.id);
    if (document.hidden || !known || performance.now() - known.asked < 3000) return;
    known.asked = performance.now();
    setTimeout(() => card.isConnected && window.htmx?.trigger(card, "ask"), soon);
  };

  /* data-units: one and many of day, hour, minute, second, as "day,days;h,h;…". */
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const DAYS = 0, HOURS = 1, MINUTES = 2, SECONDS = 3;
  const words = (units, ...parts) => parts.filter(Boolean).map(([n, unit, digits = 1]) => {
    const [one, many] = units.split(";")[unit].split(",");
    return String(n).padStart(digits, "0") + NBSP + (plural.select(n) === "one" ? one : many);
  }).join(NBSP);
  const down = (ms, units) => {
    const s = Math.max(0, Math.ceil(ms / 1000));
    const d = Math.floor(s / 86400), h = Math.floor(s / 3600), m = Math.floor(s / 60);
    if (ms >= DAY) return words(units, [d, DAYS], h % 24 && [h % 24, HOURS]);
    if (ms >= HOUR) return words(units, [h, HOURS], m % 60 && [m % 60, MINUTES]);
    return m ? words(units, [m, MINUTES], [s % 60, SECONDS, 2]) : words(units, [s, SECONDS]);
  };
  const up = (ms, units) => {
    const m = Math.max(0, Math.floor(ms / MINUTE));
    if (m < 1) return words(units, [Math.max(0, Math.floor(ms / 1000)), SECONDS]);
    return m < 60 ? words(units, [m, MINUTES]) : words(units, [Math.floor(m / 60), HOURS], m % 60 && [m % 60, MINUTES]);
  };

  const tick = () => {
    clearTimeout(timer);
    let next = 1000, title = "";
    document.querySelectorAll("[data-join]").forEach((card) => {
      const now = rebase(card, performance.now()).base + performance.now();
      const { countsTo, countMode, askAt, serverNow, tabTitle } = card.dataset;
      const text = card.querySelector("[data-count]");
      if (text && countsTo) {
        const said = countMode === "up" ? up(now - countsTo, text.dataset.units) : down(countsTo - now, text.dataset.units);
        if (text.textContent !== said) text.textContent = said;
      }
      /* An instant that lay ahead when the server spoke has passed: ask, each browser a little apart from the others. */
      if (askAt?.split(" ").some((at) => serverNow < Number(at) && Number(at) <= now)) ask(card, Math.random() * 700);
      next = Math.min(next, 1000 - (now % 1000) + 15);
      title ||= tabTitle;
    });
    const wanted = title ? title + " · " + plainTitle : plainTitle;
    if (document.title !== wanted) document.title = wanted;
    if (!document.hidden && document.querySelector("[data-join]")) timer = setTimeout(tick, next);
  };

  const each = (act) => document.querySelectorAll("[data-join]").forEach(act);
  const navigation = performance.getEntriesByType("navigation")[0];
  each((card) => rebase(card, navigation?.responseStart ?? performance.now()));
  tick();

  const seen = () => { if (!document.hidden) { tick(); each((card) => ask(card)); } };
  if (navigation?.type === "back_forward") setTimeout(seen, 0);
  addEventListener("pageshow", (event) => event.persisted && seen());
  addEventListener("online", seen);
  document.addEventListener("visibilitychange", seen);

  /* Nobody is looking: do not ask. Coming back asks at once. */
  document.addEventListener("htmx:beforeRequest", (event) => { if (document.hidden && event.target.matches("[data-join]")) event.preventDefault(); });
  document.addEventListener("htmx:afterSwap", tick);
  document.addEventListener("htmx:sendError", (event) => event.target.matches?.("[data-join]") && event.target.setAttribute("data-offline", ""));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.xhr?.status && event.target.matches?.("[data-join]") && event.target.removeAttribute("data-offline"));
})();

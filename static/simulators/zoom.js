// Looks again every few seconds and puts the new <main> in place of the old one when it differs,
// so that nobody loses the focus for nothing.
const seconds = Number(document.querySelector("main").dataset.refresh);

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main");
  const shown = document.querySelector("main");
  if (!fresh || fresh.innerHTML === shown.innerHTML) return;
  shown.replaceWith(fresh);
  document.title = page.title;
}

if (seconds) setInterval(() => look().catch(() => {}), seconds * 1000);

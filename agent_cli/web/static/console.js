// The console works without scripts. This makes the keyboard shorter: j and k move in a list, Enter
// opens, / searches, r goes to the reply, u goes back to the list.
"use strict";
const typing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
const rows = () => [...document.querySelectorAll("[data-row] a")];
const step = (by) => {
  const all = rows(), at = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
};
const keys = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => document.querySelector("[type=search]")?.focus(),
  r: () => document.querySelector("#reply")?.focus(),
  u: () => document.querySelector("[data-back]")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (typing() || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
// A form that takes long says so, and is sent once; a page to which the browser goes back is ready.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-slow]")) return;
  if (form.classList.contains("sent")) event.preventDefault();
  form.classList.add("sent");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.sent")) form.classList.remove("sent");
});

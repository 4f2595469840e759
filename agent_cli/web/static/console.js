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

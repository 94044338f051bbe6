// What a reader can do with an answer or another text: open sources, explain terms, copy, read aloud, print, complain.
// Everything is found by delegation under one root, so that it works for answers that come later, and in a shadow root.
import { speak, hush } from "./speech.js";

export function attach(root, toast) {
  root.addEventListener("click", (event) => click(event, root, toast));
  root.addEventListener("submit", (event) => event.target.matches("[data-wrong]") && complain(event));
  root.addEventListener("keydown", (event) => event.key === "Escape" && leaveSource(root));
  root.addEventListener("copy", markGenerated);
  explainTerms(root);
}

function click(event, root, toast) {
  const target = event.composedPath().find((node) => node.matches?.("a, button"));
  if (!target) return;
  if (target.matches(".marker, .back")) follow(event, target, root);
  else if (target.matches(".term")) event.detail && event.preventDefault(); // the keyboard's Enter opens the page
  else if (target.dataset.copy !== undefined) copy(target.dataset.copy, target, toast);
  else if (target.dataset.keep) keep(event, target, toast);
  else if (target.dataset.whole !== undefined) showWhole(target);
  else if (target.dataset.read !== undefined) read(target);
  else if (target.dataset.print !== undefined) window.print();
}

// From a sentence to its source and back. The address stays as it is: the source is beside the sentence.
function follow(event, link, root) {
  const aim = root.querySelector(`[id="${CSS.escape(link.hash.slice(1))}"]`);
  if (!aim) return;
  event.preventDefault();
  for (const marked of root.querySelectorAll(".is-current")) marked.classList.remove("is-current");
  const marker = link.matches(".marker") ? link : aim.querySelector(".marker");
  if (link.matches(".marker")) {
    for (const mark of marksOf(aim)) mark.classList.add("is-current");
    aim.closest(".source")?.classList.add("is-current");
    link.closest(".sentence").classList.add("is-current");
    came = link;
  }
  const landing = link.matches(".marker") ? aim : marker;
  landing.focus({ preventScroll: true });
  aim.scrollIntoView({ block: "center", behavior: calm() ? "instant" : "smooth" });
}

let came = null; // the marker that led to the source now open

function leaveSource(root) {
  const focused = root.activeElement ?? document.activeElement;
  if (came?.isConnected && focused?.closest(".source")) came.focus();
}

// The marked words of the source at `aim`, whose id ends in its number.
function marksOf(aim) {
  if (aim.matches(".row")) return [aim];
  const number = aim.id.slice(aim.id.lastIndexOf("-") + 1);
  return aim.closest(".source").querySelectorAll(`mark[data-marks~="${number}"]`);
}

function showWhole(button) {
  const text = button.closest(".source").querySelector(".source-text");
  const isWhole = text.classList.toggle("is-whole");
  button.setAttribute("aria-expanded", String(isWhole));
}

async function copy(text, button, toast) {
  try {
    await navigator.clipboard.writeText(text);
    toast("copied");
  } catch {
    toast("uncopied"); // no permission, or the page is not served over https
  }
}

async function keep(event, link, toast) {
  event.preventDefault();
  try {
    const response = await fetch(new URL(link.dataset.keep, link.href), { method: "POST", headers: { Accept: "application/json" } });
    const { address, message } = await response.json();
    if (!response.ok) return toast("", message);
    await navigator.clipboard.writeText(address).then(() => toast("linked"), () => location.assign(address));
  } catch {
    location.assign(link.href);
  }
}

async function complain(event) {
  event.preventDefault();
  const form = event.target;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  const body = new URLSearchParams(new FormData(form));
  try {
    const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
    const { message } = await response.json();
    if (response.ok) form.replaceChildren(said);
    else form.append(said);
    said.textContent = message;
  } catch {
    form.submit();
  }
}

function read(button) {
  const wasReading = button.getAttribute("aria-pressed") === "true";
  hush();
  if (wasReading) return;
  const body = button.closest(".answer-body, [data-speech]");
  const texts = [...body.querySelectorAll(".answer-status, .sentence, .notice, [data-say]")].map(spoken);
  button.setAttribute("aria-pressed", "true");
  speak(texts, () => button.setAttribute("aria-pressed", "false"));
}

function spoken(element) {
  const copy = element.cloneNode(true);
  for (const marker of copy.querySelectorAll(".marker")) marker.remove();
  for (const cell of copy.querySelectorAll(".cell")) cell.append("，");
  return copy.textContent.trim();
}

// What a model wrote carries its label when a part of it is copied.
function markGenerated(event) {
  const selection = document.getSelection();
  const runs = [...event.currentTarget.querySelectorAll(".run-generated")];
  const run = runs.find((one) => selection.containsNode(one, true));
  if (!run || !event.clipboardData) return;
  event.clipboardData.setData("text/plain", `${selection}\n（${run.querySelector(".origin").textContent}）`);
  event.preventDefault();
}

const HOVER_MS = 200;

// A term's card opens on hover, focus and tap, stays while the pointer is on it, and closes with Escape.
function explainTerms(root) {
  let waiting = 0;
  const later = (action) => {
    clearTimeout(waiting);
    waiting = setTimeout(action, HOVER_MS);
  };
  const over = (event) => event.target.closest?.(".term, .term-card");
  root.addEventListener("pointerover", (event) => {
    const found = over(event);
    if (found?.matches(".term") && event.pointerType === "mouse") later(() => openCard(root, found));
    else if (found) clearTimeout(waiting);
  });
  root.addEventListener("pointerout", (event) => {
    if (over(event) && event.pointerType === "mouse") later(() => closeCards(root));
  });
  root.addEventListener("focusin", (event) => {
    const found = over(event);
    if (found?.matches(".term")) openCard(root, found);
    else if (!found) closeCards(root);
  });
  root.addEventListener("click", (event) => {
    const found = over(event);
    if (found?.matches(".term") && event.detail) openCard(root, found);
  });
}

function openCard(root, link) {
  const card = root.querySelector(`[id="${CSS.escape(link.getAttribute("aria-describedby"))}"]`);
  if (!card || card.matches(":popover-open")) return;
  card.showPopover({ source: link });
  const line = link.getClientRects()[0];
  const { width, height } = card.getBoundingClientRect();
  if (getComputedStyle(card).getPropertyValue("--is-sheet")) return; // on a phone it stands at the bottom
  const isBelow = line.bottom + height + 12 < innerHeight || line.top < height + 12;
  card.style.left = `${Math.max(12, Math.min(line.left, innerWidth - width - 12))}px`;
  card.style.top = `${isBelow ? line.bottom + 6 : line.top - height - 6}px`;
}

function closeCards(root) {
  for (const card of root.querySelectorAll(".term-card:popover-open")) card.hidePopover();
}

export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// Reading the report: its outline beside it, words found in it, a link for any words selected in it.
import { toast } from "./page.js";

const text = document.querySelector(".report-text");
const beside = matchMedia("(min-width: 64em)");

// Where there is room beside the text, the contents stand open and follow the reader.
document.querySelector(".contents details").open = beside.matches;
const links = new Map([...document.querySelectorAll(".contents nav a")].map((link) => [link.hash.slice(1), link]));
const headings = [...links.keys()].map((id) => document.getElementById(id));
const watcher = new IntersectionObserver(markHere, { rootMargin: "0px 0px -70% 0px" });
for (const heading of headings) watcher.observe(heading);

function markHere() {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight * 0.3).at(-1);
  for (const [id, link] of links) link.toggleAttribute("aria-current", id === passed?.id);
  const here = links.get(passed?.id);
  if (here && beside.matches) here.scrollIntoView({ block: "nearest" });
}

// Words are found across the borders of sentences, but not of paragraphs and cells.
const find = document.querySelector(".find");
const wanted = find.querySelector("input");
const count = find.querySelector(".count");
let found = [];
let at = -1;

function blocks() {
  return text.querySelectorAll("p, h2, h3, h4, h5, h6, .entry, td, th");
}

function search() {
  const words = wanted.value.trim().toLowerCase();
  found = words ? [...blocks()].flatMap((block) => [...rangesIn(block, words)]) : [];
  at = -1;
  highlight();
  count.textContent = !words ? "" : found.length ? `${found.length}` : count.dataset.none;
}

function* rangesIn(block, words) {
  const nodes = [];
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let whole = "";
  while (walker.nextNode()) {
    nodes.push([whole.length, walker.currentNode]);
    whole += walker.currentNode.data;
  }
  const lower = whole.toLowerCase();
  for (let start = lower.indexOf(words); start >= 0; start = lower.indexOf(words, start + words.length)) {
    const range = new Range();
    range.setStart(...place(nodes, start));
    range.setEnd(...place(nodes, start + words.length, true));
    yield range;
  }
}

function place(nodes, position, isEnd = false) {
  const [start, node] = nodes.findLast(([begin]) => (isEnd ? begin < position : begin <= position));
  return [node, position - start];
}

function highlight() {
  if (!CSS.highlights) return;
  CSS.highlights.set("found", new Highlight(...found));
  CSS.highlights.set("found-now", new Highlight(...(found[at] ? [found[at]] : [])));
}

function step(by) {
  if (!found.length) return;
  at = (at + by + found.length) % found.length;
  highlight();
  count.textContent = `${at + 1}/${found.length}`;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  found[at].startContainer.parentElement.scrollIntoView({ block: "center", behavior: calm ? "instant" : "smooth" });
}

wanted.addEventListener("input", search);
find.addEventListener("submit", (event) => {
  event.preventDefault();
  step(1);
});
find.querySelector("[data-step]").addEventListener("click", () => step(-1));

// A selection can be copied as a link to it, or with where it stands.
const tools = document.querySelector(".selected");
let selected = null;

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const words = selection.toString().trim();
  const unit = words && text.contains(selection.anchorNode) ? unitAt(selection.getRangeAt(0)) : null;
  selected = unit ? { words, unit } : null;
  tools.hidden = !selected;
});

function unitAt(range) {
  const node = range.startContainer;
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  return element.closest("[id]");
}

tools.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
tools.addEventListener("click", async (event) => {
  const kind = event.target.dataset.selected;
  if (!kind || !selected) return;
  const address = `${location.origin}${location.pathname}#${selected.unit.id}`;
  const directive = /[\n\t]/.test(selected.words) ? "" : `:~:text=${encodeURIComponent(selected.words).replaceAll("-", "%2D")}`;
  const copied = kind === "link" ? address + directive : `${selected.words}\n——《${text.dataset.title}》\n${address}`;
  try {
    await navigator.clipboard.writeText(copied);
    toast(kind === "link" ? "linkOnly" : "copied");
  } catch {
    toast("uncopied");
  }
});

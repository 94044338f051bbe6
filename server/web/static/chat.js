// The chat without page loads: posts the form for events, shows what the server made of the answer, keeps the thread.
import { calm } from "./reader.js";
import { readEvents } from "./sse.js";
import { History } from "./history.js";

const main = document.getElementById("main");
const list = document.getElementById("thread");
const suggested = document.getElementById("suggested");
const form = document.getElementById("ask");
const input = document.getElementById("question");
const waiting = document.getElementById("waiting");
const progress = document.getElementById("progress");
const heard = document.getElementById("heard");
const problem = document.getElementById("problem");
const retry = document.getElementById("retry");
const words = JSON.parse(form.dataset.words);
const history = new History(Number(form.dataset.historyLimit));

let request = null; // the AbortController of the question under way
let failed = ""; // the question that "try again" asks

class Refusal extends Error {
  constructor(message, seconds = 0) {
    super(message); // a sentence for the asker
    this.seconds = seconds;
  }
}

async function ask(question) {
  if (request) return;
  request = new AbortController();
  const pending = open(question);
  try {
    await receive(question, pending);
  } catch (error) {
    fail(error, question, pending);
  } finally {
    request = null;
    setBusy(false);
  }
}

async function receive(question, pending) {
  const response = await send(question);
  for await (const { event, data } of readEvents(response)) {
    if (event === "status" && progress.textContent !== data.words) progress.textContent = data.words;
    if (event === "sentence") grow(data, pending);
    if (event === "done") return finish(data, pending);
  }
  throw new Refusal(words.cut);
}

async function send(question) {
  if (!navigator.onLine) throw new Refusal(words.offline);
  const body = new URLSearchParams([["question", question], ...chosen(), ...history.fields()]);
  const headers = { Accept: "text/event-stream" };
  const response = await fetch("/", { method: "POST", headers, body, signal: request.signal });
  if (response.ok) return response;
  const { message } = await response.json().catch(() => ({}));
  throw new Refusal(message || words.unreachable, Number(response.headers.get("Retry-After")) || 0);
}

// The report to be asked, where several are loaded and one is chosen.
function chosen() {
  const report = document.getElementById("report")?.value;
  return report ? [["report", report]] : [];
}

// A sentence that is certain while others are still on their way.
function grow({ html, heard: text }, pending) {
  pending.querySelector(".answer")?.remove();
  pending.append(fragment(html));
  hear([text]);
}

function finish(data, pending) {
  const exchange = fragment(data.html).firstElementChild;
  if (!calm()) exchange.classList.add("is-new");
  pending.replaceWith(exchange);
  suggested.replaceChildren(fragment(data.suggested));
  history.remember(data);
  showThread();
  hear(data.heard);
  exchange.scrollIntoView({ block: "start", behavior: calm() ? "instant" : "smooth" });
}

// Screen readers are told whole sentences, once each.
function hear(texts) {
  heard.append(...texts.filter(Boolean).map((text) => element("p", text)));
}

function fail(error, question, pending) {
  pending.remove();
  showThread();
  failed = question;
  if (error.name === "AbortError") say(words.stopped, true);
  else say(error instanceof Refusal ? error.message : words.unreachable, true, error.seconds);
  if (!input.value) input.value = question;
  input.focus();
}

function open(question) {
  const pending = element("section", "");
  pending.className = "exchange is-pending";
  const box = element("div", "");
  box.className = "question";
  const heading = element("h2", words.question);
  heading.className = "visually-hidden";
  box.append(heading, element("p", question));
  pending.append(box);
  list.append(pending);
  suggested.replaceChildren();
  heard.replaceChildren();
  input.value = "";
  say("");
  progress.textContent = words.asking;
  setBusy(true);
  showThread();
  pending.scrollIntoView({ block: "start", behavior: calm() ? "instant" : "smooth" });
  return pending;
}

function say(message, canRetry = false, seconds = 0) {
  problem.firstElementChild.textContent = message;
  problem.hidden = !message;
  retry.hidden = !(message && canRetry);
  countDown(seconds);
}

// After "too many questions" the button says when it works again.
function countDown(seconds) {
  clearTimeout(countDown.timer);
  retry.disabled = seconds > 0;
  retry.textContent = seconds > 0 ? words.wait.replace("{seconds}", seconds) : words.retry;
  if (seconds > 0) countDown.timer = setTimeout(() => countDown(seconds - 1), 1000);
}

function setBusy(isBusy) {
  waiting.hidden = !isBusy;
  for (const button of document.querySelectorAll("#send, .examples button, .suggestions button")) button.disabled = isBusy;
}

function showThread() {
  const hasThread = list.childElementCount > 0;
  main.classList.toggle("has-thread", hasThread);
  form.querySelector("label").textContent = hasThread ? words.follow : words.first;
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // written by this server's templates, which escape; the page's policy runs no script in it
  return template.content;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function show(exchanges, last) {
  list.replaceChildren(...exchanges.map((one) => fragment(one.html)));
  suggested.replaceChildren(fragment(last?.suggested ?? ""));
  showThread();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { submitter } = event;
  const question = (submitter?.name === "question" ? submitter.value : input.value).trim();
  if (question) ask(question);
  else say(words.blank);
});
input.addEventListener("keydown", (event) => {
  // Enter that picks a word of an input method is not meant for us.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.getElementById("stop").addEventListener("click", () => request?.abort());
retry.addEventListener("click", () => {
  input.value = "";
  ask(failed);
});
document.getElementById("restart").closest("form").addEventListener("submit", (event) => {
  event.preventDefault();
  request?.abort();
  history.begin();
  location.assign("/");
});
window.addEventListener("offline", () => say(words.offline));
window.addEventListener("online", () => problem.firstElementChild.textContent === words.offline && say(""));

// Back from the report: the conversation is as it was left.
if (!list.childElementCount) show(history.exchanges, history.exchanges.at(-1));
else history.adopt(form);
history.list(document.getElementById("history"), (exchanges) => show(exchanges, exchanges.at(-1)));

// The chat without page loads: asks /api/chat, shows sentences as they come, keeps the conversation.
import { renderAnswer, renderPartial, renderQuestion } from "./answer.js";
import { readEvents } from "./sse.js";
import { Thread } from "./thread.js";

const STAGES = {
  understand: "正在理解问题……",
  retrieve: "正在查找报告……",
  compose: "正在整理回答……",
  verify: "正在核对原文……",
  write: "正在组织语言，每句话都会先核对……",
};
const OFFLINE = "现在没有网络连接。连上网络后再提问，写好的问题会留着。";
const UNREACHABLE = "暂时连不上服务。请稍后再试，写好的问题还在。";
const STOPPED = "已停止，写好的问题还在。";
const CUT_OFF = "回答没有传完。请再问一次。";

const main = document.getElementById("main");
const list = document.getElementById("thread");
const form = document.getElementById("ask");
const input = document.getElementById("question");
const progress = document.getElementById("progress");
const problem = document.getElementById("problem");
const abort = document.getElementById("abort");
const thread = new Thread(form);

let request = null; // the AbortController of the question under way
let count = 0;

class Refusal extends Error {} // its message is a sentence for the asker

async function ask(question) {
  if (request) return;
  request = new AbortController();
  const exchange = openExchange(question);
  setBusy(true);
  try {
    await receive(question, exchange);
  } catch (error) {
    give(error, question, exchange);
  } finally {
    request = null;
    setBusy(false);
  }
}

async function receive(question, exchange) {
  const response = await send(question);
  const prefix = `source-js-${++count}`;
  const sentences = [];
  const citations = [];
  for await (const { event, data } of readEvents(response)) {
    if (event === "status") progress.textContent = STAGES[data.stage] ?? "";
    if (event === "sentence") sentences.push(data);
    if (event === "citation") citations.push(data);
    if (event === "done") return finish(data, prefix, exchange);
    if (sentences.length) show(renderPartial(sentences, citations, prefix), exchange);
  }
  throw new Refusal(CUT_OFF);
}

async function send(question) {
  if (!navigator.onLine) throw new Refusal(OFFLINE);
  const response = await fetch("/api/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ question, history: thread.history }),
    signal: request.signal,
  });
  if (response.ok) return response;
  const { message } = await response.json().catch(() => ({}));
  throw new Refusal(message || UNREACHABLE);
}

function finish(answer, prefix, exchange) {
  show(renderAnswer(answer, prefix), exchange);
  thread.remember(answer);
  const sources = answer.citations.length ? `，有 ${answer.citations.length} 处出处` : "";
  progress.textContent = answer.status.startsWith("answered") ? `回答好了${sources}。` : "已回复。";
  form.querySelector("label").textContent = "接着问";
}

function give(error, question, exchange) {
  exchange.remove();
  main.classList.toggle("has-thread", list.childElementCount > 0);
  progress.textContent = "";
  if (error.name === "AbortError") say(STOPPED);
  else say(error instanceof Refusal ? error.message : UNREACHABLE);
  if (!input.value) input.value = question;
  input.focus();
}

function openExchange(question) {
  const exchange = document.createElement("div");
  exchange.append(renderQuestion(question));
  list.append(exchange);
  main.classList.add("has-thread");
  input.value = "";
  say("");
  progress.textContent = STAGES.understand;
  exchange.scrollIntoView({ block: "start" });
  return exchange;
}

function show(article, exchange) {
  exchange.querySelector(".answer")?.remove();
  exchange.append(article);
}

function say(message) {
  problem.textContent = message;
  problem.hidden = !message;
}

function setBusy(isBusy) {
  progress.classList.toggle("is-busy", isBusy);
  abort.hidden = !isBusy;
  for (const button of document.querySelectorAll("#send, #examples button")) button.disabled = isBusy;
}

function restart(event) {
  event.preventDefault();
  request?.abort();
  thread.forget();
  window.location.assign("/");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = input.value.trim();
  if (question) ask(question);
  else say("请先写下您的问题。");
});
document.getElementById("examples")?.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(event.submitter.value);
});
input.addEventListener("keydown", (event) => {
  // Enter that picks a word of an input method is not meant for us.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
abort.addEventListener("click", () => request?.abort());
document.getElementById("restart").addEventListener("click", restart);
window.addEventListener("offline", () => say(OFFLINE));
window.addEventListener("online", () => problem.textContent === OFFLINE && say(""));

// Back from the report: the conversation is as it was left.
function resume() {
  try {
    for (const answer of thread.resume()) {
      show(renderAnswer(answer, `source-js-${++count}`), openExchange(answer.question));
    }
  } catch {
    thread.forget(); // kept by an older version of this page
  }
  progress.textContent = "";
}

if (!list.childElementCount) resume();

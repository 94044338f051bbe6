// An Answer → elements. templates/answer.html builds the same: change both together (a browser test compares them).
const labels = JSON.parse(document.getElementById("thread").dataset.labels);
const SHORTEST_QUOTE = 12;

export function renderQuestion(text) {
  return element("div", "question", element("h2", "visually-hidden", "您问"), element("p", "", text));
}

export function renderAnswer(answer, prefix) {
  const isAnswer = answer.status.startsWith("answered");
  const related = isAnswer ? [] : answer.related;
  const article = element(
    "article",
    classes("answer", !isAnswer && "non-answer", (answer.citations.length || related.length) && "with-sources"),
  );
  article.append(renderBody(answer, prefix));
  if (answer.citations.length) {
    const cards = answer.citations.map((citation) => renderSource(citation, prefix));
    article.append(renderSources("sources", "出处", cards));
  }
  if (related.length) {
    article.append(renderSources("sources related", "报告里最接近的内容", related.map((place) => renderSource(place))));
  }
  return article;
}

// What has arrived of an answer that is still on its way.
export function renderPartial(sentences, citations, prefix) {
  const answer = { status: "answered", sentences, citations, related: [] };
  const article = renderAnswer(answer, prefix);
  article.setAttribute("aria-busy", "true");
  return article;
}

function renderBody(answer, prefix) {
  const heading = labels.statuses[answer.status] ?? labels.statuses[answer.status.split("_")[0]];
  const body = element("div", "answer-body");
  body.append(element("h2", classes("answer-status", !heading && "visually-hidden"), heading ?? "回答"));
  if (answer.resolved_question && answer.resolved_question !== answer.question) {
    body.append(element("p", "resolved", `我理解您问的是：${answer.resolved_question}`));
  }
  body.append(...runs(answer.sentences).map((run) => renderRun(run, prefix)));
  if (answer.answer && !answer.sentences.length) body.append(element("p", "sentence", ...words(answer.answer)));
  if (answer.notice) body.append(element("p", "notice", element("strong", "", "请注意"), answer.notice));
  return body;
}

// Neighbouring sentences of one origin.
function runs(sentences) {
  const found = [];
  for (const sentence of sentences) {
    if (found.at(-1)?.[0].origin === sentence.origin) found.at(-1).push(sentence);
    else found.push([sentence]);
  }
  return found;
}

function renderRun(run, prefix) {
  const { origin } = run[0];
  const isLabelled = origin === "generated" || run.some((sentence) => sentence.markers.length);
  const box = element("div", `run run-${isLabelled ? origin : "plain"}`);
  if (isLabelled) box.append(element("p", "origin", labels.origins[origin]));
  for (const sentence of run) {
    const markers = sentence.markers.map((marker) => renderMarker(marker, prefix));
    box.append(element("p", "sentence", ...words(sentence.text), ...markers));
  }
  return box;
}

function renderMarker(marker, prefix) {
  const link = element("a", "marker", element("span", "", `[${marker}]`));
  link.href = `#${prefix}-${marker}`;
  link.setAttribute("aria-label", `出处 ${marker}`);
  return link;
}

function renderSources(className, title, cards) {
  return element("section", className, element("h3", "", title), element("ol", "", ...cards));
}

function renderSource(place, prefix) {
  const isCited = place.marker !== undefined;
  const kind = element("p", "source-kind", labels.kinds[place.kind]);
  if (isCited) kind.prepend(element("span", "source-marker", `[${place.marker}]`));
  const link = element("a", "source-link", "在报告中查看");
  link.href = placeHref(place);
  link.setAttribute("aria-label", `在报告中查看${isCited ? `出处 ${place.marker}` : `：${place.title}`}`);
  const quote = element("blockquote", "source-quote", ...words(place.quote));
  const card = element("li", "source", kind, element("p", "source-title", place.title), quote, link);
  if (isCited) card.id = `${prefix}-${place.marker}`;
  return card;
}

// As server/page_views.py does: a browser highlights the first match within one block, so short quotes and table rows
// would mislead it.
function placeHref({ url, quote }) {
  if ([...quote].length < SHORTEST_QUOTE || /[\t\n]/.test(quote)) return url;
  return `${url}:~:text=${encodeURIComponent(quote).replaceAll("-", "%2D")}`;
}

// Table rows are quoted with a TAB between cells; the TABs stay.
function words(text) {
  if (!text.includes("\t")) return [text];
  return text.split("\t").flatMap((cell, i) => [...(i ? ["\t"] : []), element("span", "cell", cell)]);
}

function classes(...names) {
  return names.filter(Boolean).join(" ");
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

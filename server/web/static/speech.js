// Texts read aloud by the browser, one after the other.
let finish = null;

export function speak(texts, whenDone) {
  finish = whenDone;
  const utterances = texts.filter(Boolean).map((text) => {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = "zh-CN";
    utterance.rate = 0.9;
    return utterance;
  });
  if (!utterances.length) return hush();
  utterances.at(-1).onend = hush;
  for (const utterance of utterances) {
    utterance.onerror = hush;
    speechSynthesis.speak(utterance);
  }
}

export function hush() {
  const done = finish;
  finish = null;
  speechSynthesis?.cancel();
  done?.();
}

globalThis.addEventListener?.("pagehide", () => finish && hush());

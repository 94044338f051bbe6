// Every page: what `reader.js` offers, on the whole document.
import { attach } from "./reader.js";

const place = document.getElementById("toast");
const words = JSON.parse(place.dataset.words);
let hiding = 0;

// Says a short word at the edge of the page, on screen and to screen readers.
export function toast(key, message = words[key]) {
  place.textContent = message ?? "";
  clearTimeout(hiding);
  hiding = setTimeout(() => (place.textContent = ""), 4000);
}

attach(document, toast);

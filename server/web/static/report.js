// Where there is room beside the text, the contents stand open.
if (window.matchMedia("(min-width: 64em)").matches) {
  document.querySelector(".contents details").open = true;
}

// Before the first paint: what only a script can do may be shown.
document.documentElement.classList.add("scripted");
if ("speechSynthesis" in window) document.documentElement.classList.add("speaking");

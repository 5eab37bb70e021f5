// Refines the desk; everything works without it.
const queue = document.getElementById("queue");
if (queue) {
  const rows = [...queue.tBodies[0].rows];
  const hint = document.querySelector(".keys");
  let here = -1;
  const go = (step) => {
    rows[here]?.classList.remove("here");
    here = Math.max(0, Math.min(rows.length - 1, here + step));
    rows[here].classList.add("here");
    rows[here].querySelector("th a").focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "x" && here >= 0) rows[here].querySelector("input[type=checkbox]")?.click();
    else if (event.key === "?") hint.hidden = !hint.hidden;
  });
  if (hint) hint.hidden = false;
}

// While a case is worked on: look again, but never while somebody types.
const working = document.querySelector("[data-working]");
if (working) {
  setInterval(() => {
    const busy = document.querySelector("details[open] textarea, details[open] select");
    if (!busy && !document.hidden) location.reload();
  }, 4000);
}

document.getElementById("errors")?.focus();

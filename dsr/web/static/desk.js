// Refines the desk; everything works without it.
// Keys are not ours while she types, nor when she turned them off.
const off = document.body.classList.contains("no-keys");
const typing = (event) => off || event.ctrlKey || event.metaKey || event.altKey
  || event.target.matches("input:not([type=checkbox]), select, textarea");

// The next case of the queue, or its next page.
document.addEventListener("keydown", (event) => {
  if (event.key === "n" && !typing(event)) document.querySelector("a[rel=next]")?.click();
});

// A list to walk and to choose from: the cases of the queue, the proposed records of a case.
const rows = [...document.querySelectorAll("#queue tbody tr, [data-walk] .record")];
if (rows.length) {
  const hint = document.querySelector(".keys");
  const boxes = rows.flatMap((row) => [...row.querySelectorAll("input[type=checkbox]")]);
  const every = document.getElementById("every") ?? document.getElementById("every-proposal");
  const chosen = document.getElementById("chosen");
  const wholes = [...document.querySelectorAll("[data-all]")].map((box) => [
    box, [...box.closest("[data-whole]").querySelectorAll("input[type=checkbox]:not([data-all])")],
  ]);
  const tell = () => {
    const many = boxes.filter((box) => box.checked).length;
    if (chosen) chosen.textContent = many || "";
    if (every && many < boxes.length) every.checked = false;
    for (const [whole, those] of wholes) whole.checked = those.every((box) => box.checked);
  };
  if (every) {
    every.parentElement.hidden = false;
    if (every.checked) for (const box of boxes) box.checked = true;
    every.addEventListener("change", () => { for (const box of boxes) box.checked = every.checked; tell(); });
  }
  for (const [whole, those] of wholes) {
    if (whole.checked) for (const box of those) box.checked = true;
    whole.addEventListener("change", () => { for (const box of those) box.checked = whole.checked; tell(); });
  }
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
  let here = -1;
  const go = (step) => {
    rows[here]?.classList.remove("here");
    here = Math.max(0, Math.min(rows.length - 1, here + step));
    rows[here].classList.add("here");
    const fold = rows[here].closest("details");
    if (fold) fold.open = true;
    rows[here].querySelector("th a, input[type=checkbox]")?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (typing(event)) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "x" && here >= 0) rows[here].querySelector("input[type=checkbox]")?.click();
    else if (event.key === "a") every?.click();
    else if (event.key === "?" && hint) hint.hidden = !hint.hidden;
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

// On a telephone the menu is a strip: begin where she is.
document.querySelector(".desk-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

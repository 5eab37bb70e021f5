// Refines what already works without it: moves to the errors, counts letters, guards against double sending.

const errors = document.getElementById("errors");
if (errors) errors.focus();

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
}

window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The mails of a demonstration: look again, but not under the eyes of somebody who reads further down.
if (document.querySelector("[data-renew]")) {
  setInterval(() => {
    if (!document.hidden && scrollY < 100) location.reload();
  }, 4000);
}

// Passkeys (W3C WebAuthn): asks the authenticator and sends its answer with the form. Without scripts a code is typed.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const written = (made, ...parts) => JSON.stringify({
  id: made.id, rawId: text(made.rawId), type: made.type,
  response: Object.fromEntries(parts.filter((part) => made.response[part]).map((part) => [part, text(made.response[part])])),
});

const ways = {
  async create(options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials) };
    return written(await navigator.credentials.create({ publicKey }), "attestationObject", "clientDataJSON");
  },
  async get(options) {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
    return written(await navigator.credentials.get({ publicKey }), "authenticatorData", "clientDataJSON", "signature", "userHandle");
  },
};

for (const part of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const form = part.closest("form"), button = part.querySelector("button"), wrong = part.querySelector("[role=alert]");
  const code = form.elements.code, way = part.dataset.passkey;
  part.hidden = false;
  button.addEventListener("click", async () => {
    if (way === "get") code.required = false;
    if (!form.reportValidity()) return;
    wrong.hidden = button.disabled = true;
    try {
      form.elements.credential.value = await ways[way](JSON.parse(part.dataset.options));
      form.requestSubmit(way === "get" ? form.querySelector("button:not([type=button])") : undefined);
    } catch (error) {
      wrong.hidden = button.disabled = false;
      if (way === "get") code.required = true;
    }
  });
}

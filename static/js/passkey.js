/* Passkeys: asks the browser for one and sends what it answers with the form. */
(() => {
  const form = document.querySelector("form[data-passkey]");
  const button = form?.querySelector("[data-passkey-button]");
  if (!form || !button) return;
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return button.remove();

  const ask = () => {
    const options = JSON.parse(form.dataset.options);
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    try {
      form.elements.credential.value = JSON.stringify((await ask()).toJSON());
      form.submit();
    } catch {
      button.removeAttribute("aria-busy"); /* cancelled: the code still works */
    }
  });
})();

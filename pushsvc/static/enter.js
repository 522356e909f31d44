// Press the button of a host app's ticket, once. Without script the person does.
"use strict";
const form = document.querySelector("form[data-auto]");
if (form) {
  form.addEventListener("submit", () => {
    form.querySelector("button").disabled = true;
  });
  if (form.dataset.auto === "1") form.requestSubmit();
}

// Copy a record's address, print it. Without this the address is copied by hand.

const texts = document.querySelector("[data-texts=record]").dataset;

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(field.dataset.copied);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = texts.copied;
    } catch {
      said.textContent = texts.notCopied;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  for (const words of document.querySelectorAll("[data-without-script]")) words.hidden = true;
}

// A button that copies what is handed over; without it the text is marked and copied by hand.

const texts = document.querySelector("[data-texts=copy]").dataset;

document.querySelectorAll("textarea[data-copy]").forEach((area) => {
  if (!navigator.clipboard) return; // only where the page is safe from others
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts.copy;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  said.className = "small";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(area.value);
    said.textContent = texts.copied;
  });
  const row = document.createElement("p");
  row.className = "buttons";
  row.append(button, said);
  area.parentElement.append(row);
});

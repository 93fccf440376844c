// Counts the characters that are left in fields with a limit. The page works without this module.

for (const control of document.querySelectorAll("form[data-draft] [data-count]")) {
  const left = document.createElement("p");
  left.className = "count-left";
  const maximum = Number(control.dataset.count);
  const update = () => {
    const rest = maximum - control.value.length;
    const near = rest < maximum * 0.25;
    left.textContent = !near ? "" : rest >= 0
      ? `${rest} tecken kvar` : `${-rest} tecken för mycket`;
  };
  control.after(left);
  control.addEventListener("input", update);
  update();
}

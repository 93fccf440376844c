// Counts the characters that are left in fields with a limit. The page works without this module.

const texts = document.querySelector("[data-texts=count]").dataset;

for (const control of document.querySelectorAll("form[data-draft] [data-count]")) {
  const left = document.createElement("p");
  left.className = "count-left";
  const maximum = Number(control.dataset.count);
  const update = () => {
    const rest = maximum - control.value.length;
    const near = rest < maximum * 0.25;
    const words = rest >= 0 ? texts.left : texts.over;
    left.textContent = near ? words.replace("{count}", Math.abs(rest)) : "";
  };
  control.after(left);
  control.addEventListener("input", update);
  update();
}

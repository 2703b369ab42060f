// The timer of the stand-up: fifteen minutes that can be paused. It says nothing aloud until the end.
const timer = document.querySelector("[data-timer]");
if (timer) {
  const shown = timer.querySelector("[data-left]"), button = timer.querySelector("[data-toggle]");
  const digits = [...(document.documentElement.dataset.digits || "")];
  let left = Number(timer.dataset.timer) * 60000, until = 0, ticking = 0;
  const own = text => digits.length ? text.replace(/\d/g, digit => digits[digit]) : text;
  const draw = () => {
    const now = until ? Math.max(0, until - performance.now()) : left;
    const seconds = Math.ceil(now / 1000);
    shown.textContent = own(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
    if (now > 0) return;
    clearInterval(ticking);
    [left, until] = [Number(timer.dataset.timer) * 60000, 0];
    timer.classList.add("over");
    shown.setAttribute("aria-live", "polite");
    shown.textContent = timer.dataset.over;
    button.textContent = button.dataset.start;
  };
  button.addEventListener("click", () => {
    timer.classList.remove("over");
    shown.setAttribute("aria-live", "off");
    clearInterval(ticking);
    if (until) {
      [left, until] = [Math.max(0, until - performance.now()), 0];
    } else {
      until = performance.now() + left;
      ticking = setInterval(draw, 250);
    }
    button.textContent = until ? button.dataset.stop : button.dataset.start;
    draw();
  });
  draw();
  timer.hidden = false;
}

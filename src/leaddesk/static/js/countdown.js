// Countdowns: `<time data-countdown datetime="…" data-left="… left" data-late="… late">` says how long is left.
// The text changes once a minute, and each second within the last minute. Nothing speaks by itself.
// A clock that stands still or doesn't run all day is worded by the server, and has no `data-left`.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const digits = (number) => {
  const own = document.documentElement.dataset.digits;
  return own ? String(number).replace(/\d/g, (one) => [...own][Number(one)]) : String(number);
};
const unit = (name, number) => (document.documentElement.dataset[name] ?? "…").replace("…", digits(number));

/** A span of milliseconds in its two largest units, as the server words it. */
export function spanWords(length) {
  const told = Math.max(length, 0);
  if (told < MINUTE) return unit("second", Math.floor(told / SECOND));
  if (told < HOUR) return unit("minute", Math.floor(told / MINUTE));
  if (told < DAY) {
    const rest = Math.floor((told % HOUR) / MINUTE);
    return rest ? `${unit("hour", Math.floor(told / HOUR))} ${unit("minute", rest)}` : unit("hour", Math.floor(told / HOUR));
  }
  const rest = Math.floor((told % DAY) / HOUR);
  return rest ? `${unit("day", Math.floor(told / DAY))} ${unit("hour", rest)}` : unit("day", Math.floor(told / DAY));
}

/** How far the clock of this machine is from the server's, from what the page was made with. */
const skew = () => Number(document.documentElement.dataset.skew ?? 0);

function retold() {
  const now = Date.now() + skew();
  for (const one of document.querySelectorAll("[data-countdown][data-left]")) {
    const left = Date.parse(one.dateTime) - now;
    const words = (left >= 0 ? one.dataset.left : one.dataset.late).replace("…", spanWords(Math.abs(left)));
    if (one.textContent !== words) one.textContent = words;
    one.classList.toggle("late", left < 0);
    one.classList.toggle("soon", left >= 0 && left < 15 * MINUTE);
  }
}

export function startCountdowns() {
  const made = Number(document.documentElement.dataset.now ?? Date.now());
  const skewed = made - Date.now();
  document.documentElement.dataset.skew = Math.abs(skewed) > 5 * SECOND ? skewed : 0;
  retold();
  setInterval(retold, SECOND);
  document.addEventListener("htmx:afterSwap", retold);
}

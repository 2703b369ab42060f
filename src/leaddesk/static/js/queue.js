// Queue: acts show at once and say "saved" only when they are; without a network they are kept and sent
// later, once. The rows are looked at again every two seconds, and keep focus, scroll and open forms.
import { choose, chosenRow } from "./keys.js";
import { toast } from "./toast.js";

const AGAIN = 2_000;
const FADES = 4_000;
const MINUTE = 60_000;
const NARROW = matchMedia("(max-width: 64rem)");

const list = document.getElementById("queue");
const pane = document.getElementById("pane");
const badge = document.querySelector("[data-network]");
const says = document.getElementById("queue-says");
const words = list.dataset;
const box = `leaddesk.acts.${words.person}`;
let tag = `"${list.querySelector("[data-mark]").dataset.mark}"`;

const rows = () => [...list.querySelectorAll("[data-row]")];
const rowOf = (lead) => rows().find((row) => row.dataset.lead === lead);
const token = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
const now = () => Date.now() + Number(document.documentElement.dataset.skew ?? 0);

function mark(row, text) {
  if (!row) return;
  row.classList.toggle("saving", Boolean(text));
  const place = row.querySelector("[data-saves]");
  place.textContent = text;
  place.hidden = !text;
}

// ---- What waits to be sent

const kept = () => JSON.parse(localStorage.getItem(box) ?? "[]");
function keep(acts) {
  if (acts.length) localStorage.setItem(box, JSON.stringify(acts));
  else localStorage.removeItem(box);
}
const isSame = (one, other) => one.fields.token === other.fields.token;
/** An act that failed to get through, or that a closed page left behind. */
const isLeft = (act) => act.failed || now() - act.fields.pressed > 15_000;
const fail = (act) => keep(kept().map((one) => (isSame(one, act) ? { ...one, failed: true } : one)));
const drop = (act) => keep(kept().filter((one) => !isSame(one, act)));

function tellNetwork(state) {
  const waits = kept().filter(isLeft).length;
  const text = state === "ok" ? "" : state === "signed out" ? badge.dataset.signedOut : badge.dataset.offline;
  badge.textContent = [text, waits ? badge.dataset.waits.replace("…", waits) : ""].filter(Boolean).join(" · ");
  badge.hidden = !badge.textContent;
  for (const act of kept().filter(isLeft)) mark(rowOf(act.lead), words.queued);
}

async function post(url, fields) {
  const body = new URLSearchParams(fields);
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.redirected || !answer.headers.get("Content-Type")?.startsWith("application/json")) {
    if (answer.status >= 500) return { ok: false, told: { said: words.failed, undo: "" } };
    throw Object.assign(new Error("signed out"), { signedOut: true });
  }
  return { ok: answer.ok, told: await answer.json() };
}

const takeBack = (url) => async () => {
  try {
    const { told } = await post(url, {});
    toast(told.said);
  } catch {
    toast(words.failed);
  }
  look();
};

/** Send one act; it leaves the box only when the desk has said what became of it. */
async function send(act) {
  const { ok, told } = await post(act.url, act.fields);
  drop(act);
  const row = rowOf(act.lead);
  mark(row, "");
  if (told.outcome === "asks") {
    const again = { ...act, fields: { ...act.fields, anyway: "yes" } };
    toast(told.said, () => send(again).then(look).catch(() => toast(words.failed)), words.anyway);
    return;
  }
  if (ok && row) row.dataset.own = "yes";
  toast(told.said, told.undo ? takeBack(told.undo) : undefined);
}

async function sendKept() {
  for (const act of kept().filter(isLeft)) {
    try {
      await send(act);
    } catch (error) {
      tellNetwork(error.signedOut ? "signed out" : "off");
      return false;
    }
  }
  return true;
}

const oneAtATime = (work) =>
  navigator.locks ? navigator.locks.request(box, { ifAvailable: true }, (held) => (held ? work() : undefined)) : work();

async function acted(event) {
  const form = event.target.closest("form[data-act]");
  if (!form) return;
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form, event.submitter));
  delete fields.csrfmiddlewaretoken;
  const row = form.closest("[data-row]");
  const act = { url: form.action, lead: fields.lead, fields: { ...fields, token: token() } };
  const details = form.closest("details");
  if (details) details.open = false;
  mark(row, words.saving);
  row.focus({ preventScroll: true });
  keep([...kept(), { ...act, fields: { ...act.fields, pressed: Math.round(now()) } }]);
  try {
    await send(act);
    await look();
  } catch (error) {
    fail(act);
    toast(words.queued, () => {
      drop(act);
      mark(rowOf(act.lead), "");
      tellNetwork("ok");
    });
    tellNetwork(error.signedOut ? "signed out" : "off");
  }
}

// ---- What others did

const isBusy = (row) => row.classList.contains("saving") || row.querySelector("details[open]") || row.querySelector("select:focus");

function renewed(old, fresh) {
  old.replaceChildren(...fresh.childNodes);
  old.dataset.version = fresh.dataset.version;
  old.className = fresh.className;
  old.setAttribute("aria-labelledby", fresh.getAttribute("aria-labelledby"));
  globalThis.htmx?.process(old);
}

async function leave(row) {
  row.classList.add("leaving");
  row.inert = true;
  if (!row.dataset.own) {
    const answer = await fetch(`${words.gone}?lead=${encodeURIComponent(row.dataset.lead)}`, { headers: { Accept: "application/json" } });
    const told = new DOMParser().parseFromString((await answer.json()).said, "text/html").body.textContent;
    const place = row.querySelector("[data-saves]");
    place.textContent = told;
    place.hidden = false;
    says.textContent = `${row.dataset.name}: ${told}`;
  }
  setTimeout(() => row.remove(), row.dataset.own ? 600 : FADES);
}

/** Put the rows that came in the place of those that are shown, without moving what is looked at. */
function merge(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-mark]");
  if (!fresh) return;
  const before = new Map(rows().map((row) => [row.dataset.lead, row]));
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const anchor = focused?.closest("[data-row]") ?? rows().find((row) => row.getBoundingClientRect().bottom > 0);
  const top = anchor?.getBoundingClientRect().top;
  const place = rows().indexOf(chosenRow());
  for (const row of fresh.querySelectorAll("[data-row]")) {
    const old = before.get(row.dataset.lead);
    if (!old) continue;
    before.delete(row.dataset.lead);
    old.classList.remove("leaving");
    old.inert = false;
    if (old.dataset.version !== row.dataset.version && !isBusy(old)) renewed(old, row);
    row.replaceWith(old);
  }
  const gone = [...before.values()];
  for (const row of gone) {
    const section = row.closest("section")?.dataset.group;
    (fresh.querySelector(`section[data-group="${section}"]`) ?? fresh).append(row);
  }
  list.replaceChildren(fresh);
  globalThis.htmx?.process(list);
  for (const row of gone) if (!row.classList.contains("leaving")) leave(row);
  const left = rows().filter((row) => !row.inert);
  if (!left.includes(chosenRow()) && left.length) choose(left[Math.min(Math.max(place, 0), left.length - 1)], { focus: Boolean(focused) });
  else if (focused?.isConnected) focused.focus({ preventScroll: true });
  if (anchor?.isConnected && top !== undefined) scrollBy(0, anchor.getBoundingClientRect().top - top);
}

async function look() {
  try {
    const answer = await fetch(words.live, { cache: "no-store", headers: { "If-None-Match": tag } });
    if (answer.redirected) return tellNetwork("signed out");
    if (answer.status === 200) {
      merge(await answer.text());
      tag = answer.headers.get("ETag");
    }
    if (answer.status < 500) tellNetwork("ok");
    if (kept().some(isLeft)) await oneAtATime(sendKept);
  } catch {
    tellNetwork("off");
  }
}

async function keepLooking() {
  if (document.visibilityState === "visible") await look();
  setTimeout(keepLooking, AGAIN);
}

// ---- Told aloud: five minutes, and one minute before

function warn() {
  for (const one of list.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(one.dateTime) - now();
    const row = one.closest("[data-row]");
    const step = left > 5 * MINUTE || left < 0 ? "" : left > MINUTE ? "five" : "one";
    if (step && row.dataset.told !== step && (row.dataset.told !== undefined || left > (step === "five" ? 4.9 : 0.9) * MINUTE)) {
      says.textContent = words[step].replace("…", row.dataset.name);
    }
    row.dataset.told = step;
  }
}

// ---- The lead beside the list

pane.addEventListener("htmx:afterSwap", () => {
  pane.hidden = false;
  const form = pane.querySelector(".lead-acts details[open]");
  (form?.querySelector("select, input:not([type=hidden]), textarea, button") ?? pane).focus();
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.detail.elt;
  if (!NARROW.matches || !link.matches?.("[hx-target='#pane']")) return;
  event.preventDefault();
  location.assign(link.href);
});
pane.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  pane.hidden = true;
  (chosenRow() ?? rows()[0])?.focus();
});

document.addEventListener("submit", acted);
addEventListener("online", look);
if (rows().length && !chosenRow()) choose(rows()[0], { focus: false });
tellNetwork("ok");
setInterval(warn, 1_000);
setTimeout(keepLooking, AGAIN);

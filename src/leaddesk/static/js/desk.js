// What every page runs. Without any of it the pages still read, link and post.
import { startCountdowns } from "./countdown.js";
import { startKeys } from "./keys.js";
import { startPalette } from "./palette.js";
import { startToasts } from "./toast.js";
import { startCopying } from "./copying.js";

startCountdowns();
startKeys();
startPalette();
startToasts();
startCopying();
for (const one of document.querySelectorAll("[data-scripted]")) one.hidden = false;
document.documentElement.dataset.ready = "yes";

// Begin: the time zone of this machine is a better guess than UTC.
const zone = document.getElementById("zone");
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && guess && (zone.value === "" || zone.value === "UTC")) zone.value = guess;

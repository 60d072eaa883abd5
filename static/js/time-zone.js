// Suggests the browser's time zone in a new form; a choice that was sent already stays.
const select = document.querySelector("#id_time_zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const isUntouched = select && ["", "UTC"].includes(select.value) && !document.querySelector(".errorlist");

if (isUntouched && [...select.options].some((option) => option.value === zone)) {
  select.value = zone;
}

// At the first sign-in of the demo, its workspace takes the zone.
const hidden = document.querySelector("input[name=browser_time_zone]");
if (hidden) hidden.value = zone;

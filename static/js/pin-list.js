// The list of pins: many at once, and the page that moves one as a dialog.
import "./bulk.js";
import "./move-dialog.js";

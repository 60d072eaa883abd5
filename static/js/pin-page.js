// The page of a pin: its status, its images, mentions in comments, and the page that moves it as a dialog.
import "./pin-status.js";
import "./carousel.js";
import "./mentions.js";
import "./move-dialog.js";

// The analytics of a pin: its images and its charts.
import "./carousel.js";
import "./charts.js";

// What is still missing reacts to every change: the server is asked with the form as it is, and only the newest answer
// counts.
import { typedIn } from "./typed.js";
import { requestText } from "../http.js";

const AFTER_TYPING_MS = 300;

export function enhanceChecklist(form) {
  let timer = 0;
  let asking = new AbortController();

  async function ask() {
    asking.abort();
    asking = new AbortController();
    try {
      const options = { body: typedIn(form), signal: asking.signal };
      window.htmx.swap(form, await requestText(form.dataset.checklistUrl, options), { swapStyle: "none" });
    } catch {
      // Saving by itself meets the same trouble, and tells it.
    }
  }

  form.addEventListener("composer:change", (event) => {
    clearTimeout(timer);
    timer = setTimeout(ask, event.detail?.isSettled ? 0 : AFTER_TYPING_MS);
  });
  // A live region says what is new.
  form.addEventListener("htmx:oobBeforeSwap", (event) => {
    event.detail.shouldSwap = event.detail.target.innerHTML !== event.detail.fragment.innerHTML;
  });
}

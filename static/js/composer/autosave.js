// Saves what is typed by itself: a short while after the last change, and every few seconds while the user goes on typing.
// What the server does not have yet is also kept in this browser, under the person and the pin, until the server has it:
// a session that has expired, a broken connection or a closed tab loses nothing.
import { csrfToken, request, RequestError } from "../http.js";
import { typedIn } from "./typed.js";

const AFTER_TYPING_MS = 2_000;
const AT_LEAST_EVERY_MS = 6_000;
const TRY_AGAIN_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;

export class Autosave {
  #form;
  #line;
  #keepAs;
  // Counts the changes; those up to #saved are at the server.
  #changes = 0;
  #saved = 0;
  #dirtySince = 0;
  #timer = 0;
  #running = null;
  // What was sent without an answer: it is sent again as it was, and the server knows whether it has it.
  #unanswered = null;
  #isUrgent = false;
  #hasFailed = false;
  #isSignedOut = false;
  #isStopped = false;
  // The form is about to be sent, and the next page says what has been made of a time that the clocks skip.
  #isFlushing = false;

  constructor(form) {
    this.#form = form;
    this.#line = form.querySelector("#autosave-state");
    this.#keepAs = form.dataset.keepAs;
    this.#isStopped = "inConflict" in form.dataset;
    // The user comes back, perhaps from signing in again.
    window.addEventListener("focus", () => this.#hasFailed && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.isUnsaved && this.save());
    window.addEventListener("beforeunload", (event) => this.#leave(event));
  }

  get isUnsaved() {
    return this.#changes > this.#saved;
  }

  // Something was changed; `isSettled` says that it was not by typing.
  touch({ isSettled = false } = {}) {
    if (!this.isUnsaved) this.#dirtySince = Date.now();
    this.#changes += 1;
    this.#form.dataset.saving = "due";
    this.#isUrgent ||= isSettled;
    if (this.#isStopped) return;
    const latest = this.#dirtySince + AT_LEAST_EVERY_MS - Date.now();
    this.#wait(this.#isUrgent ? 0 : Math.max(0, Math.min(AFTER_TYPING_MS, latest)));
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  // The form is on its way, or is thrown away: there is nothing left to save, and nothing to warn about.
  letGo() {
    this.stop();
    this.#saved = this.#changes;
    this.#forget();
  }

  // "Back" has brought the page to life again.
  resume() {
    this.#isStopped = false;
  }

  // Whether everything typed is with the server afterwards, or the server has said why not and waits for a person.
  async flush() {
    await this.#running;
    this.#isFlushing = true;
    try {
      while (this.isUnsaved && !this.#isStopped) {
        await this.save();
        if (this.#hasFailed) return false;
      }
    } finally {
      this.#isFlushing = false;
    }
    return true;
  }

  // Sends what an earlier visit could not. The page is opened anew if it shows less than the server has then; an empty form
  // only if that visit was interrupted, because a user who left by choice wants a new pin now.
  async recover() {
    const kept = this.#kept();
    if (!kept) return;
    const { typed, hasFailed } = JSON.parse(kept);
    try {
      const answer = await (await request(this.#form.dataset.autosaveUrl, { body: new URLSearchParams(typed) })).json();
      this.#forget();
      const isNew = window.location.pathname !== answer.edit_url;
      const isNews = String(answer.version) !== this.#form.elements.version.value;
      if (!answer.edit_url || answer.state === "too_late" || (isNew ? !hasFailed : !isNews) || this.isUnsaved) return;
      this.stop();
      window.location.replace(answer.edit_url);
    } catch (error) {
      this.#say(`Not saved yet: ${error.message}`, true);
    }
  }

  save() {
    if (this.#isStopped) return Promise.resolve();
    this.#running ??= this.#send().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #send() {
    clearTimeout(this.#timer);
    this.#isUrgent = false;
    const sent = this.#unanswered ?? { body: typedIn(this.#form), changes: this.#changes };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    try {
      const response = await request(this.#form.dataset.autosaveUrl, { body: sent.body, signal });
      const answer = await response.json();
      this.#unanswered = null;
      this.#hasFailed = this.#isSignedOut = false;
      this.#saved = sent.changes;
      this.#take(answer, sent);
    } catch (error) {
      this.#fail(error, sent);
    }
    if (!this.isUnsaved) this.#form.dataset.saving = "done";
    if (this.#isStopped || !this.isUnsaved) return;
    this.#wait(this.#hasFailed ? TRY_AGAIN_MS : this.#isUrgent ? 0 : AFTER_TYPING_MS);
  }

  #take(answer, sent) {
    this.#forget();
    this.#dirtySince = Date.now();
    this.#form.elements.csrfmiddlewaretoken.value = csrfToken();
    if (answer.version) this.#form.elements.version.value = answer.version;
    if (answer.edit_url && answer.state !== "too_late" && window.location.pathname !== answer.edit_url) {
      // From now on this page is the draft's: reloading, "Back" and a bookmark find it.
      window.history.replaceState(window.history.state, "", answer.edit_url);
      this.#form.dataset.autosaveUrl = answer.autosave_url;
      this.#keepAs = answer.keep_as;
    }
    const time = this.#form.elements.publish_at;
    const isNews = answer.publish_at && time.value === sent.body.get("publish_at");
    if (isNews && !this.#isFlushing) time.value = answer.publish_at;
    if (["conflict", "too_late"].includes(answer.state)) this.stop();
    this.#say(answer.message, this.#isStopped);
  }

  #fail(error, sent) {
    const isAnswer = error instanceof RequestError;
    if (!isAnswer) this.#unanswered = sent;
    this.#hasFailed = true;
    this.#keep();
    const sentence = isAnswer ? error.message : "you're offline. Trying again.";
    this.#say(`Not saved: ${sentence}${this.#isKept() ? " Your changes are kept in this browser." : ""}`, true);
    this.#isSignedOut = error.status === 401;
    if (!this.#isSignedOut) return;
    const link = document.createElement("a");
    link.href = `${this.#form.dataset.loginUrl}?next=${encodeURIComponent(window.location.pathname)}`;
    link.textContent = "Sign in again";
    this.#line.append(" ", link);
  }

  #wait(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), milliseconds);
  }

  #say(sentence, isTrouble = false) {
    this.#line.classList.toggle("is-trouble", isTrouble);
    if (this.#line.textContent !== sentence) this.#line.textContent = sentence; // screen readers read every change
  }

  // The last words go out with the page; only where that has failed before is there something to ask. Who leaves to sign
  // in again finds them here.
  #leave(event) {
    if (!this.isUnsaved) return;
    this.#keep();
    if (this.#isSignedOut && this.#isKept()) return;
    if (this.#hasFailed || this.#isStopped) event.preventDefault();
    else request(this.#form.dataset.autosaveUrl, { body: typedIn(this.#form), keepalive: true }).catch(() => {});
  }

  get #key() {
    return `composer:${this.#keepAs}`;
  }

  // A browser may forbid all three.
  #keep() {
    try {
      const kept = { typed: typedIn(this.#form).toString(), hasFailed: this.#hasFailed };
      window.localStorage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // What is said below the form does not promise it then.
    }
  }

  #kept() {
    try {
      return window.localStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  #isKept() {
    return this.#kept() !== null;
  }

  #forget() {
    try {
      window.localStorage.removeItem(this.#key);
    } catch {
      // Then there is nothing to forget.
    }
  }
}
